""".NET: restore, build and publish by the dotnet command, NuGet's packages, what a published program runs on."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import both, here, option, unknown
from service.image.effects import LanguageInstall, Phase
from service.knowledge.references import older

_CLI = "learn.microsoft.com/dotnet/core/tools (dotnet restore, build, publish, pack, test, tool)"
_NUGET = "learn.microsoft.com/nuget/consume-packages/managing-the-global-packages-and-cache-folders"
_PROJECTS = (".csproj", ".fsproj", ".vbproj")
_SOLUTIONS = (".sln", ".slnx", ".slnf")
_VALUED = frozenset(
    (
        *("-o", "--output", "-c", "--configuration", "-f", "--framework", "-r", "--runtime", "-v", "--verbosity", "-s", "--source", "-a", "--arch"),
        *("--os", "--manifest", "--version-suffix", "--artifacts-path", "--configfile", "--packages", "-l", "--logger", "--filter", "--settings"),
        *("--version", "--tool-path", "--add-source", "--collect", "--results-directory", "--lock-file-path", "-n", "--name"),
    )
)
_SELF_CONTAINED = re.compile(r"<(?:SelfContained|PublishAot)>\s{0,20}true\s{0,20}<", re.IGNORECASE)
_INVARIANT = re.compile(r"<InvariantGlobalization>\s{0,20}true\s{0,20}<", re.IGNORECASE)
_SDK = re.compile(r"""(?:<Project\s[^<>]{0,200}?Sdk\s{0,5}=\s{0,5}|<Sdk\s[^<>]{0,200}?Name\s{0,5}=\s{0,5})["']([^"'<>]{1,100})["']""")
_INCLUDED = re.compile(
    r"""<(PackageReference|ProjectReference|FrameworkReference|Import)\s[^<>]{0,300}?(?:Include|Project)\s{0,5}=\s{0,5}["']([^"'<>]{1,300})["']"""
)
_OWN = ("--self-contained", "--sc")
_SWITCH = re.compile(r"/[A-Za-z]{1,30}:")
_SWITCHES = frozenset({"true", "false", "/m", "/nologo", "/restore", "/r"})
_PLAIN_SDKS = frozenset({"Microsoft.NET.Sdk", "Microsoft.NET.Sdk.Worker"})
_WITHOUT_FRAMEWORK = (
    *("Microsoft.Extensions.", "Microsoft.Data.", "Microsoft.EntityFrameworkCore", "Microsoft.NETCore.App", "System.", "FSharp.", "NETStandard."),
    *("Newtonsoft.Json", "Npgsql", "Dapper", "StackExchange.Redis", "MySql.Data", "MySqlConnector", "MongoDB.", "RabbitMQ.Client", "Confluent.Kafka"),
    *("Serilog", "NLog", "log4net", "Polly", "CommandLineParser", "CsvHelper", "AutoMapper", "FluentValidation", "Humanizer", "Suave"),
    *("Google.Protobuf", "Grpc.Net.Client", "Grpc.Tools", "Azure.", "AWSSDK.", "MediatR", "Spectre.Console", "YamlDotNet", "SixLabors."),
)
"""Packages whose nuspec on nuget.org names no frameworkReference: what they bring runs on the plain runtime. A name with AspNetCore is none."""


# --- where the command works


def _named(arguments: Arguments) -> str:
    """The project, solution or folder that is named; MSBuild's switches may be written with a slash (/p:Configuration=Release)."""
    words = (word for word in arguments.positionals if word and "=" not in word and word not in _SWITCHES and not _SWITCH.match(word))
    return next(words, "")


def _project(invocation: Invocation, arguments: Arguments) -> str:
    """The project's folder: of the project or solution file that is named, the folder that is named, else where the command runs."""
    named = _named(arguments)
    if not named:
        return invocation.path(".")
    return invocation.path(posixpath.dirname(named) if named.endswith((*_PROJECTS, *_SOLUTIONS, ".proj")) else named)


