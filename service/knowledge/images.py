"""What is known of base images: configuration, packages, users, suite, C library, capabilities, programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from service.image.model import BaseImage, Config
from service.knowledge import apt
from service.knowledge.references import Reference, Tag, older, parse_reference, parse_tag, ubuntu_suite

_DATA: Mapping[str, Any] = json.loads(files(__package__).joinpath("bases.json").read_text())
_FAMILIES: Mapping[str, Mapping[str, Any]] = _DATA["families"]
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CAPABLE = ("ca-certificates", "tzdata", "locales", "openssl", "git", "curl", "wget")


@lru_cache(maxsize=4096)
def base_image(reference: str) -> BaseImage:
    """The facts of a reference. It always answers: what is not known is None, and an unknown family has only its reference."""
    name = parse_reference(reference)
    family = _family(name.repository)
    if family == "maven" and "temurin" not in name.tag and "jdk" in name.tag:
        # Before Temurin the maven images stood on openjdk's.
        return replace(_known(reference, name, family, _FAMILIES["maven-openjdk"], parse_tag(name.tag)), family="maven")
    if family not in _FAMILIES or not (name.tag or name.digest) or "$" in reference:
        return BaseImage(reference, family=name.repository)
    return _known(reference, name, family, _FAMILIES[family], parse_tag(name.tag))


def _family(repository: str) -> str:
    """distroless puts its release into the name: `static-debian12`."""
    if repository.startswith("gcr.io/distroless/"):
        return repository.partition("-")[0]
    return {"dotnet/sdk": "mcr.microsoft.com/dotnet/sdk"}.get(repository, repository)


def _known(reference: str, name: Reference, family: str, row: Mapping[str, Any], tag: Tag) -> BaseImage:
    suite, exact = _suite(name, family, row, tag)
    musl = "alpine" in tag.words or (suite or "").startswith("alpine") or family == "alpine"
    windows = any(word.startswith(("windows", "nanoserver")) for word in tag.words)
    if windows:
        return BaseImage(reference, family=family)
    kind = _kind(row, tag)
    packages = None if musl or suite is None and row.get("distribution") is None and not _has_sets(row, kind) else _packages(row, kind, suite)
    return BaseImage(
        reference,
        family=family,
        version=tag.version or "",
        variant="-".join(tag.words),
        config=_config(row, tag, kind),
        packages=packages,
        capabilities=_capabilities(packages, musl, family, row),
        users={**_DATA["alpine_users" if musl else "debian_users"], **row.get("users", {})} if row.get("distribution") != "scratch" else {},
        programs=frozenset((*row.get("programs", ()), *(row.get("jdk_programs", ()) if kind.startswith("jdk") or kind == "full" else ()))),
        toolchain=tuple(row.get("toolchain", ())),
        suite=suite,
        libc=row.get("libc") or ("musl" if musl else None if row.get("distribution") in ("busybox", "scratch") else "glibc"),
        exact=exact,
        source=_DATA["source"],
        date=_DATA["date"],
    )


def _has_sets(row: Mapping[str, Any], kind: str) -> bool:
    return kind in row


def _kind(row: Mapping[str, Any], tag: Tag) -> str:
    """Which of a family's variants a tag names: full, slim, jdk, jre, with -slim."""
    slim = "slim" in tag.words
    if "jdk" in row or "jre" in row:
        kind = "jre" if "jre" in tag.words else "jdk"
        return f"{kind}-slim" if slim and f"{kind}-slim" in row else kind
    return "slim" if slim and "slim" in row else "full"


def _suite(name: Reference, family: str, row: Mapping[str, Any], tag: Tag) -> tuple[str | None, bool]:
    """(suite, whether the tag itself names it)."""
    if family == "alpine":
        version = ".".join(tag.version.split(".")[:2])
        return (f"alpine{version}", True) if version else ("alpine", False)
    if family == "ubuntu":
        return ubuntu_suite(tag.version) or (
            tag.words[0] if tag.words and tag.words[0] in ("focal", "jammy", "noble", "bionic", "xenial") else None
        ), True
    if row.get("distribution") in ("distroless", "scratch"):
        return name.repository.rpartition("-")[2] or "debian12", True
    if tag.suite is not None and tag.suite not in ("stable", "oldstable", "sid"):
        return tag.suite, True
    if "alpine" in tag.words:
        found = _by_version(_DATA["suites"].get(f"{family}-alpine", {}), tag.version)
        return found or "alpine", False
    return _by_version(_DATA["suites"].get(family, {}), tag.version), False


def _by_version(rows: Mapping[str, Any], version: str) -> str | None:
    """The suite of a tag that names none. A bare major (`3`, `22`) moves with the newest."""
    if not version:
        return rows.get("latest")
    patch = version.count(".") >= 2
    for limit, suite in rows.get("patch" if patch else "tag", ()):
        if version.count(".") == 0 and "." in limit:
            return rows.get("latest") if version == limit.split(".")[0] else None
        if not older(version, limit):
            return str(suite)
    return None


def _packages(row: Mapping[str, Any], kind: str, suite: str | None) -> frozenset[str] | None:
    """Debian: the minimal base and the closure of the family's sets; Ubuntu: only what the family itself installs."""
    sets = row.get(kind) or row.get("full") or row.get("jdk")
    if row.get("distribution") in ("distroless", "scratch", "busybox", "alpine"):
        return frozenset()
    if sets is None:
        return None if row.get("distribution") not in ("ubuntu",) else frozenset()
    names = tuple(package for name in sets for package in _DATA["package_sets"][name])
    if row.get("distribution"):
        return frozenset(names)
    # A suite without a table lends its neighbour's: names of tools hardly change, and both sides of a swap are taken from the same one.
    return _closed(names, suite if apt.table(suite) is not None else "bookworm")


@lru_cache(maxsize=512)
def _closed(names: tuple[str, ...], suite: str) -> frozenset[str]:
    table = apt.table(suite)
    assert table is not None
    base = apt.minbase(suite)
    return base | frozenset(names) | frozenset(table.closure(names, base, False))


def _capabilities(packages: frozenset[str] | None, musl: bool, family: str, row: Mapping[str, Any]) -> frozenset[str] | None:
    if row.get("distribution") == "distroless":
        return frozenset({"ca-certificates", "tzdata", "passwd", "tmp"})
    if row.get("distribution") == "scratch":
        return frozenset()
    if musl:
        return frozenset({"shell", "ca-certificates", "tmp", "passwd"})
    if packages is None:
        return None
    return frozenset({"shell", "bash", "tmp", "passwd", *(name for name in _CAPABLE if name in packages)})


def _config(row: Mapping[str, Any], tag: Tag, kind: str) -> Config:
    variant: Mapping[str, Any] = next((row["variants"][word] for word in tag.words if word in row.get("variants", {})), {})
    env = {"PATH": _DEFAULT_PATH, **row.get("env", {})} if row.get("distribution") != "scratch" else {"PATH": _DEFAULT_PATH}
    env = {name: value or f"<{name}>" for name, value in env.items()}
    command = variant.get("cmd") or (row["jre_cmd"] if kind == "jre" and "jre_cmd" in row else row.get("cmd"))
    return Config(
        env=tuple(env.items()),
        workdir=variant.get("workdir") or row.get("workdir", "/"),
        entrypoint=tuple(row["entrypoint"]) if row.get("entrypoint") else None,
        cmd=tuple(command) if command else None,
        ports=frozenset(variant.get("ports") or row.get("ports", ())),
        labels=tuple(row.get("labels", {}).items()),
        stop_signal=variant.get("stop_signal") or row.get("stop_signal", ""),
    )
