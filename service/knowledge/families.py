"""The row of a base image: its family's facts with what its variant, release and version change (bases.json)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from service.knowledge.references import Tag, java_version, older

DATA: Mapping[str, Any] = json.loads(files(__package__).joinpath("bases.json").read_text())
FAMILIES: Mapping[str, Mapping[str, Any]] = DATA["families"]
Row = Mapping[str, Any]
_JOINED = ("env", "users")
_KINDS = ("slim", "curl", "scm", "apache")


def family_row(repository: str) -> tuple[str, Row | None]:
    """(family, its row); the row is None for a family that nobody described. distroless puts its release and the version into the name:
    `java21-debian12` is `java21`, with the row of `java`."""
    if repository.startswith("gcr.io/distroless/"):
        family = repository.removesuffix("-debian" + repository.rpartition("-debian")[2])
        plain = family if family.endswith("python3") else family.rstrip("0123456789")
        return family, FAMILIES.get(plain)
    family = repository.replace("mcr.microsoft.com/dotnet/core/", "mcr.microsoft.com/dotnet/")
    return family, FAMILIES.get(family)


def kind_of(row: Row, tag: Tag) -> str:
    """Which of a family's variants a tag names: `full`, `slim`, `jdk`, `jre-slim`..."""
    slim = "slim" in tag.words
    if "jdk" in row or "jre" in row:
        jre = any(word.startswith("jre") for word in tag.words)
        return ("jre" if jre else "jdk") + ("-slim" if slim else "")
    return next((kind for kind in _KINDS if kind in tag.words and kind in row), "full")


def refined(row: Row, tag: Tag, kind: str, suite: str | None, distribution: str | None) -> Row:
    """The row with the changes of `when` that apply, in their order. In `env` and `users` None takes a name away."""
    facts: dict[str, set[str | None]] = {
        "kind": {kind},
        "suite": {suite},
        "distribution": {distribution},
        "word": set(tag.words),
        "java": {java_of(tag)},
        "major": _majors(tag),
    }
    result = dict(row)
    for change in row.get("when", ()):
        if all(_holds(key, wanted, facts, tag) for key, wanted in change["if"].items()):
            result |= {key: {**result.get(key, {}), **value} if key in _JOINED else value for key, value in change.items() if key != "if"}
    return result


def java_of(tag: Tag) -> str:
    """The Java release of a tag: named beside `jdk` or `temurin`, else the tag's own version."""
    return java_version(tag.words) or tag.version.split(".")[0].split("u")[0].split("_")[0]


def _majors(tag: Tag) -> set[str | None]:
    parts = tag.version.split(".")
    return {parts[0], ".".join(parts[:2])}


def _holds(key: str, wanted: Any, facts: Mapping[str, Iterable[str | None]], tag: Tag) -> bool:
    if key == "version_below":
        return bool(tag.version) and "." in tag.version and older(tag.version, wanted)
    return not set(facts[key]).isdisjoint([wanted] if isinstance(wanted, str) else wanted)