def _solution(invocation: Invocation, arguments: Arguments) -> bool:
    """Whether a solution, and with it several projects, may be built: one is named, or lies in the folder, or nobody can say."""
    named = _named(arguments)
    if named.endswith(_PROJECTS):
        return False
    listed = invocation.children(_project(invocation, arguments))
    return named.endswith(_SOLUTIONS) or listed is None or any(path.endswith(_SOLUTIONS) for path in listed)


def _files(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """The project files that are known to be meant."""
    named = _named(arguments)
    if named.endswith(_PROJECTS):
        return (invocation.path(named),)
    return tuple(path for path in invocation.children(_project(invocation, arguments)) or () if path.endswith(_PROJECTS))


def _core_2(invocation: Invocation) -> bool:
    """An SDK before 3.0: the first address of the images ends there, whatever the tag."""
    version = invocation.base.version
    return invocation.base.family == "microsoft/dotnet" or (bool(version) and older(version, "3.0"))


def _output(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The folder of --output. Without it what is built lies in bin/, of which only what the program names ships."""
    named = arguments.value("-o", "--output")
    if None in arguments.positionals or (named is None and arguments.has("-o", "--output")):
        return None
    if not named:
        return ()
    folder = _project(invocation, arguments)
    # Until the SDK 3.0 a relative output folder lay below the project's folder (dotnet publish, --output).
    if not _core_2(invocation) or named.startswith("/"):
        return (invocation.path(named),)
    # Each project of a solution had an output folder of its own.
    alone = not _solution(invocation, arguments) or _files(invocation, arguments) or _named(arguments)
    return (posixpath.normpath(posixpath.join(folder, named)),) if alone else (folder,)


def _intermediate(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """obj/ and bin/ of the project, where it is built unless --output says otherwise; projects that it refers to have theirs beside their files."""
    folder = _project(invocation, arguments)
    own = tuple(posixpath.join(folder, name) for name in ("bin", "obj"))
    others = (posixpath.join(path, name) for path in _referred(invocation, arguments) for name in ("bin", "obj"))
    return (folder,) if _solution(invocation, arguments) and folder != "/" else tuple(dict.fromkeys((*own, *others)))


def _objects(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    return tuple(path for path in _intermediate(invocation, arguments) if posixpath.basename(path) != "bin")


def _referred(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """The folders of the projects that a project refers to, and theirs."""
    queue: list[str] = list(_files(invocation, arguments))
    found: dict[str, str] = {}
    while queue and len(found) < 60:
        path = queue.pop()
        for kind, name in _INCLUDED.findall(invocation.read(path) or ""):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), name.replace("\\", "/")))
            if kind == "ProjectReference" and target not in found:
                found[target] = posixpath.dirname(target)
                queue.append(target)
    return tuple(dict.fromkeys(found.values()))


# --- NuGet


def _packages(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """The packages' folder. A command that does not restore reads them where an earlier one has put them; until the SDK 3.0
    what was built, but not published, loaded them from there (runtimeconfig.dev.json)."""
    if arguments.has("--no-restore", "--no-build"):
        return ()
    named = arguments.value("--packages") or invocation.env.get("NUGET_PACKAGES") or "~/.nuget/packages"
    return (invocation.path(named),)


def _answers(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """What NuGet keeps of the index's answers; with the packages at hand nobody misses it."""
    return (invocation.path("~/.local/share/NuGet"),) if _packages(invocation, arguments) else ()


def _kept_packages(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """Before 3.0 what was built, but not published, loads its packages from their folder; only --output tells what was published."""
    published = "publish" in invocation.words and arguments.has("-o", "--output")
    return _packages(invocation, Arguments((), arguments.positionals))[:1] if _core_2(invocation) and not published else ()


def _restored(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """A project in the folder that the command runs in: of several the manifests lie in folders of their own."""
    folder = _project(invocation, arguments)
    files = _files(invocation, arguments)
    alone = len(files) == 1 and not _solution(invocation, arguments) and folder == invocation.path(".")
    return LanguageInstall(
        "dotnet restore",
        "dotnet",
        manifests=files if alone else (),
        target=posixpath.join(folder, "obj"),
        cache=next(iter(_packages(invocation, arguments)), None),
    )


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """None where a project imports or refers to others: their files lie in folders of their own."""
    if not name.endswith(_PROJECTS):
        return ()
    return None if any(kind in ("ProjectReference", "Import") for kind, _ in _INCLUDED.findall(content)) else ()


# --- what a published program runs on


def _published(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """The frameworks that the program loads: none where it brings its own, ASP.NET Core unless the project shows that it does without."""
    contents = [invocation.read(path) for path in _files(invocation, arguments)]
    frameworks: tuple[str, ...] = ()
    if not _brings_its_own(invocation, arguments, contents):
        plain = bool(contents) and not _solution(invocation, arguments) and all(text is not None and _plain(text) for text in contents)
        frameworks = ("Microsoft.NETCore.App",) if plain else ("Microsoft.NETCore.App", "Microsoft.AspNetCore.App")
    invariant = bool(contents) and all(text is not None and _INVARIANT.search(text) for text in contents)
    return LanguageInstall("dotnet publish", "dotnet", packages=(*frameworks, *(() if invariant else ("System.Globalization",))))


def _brings_its_own(invocation: Invocation, arguments: Arguments, contents: list[str | None]) -> bool:
    """Self-contained and ahead-of-time compiled programs (learn.microsoft.com/dotnet/core/deploying)."""
    words = [(word or "?").lower() for word in invocation.words]
    if "--no-self-contained" in words or any(f"{switch} {no}" in " ".join(words) for switch in _OWN for no in ("false", "?")):
        return False
    if any(value is not None and value.lower() in ("", "true") for value in arguments.values(*_OWN)):
        return True
    given = [name.lower() + "=" + (value or "").lower() for name, value in arguments.options]
    given += [(word or "").lower() for word in arguments.positionals]
    switches = ("selfcontained=true", "publishaot=true")
    if any(text.endswith(switch) and text.startswith(("-p:", "/p:", "--property:", "-property:")) for text in given for switch in switches):
        return True
    return bool(contents) and all(text is not None and _SELF_CONTAINED.search(text) for text in contents)


def _plain(text: str) -> bool:
    """Whether a project asks for nothing beyond the plain runtime: by its SDK, its references, and packages that are known to bring no framework."""
    sdks = [name.partition("/")[0] for name in _SDK.findall(text)]
    return bool(sdks) and all(name in _PLAIN_SDKS for name in sdks) and all(_harmless(kind, name) for kind, name in _INCLUDED.findall(text))


def _harmless(kind: str, name: str) -> bool:
    return kind == "PackageReference" and name.startswith(_WITHOUT_FRAMEWORK) and "aspnetcore" not in name.lower()


# --- tools


def _tools(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """~/.dotnet/tools for a global tool, the folder that is named, else the packages' folder (dotnet tool install)."""
    return option("--tool-path", otherwise=here("~/.dotnet/tools"))(invocation, arguments)


def _added(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return (invocation.path("."),)


def _certificate(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    exported = tuple(arguments.values("-ep", "--export-path"))
    return None if None in exported else (invocation.path("~/.dotnet/corefx/cryptography"), *(invocation.path(path) for path in exported if path))


def _settings(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return option("--configfile", otherwise=here("~/.nuget/NuGet/NuGet.Config"))(invocation, arguments)


def _cleared(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return _packages(invocation, arguments) if arguments.has("-c", "--clear") else ()


def _steps() -> Iterator[Step]:
    yield Step(
        "dotnet restore",
        Phase.INSTALL,
        scratch=both(_objects, _answers),
        caches=_packages,
        valued=_VALUED,
        install=_restored,
        source=f"{_CLI}; {_NUGET}",
    )
    yield Step(
        "dotnet build|msbuild",
        Phase.BUILD,
        writes=both(_output, _kept_packages),
        scratch=both(_intermediate, _answers),
        caches=_packages,
        valued=_VALUED,
        install=_published,
        source=_CLI,
    )
    yield Step(
        "dotnet publish",
        Phase.BUILD,
        writes=both(_output, _kept_packages),
        scratch=both(_intermediate, _answers),
        caches=_packages,
        valued=_VALUED,
        install=_published,
        source=_CLI,
    )
    yield Step(
        "dotnet pack", Phase.BUILD, writes=_output, scratch=both(_intermediate, _answers), caches=_packages, valued=_VALUED, source=_CLI
    )
    yield Step(
        "dotnet test|vstest",
        Phase.BUILD,
        option("--results-directory"),
        scratch=both(_intermediate, _answers),
        caches=_packages,
        valued=_VALUED,
        source=_CLI,
    )
    yield Step("dotnet clean", Phase.CLEAN, valued=_VALUED, source=_CLI)
    yield Step("dotnet add|remove|sln|list", Phase.BUILD, scratch=_added, caches=_packages, valued=_VALUED, source=_CLI)
    yield Step("dotnet new", Phase.BUILD, scratch=option("-o", "--output", otherwise=here(".")), caches=_packages, valued=_VALUED, source=_CLI)
    yield Step("dotnet tool install|update", Phase.BUILD, scratch=_tools, caches=_packages, valued=_VALUED, tree=False, source=_CLI)
    yield Step("dotnet tool restore", Phase.BUILD, caches=_packages, valued=_VALUED, source=_CLI)
    yield Step("dotnet tool run", Phase.BUILD, unknown, source=_CLI)
    yield Step("dotnet nuget locals", Phase.CLEAN, deletes=_cleared, source=_NUGET)
    yield Step("dotnet nuget add|update|remove|enable|disable", Phase.BUILD, scratch=_settings, valued=_VALUED, tree=False, source=_NUGET)
    yield Step("dotnet nuget push|list|verify", Phase.CHECK, source=_NUGET)
    yield Step(
        "dotnet dev-certs https", Phase.SETUP, writes=_certificate, valued=frozenset({"-ep", "--export-path", "-p", "--password"}), source=_CLI
    )
    yield Step("dotnet format", Phase.CHECK, source=_CLI)
    yield Step("dotnet help|--info|--version|--list-sdks|--list-runtimes", Phase.CHECK, source=_CLI)


ECOSYSTEM = Ecosystem(
    name="dotnet",
    summary=".NET by the dotnet command",
    images=("mcr.microsoft.com/dotnet/sdk", "microsoft/dotnet"),
    manifests=(
        Manifest(
            ("*.csproj", "*.fsproj", "*.vbproj"),
            (
                *("*.csproj", "*.fsproj", "*.vbproj", "NuGet.Config", "NuGet.config", "nuget.config", "global.json", "packages.lock.json"),
                *("Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "Directory.Build.rsp"),
            ),
        ),
    ),
    sources=(
        *("*.cs", "*.fs", "*.fsi", "*.vb", "*.razor", "*.resx", "*.proto", "*.csproj", "*.fsproj", "*.vbproj", "*.csproj.user"),
        *("*.props", "*.targets", "*.sln", "*.slnx", "*.slnf", "*.sln.DotSettings", "*.DotSettings", "*.ruleset"),
        *("NuGet.Config", "NuGet.config", "nuget.config", "global.json", "packages.lock.json", ".config/dotnet-tools.json"),
        *("Properties/launchSettings.json", "*/Properties/launchSettings.json"),
        *("obj/**", "*/obj/**", "bin/Debug/**", "bin/Release/**", "*/bin/Debug/**", "*/bin/Release/**", "*/*/bin/**", "*/*/obj/**"),
    ),
    source_endings=(".cs", ".fs", ".vb"),
    interpreters=("dotnet",),
    compiled=True,
    portable=True,
    beside=True,
    build_env=("NUGET_*", "DOTNET_CLI_*", "DOTNET_SKIP_FIRST_TIME_EXPERIENCE", "DOTNET_NOLOGO", "MSBUILD*", "DOTNET_USE_POLLING_FILE_WATCHER"),
    development=(
        *("dotnet run", "dotnet watch", "dotnet build", "dotnet test", "dotnet restore", "dotnet publish", "dotnet ef", "dotnet msbuild"),
        *("dotnet fsi", "dotnet script", "dotnet new", "dotnet tool", "dotnet pack", "dotnet dev-certs", "dotnet nuget", "dotnet sln"),
    ),
    local_references=local_references,
    steps=tuple(_steps()),
)
