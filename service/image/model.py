"""What an image is: its configuration, what is known of its base, and the layers with what they do to paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from service.quick import quick


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """`test` is empty for NONE's absence; `("NONE",)`, `("CMD", ...)` or `("CMD-SHELL", text)` as in the image config. Options as written."""

    test: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class Config:
    """An image's configuration, by the OCI image specification's names. `env` and `labels` keep the order of first appearance; a wide range of
    `ports` is one entry (`1-65535/tcp`)."""

    env: Sequence[tuple[str, str]] = ()
    workdir: str = "/"
    user: str = ""
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    ports: Set[str] = frozenset()
    volumes: Set[str] = frozenset()
    labels: Sequence[tuple[str, str]] = ()
    stop_signal: str = ""
    healthcheck: Healthcheck | None = None
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    on_build: tuple[str, ...] = ()
    author: str = ""

    def env_value(self, name: str) -> str | None:
        return dict(self.env).get(name)


@dataclass(frozen=True, slots=True)
class BaseImage:
    """What is known of a base image. None means unknown, never "none".

    `family` is the repository without registry (`python`, `golang`, `mcr.microsoft.com/dotnet/sdk`); `version` the tag's version part (`3.12`);
    `variant` the rest of the tag (`slim-bookworm`). `suite` is `bookworm`, `noble`, `alpine3.20`...; `libc` is `glibc`, `musl` or `none`.
    `packages` are the distribution packages inside; `capabilities` a subset of CAPABILITIES; `users` maps a name to its numeric id;
    `programs` are commands on PATH that matter beyond packages (`node`, `npm`, `go`, `java`, `mvn`).
    `toolchain` are paths that only building needs (`/usr/local/go`); `size` and `compressed` are bytes.
    `language_version` is the version of its language where somebody looked and it is not the tag's,
    `own_bytes` what some of its folders weigh where somebody measured them. `arguments_of` is the program that its entrypoint runs with CMD's
    words, and the words that are no commands of their own (`run` on Deno's).
    `workbench` are the programs by which it serves people who work in it (an IDE, a notebook).
    `exact` is False where the tag itself is not in the catalogue and facts come from its family. `documentation` says whether the image's dpkg
    unpacks manuals, documentation and translations: slim images and Ubuntu's exclude them.
    """

    reference: str
    family: str = ""
    version: str = ""
    variant: str = ""
    config: Config = Config()
    packages: frozenset[str] | None = None
    capabilities: frozenset[str] | None = None
    users: Mapping[str, int] = field(default_factory=dict)
    programs: frozenset[str] = frozenset()
    toolchain: tuple[str, ...] = ()
    suite: str | None = None
    libc: str | None = None
    documentation: bool | None = None
    arguments_of: tuple[str, ...] = ()
    workbench: tuple[str, ...] = ()
    language_version: str = ""
    own_bytes: Mapping[str, int] = field(default_factory=dict)
    exact: bool = True
    source: str = ""
    date: str = ""


CAPABILITIES = frozenset({"ca-certificates", "tzdata", "locales", "openssl", "git", "curl", "wget", "shell", "bash", "tmp", "passwd", "fonts"})
