"""What a .NET project asks for, where its commands write, and which runtime is chosen."""

from __future__ import annotations

import pytest

from service.ecosystems import CATALOGUE, Invocation
from service.ecosystems.dotnet import local_references
from service.image.effects import LanguageInstall
from service.knowledge.images import base_image
from service.knowledge.variants import slimmer

WEB = '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup/></Project>'
PLAIN = WEB.replace(".Web", "")


def _asking(package: str) -> str:
    return PLAIN.replace("<PropertyGroup/>", f'<ItemGroup><PackageReference Include="{package}" /></ItemGroup>')


def _invocation(command: str, base: str = "mcr.microsoft.com/dotnet/sdk:8.0", **files: str) -> Invocation:
    listed = {f"/app/{name}": text for name, text in files.items()}
    return Invocation(
        tuple(command.split()),
        "/app",
        base=base_image(base),
        read=listed.get,
        children=lambda folder: tuple(path for path in listed if path.rpartition("/")[0] == folder),
    )


def _writes(command: str, base: str = "mcr.microsoft.com/dotnet/sdk:8.0") -> tuple[str, ...] | None:
    invocation = _invocation(command, base, **{"App.csproj": WEB})
    match = CATALOGUE.find(invocation)
    assert match is not None
    return match.step.writes(invocation, match.arguments)


def _frameworks(command: str, project: str) -> tuple[str, ...]:
    invocation = _invocation(command, **{"App.csproj": project})
    match = CATALOGUE.find(invocation)
    assert match is not None and match.step.install is not None
    install = match.step.install(invocation, match.arguments)
    assert isinstance(install, LanguageInstall)
    return tuple(name for name in install.packages if name.startswith("Microsoft"))


@pytest.mark.parametrize(
    ("command", "base", "paths"),
    [
        ("dotnet publish -c Release -o out", "mcr.microsoft.com/dotnet/sdk:8.0", ("/app/out",)),
        ("dotnet publish -c Release --output=/srv", "mcr.microsoft.com/dotnet/sdk:8.0", ("/srv",)),
        ("dotnet publish src/App/App.csproj -o out /p:UseAppHost=false", "mcr.microsoft.com/dotnet/sdk:8.0", ("/app/out",)),
        ("dotnet publish /p:Configuration=Release -o out src/App", "mcr.microsoft.com/dotnet/core/sdk:2.2", ("/app/src/App/out",)),
        ("dotnet publish -c Release", "mcr.microsoft.com/dotnet/sdk:8.0", ()),
        ("dotnet publish -c Release", "microsoft/dotnet:sdk", ("/root/.nuget/packages",)),
    ],
)
def test_where_publishing_writes(command: str, base: str, paths: tuple[str, ...]) -> None:
    assert _writes(command, base) == paths


@pytest.mark.parametrize(
    ("command", "project", "frameworks"),
    [
        ("dotnet publish -o out", WEB, ("Microsoft.NETCore.App", "Microsoft.AspNetCore.App")),
        ("dotnet publish -o out", PLAIN, ("Microsoft.NETCore.App",)),
        ("dotnet publish -o out", _asking("Acme"), ("Microsoft.NETCore.App", "Microsoft.AspNetCore.App")),
        ("dotnet publish -o out", _asking("Npgsql"), ("Microsoft.NETCore.App",)),
        ("dotnet publish -o out", _asking("Serilog.AspNetCore"), ("Microsoft.NETCore.App", "Microsoft.AspNetCore.App")),
        ("dotnet publish -o out --self-contained true -r linux-x64", WEB, ()),
        ("dotnet publish -o out --self-contained false -r linux-x64", PLAIN, ("Microsoft.NETCore.App",)),
        ("dotnet publish -o out -p:PublishAot=true", WEB, ()),
        ("dotnet publish -o out", PLAIN.replace("<PropertyGroup/>", "<SelfContained>true</SelfContained>"), ()),
    ],
)
def test_what_a_program_runs_on(command: str, project: str, frameworks: tuple[str, ...]) -> None:
    assert _frameworks(command, project) == frameworks


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PLAIN, ()),
        ('<Project><ProjectReference Include="..\\Lib\\Lib.csproj" /></Project>', None),
        ('<Project><Import Project="../x.props" /></Project>', None),
    ],
)
def test_a_project_that_refers_to_others_is_not_copied_alone(content: str, expected: tuple[str, ...] | None) -> None:
    assert local_references("App.csproj", content) == expected


@pytest.mark.parametrize(
    ("reference", "last"),
    [
        ("mcr.microsoft.com/dotnet/sdk:8.0.404-jammy", "mcr.microsoft.com/dotnet/aspnet:8.0-jammy"),
        ("mcr.microsoft.com/dotnet/core/sdk:3.1-buster", "mcr.microsoft.com/dotnet/core/aspnet:3.1-buster-slim"),
        ("mcr.microsoft.com/dotnet/core/sdk:3.0.100", "mcr.microsoft.com/dotnet/core/aspnet:3.0"),
        ("mcr.microsoft.com/dotnet/sdk:10.0-alpine-aot", "mcr.microsoft.com/dotnet/aspnet:10.0-alpine"),
        ("microsoft/dotnet:2.1.402-sdk-bionic", "microsoft/dotnet:2.1-aspnetcore-runtime-bionic"),
        ("microsoft/dotnet:2.0.0-sdk", "microsoft/dotnet:2.0-runtime"),
        ("mcr.microsoft.com/dotnet/sdk:99.0", None),
        ("mcr.microsoft.com/dotnet/sdk:8.0@sha256:" + "0" * 64, None),
        ("microsoft/dotnet:1.0.1-sdk-projectjson", None),
    ],
)
def test_runtimes_of_an_sdk(reference: str, last: str | None) -> None:
    assert (slimmer(base_image(reference)) or (None,))[-1] == last
