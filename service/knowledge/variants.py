"""Smaller images that run what a base has built."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files

from service.image.model import BaseImage
from service.knowledge.images import base_image
from service.knowledge.references import parse_reference, parse_tag

_ROWS: Mapping[str, Mapping[str, str]] = json.loads(files(__package__).joinpath("variants.json").read_text())["families"]


def slimmer(base: BaseImage) -> tuple[str, ...]:
    """References of smaller runtime variants of a base, best first: same family, version and distribution. None for a base pinned by digest,
    since the pin would be lost, nor for a family without a row in variants.json."""
    name = parse_reference(base.reference)
    row = _ROWS.get(base.family)
    if row is None or name.digest or "$" in base.reference or not name.tag:
        return ()
    rule = _RULES[row["rule"]]
    return tuple(f"{name.prefix}{found}" for found in rule(base, name.repository, name.tag, row) if found != f"{name.repository}:{name.tag}")


def own_libraries(base: BaseImage) -> tuple[tuple[str, ...], str]:
    """Globs of the shared libraries that a family's compiler brings and links with beyond its distribution's, and the folder of the runtime
    stage that they go to; a distribution's compiler brings none."""
    row = _ROWS.get(base.family, {})
    return tuple(row.get("libraries", "").split()), row.get("library_folder", "")


def heavy_folders(base: BaseImage) -> tuple[str, ...]:
    """Folders of a base that weigh much by what the base itself puts there."""
    return tuple(_ROWS.get(base.family, {}).get("heavy", "").split())


def bare(base: BaseImage) -> tuple[str, ...]:
    """The distribution alone, for a program that does not use the language a base is made for."""
    name = parse_reference(base.reference)
    slim = f"debian:{base.suite}-slim"
    known = base.suite in ("bullseye", "bookworm", "trixie") and base.libc == "glibc" and not name.digest and "$" not in base.reference
    return (slim,) if known and base.reference != slim and base.family != "debian" else ()


def static_base() -> BaseImage:
    """The base of a program that needs no C library: certificates, time zones, /tmp and a user database are in it."""
    return base_image("gcr.io/distroless/static-debian12")


def _slim(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """`3.12-bookworm` -> `3.12-slim-bookworm`; `latest` -> `slim`."""
    parsed = parse_tag(tag)
    if parsed.words and ("slim" in parsed.words or any(word.startswith("alpine") for word in parsed.words)):
        return []
    suite = [word for word in parsed.words if word == parsed.suite]
    if not suite and not parsed.version and row.get("order") == "suite-first" and base.family == "debian":
        # Debian has no tag `slim`: its slim variants carry the release's name.
        return [f"{repository}:{base.suite}-slim"] if base.suite else []
    if len(parsed.words) > len(suite):
        return []
    order = [*suite, "slim"] if row.get("order") == "suite-first" else ["slim", *suite]
    return [f"{repository}:{'-'.join([*([parsed.version] if parsed.version else []), *order])}"]


def _distribution(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """The distribution under a toolchain image: `debian:bookworm-slim`, `alpine:3.20`."""
    if base.libc == "musl":
        version = (base.suite or "").removeprefix("alpine")
        return [f"alpine:{version}"] if version else []
    return [f"debian:{base.suite}-slim"] if base.suite in ("bullseye", "bookworm", "trixie") else []


def _runtime(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """`21-jdk-jammy` -> `21-jre-jammy`, where the family publishes it for that version."""
    words = tag.split("-")
    if "jre" in words:
        return []
    major = base.version.split(".")[0].split("u")[0]
    if "versions" in row and major not in row["versions"].split(","):
        return []
    if "jdk" in words:
        return [f"{repository}:{'-'.join('jre' if word == 'jdk' else word for word in words)}"]
    if not base.version:
        return []
    return [f"{repository}:{'-'.join([words[0], 'jre', *words[1:]])}"]


def _java_builder(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    """maven and gradle tags name the JDK they carry: `3.9-eclipse-temurin-21`, `3.6.1-jdk-11-slim`, `jdk21`, `8.5-jdk17-alpine`."""
    words = tag.split("-")
    alpine = "alpine" in words
    suite = next((word for word in words if word in ("jammy", "noble", "focal")), "")
    version = _java_version(words)
    if not version:
        return []
    if "temurin" in words or base.family == "gradle":
        return [f"eclipse-temurin:{version}-jre" + ("-alpine" if alpine else f"-{suite}" if suite else "")]
    if ("jdk" in words or "openjdk" in words) and version in ("8", "11"):
        return [f"openjdk:{version}-jre" + ("-slim" if "slim" in words else "")] if not alpine else []
    return []


def _java_version(words: list[str]) -> str:
    for index, word in enumerate(words):
        if word.startswith("jdk") and word[3:].isdigit():
            return word[3:]
        if word in ("temurin", "jdk", "openjdk") and index + 1 < len(words) and words[index + 1].isdigit():
            return words[index + 1]
    return ""


def _dotnet(base: BaseImage, repository: str, tag: str, row: Mapping[str, str]) -> list[str]:
    return [f"mcr.microsoft.com/dotnet/aspnet:{tag}"] if base.version else []


_RULES = {"slim": _slim, "distribution": _distribution, "runtime": _runtime, "java-builder": _java_builder, "dotnet": _dotnet}
