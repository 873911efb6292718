"""The catalogue of base images' sizes (base-images.json.xz), read when it is first asked, and how a reference finds its row."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from service.knowledge.families import family_row
from service.knowledge.references import SUITES, Reference, java_version, parse_reference, parse_tag
from service.knowledge.releases import distribution_of, release
from service.knowledge.tags import tag_facts
from service.quick import quick

Row = Mapping[str, Any]
How = Literal["tag", "digest", "alias", "near", "pinned"]
_NEUTRAL = frozenset({"latest", "stable", "mainline", "lts", "current", "cli", "eclipse", "linux", "amd64", "release"})
_SYSTEMS = ("alpine", "ubuntu", "debian", "ubi", "oraclelinux", "al2023", "rockylinux", "azurelinux", "mariner", "windows", "nanoserver")
_LIGHT = frozenset({"alpine", "slim", "jre", "distroless", "chiseled", "runtime", "base", "minimal", "static"})
_STALE = 6
"""Months after which another row of what a tag stands for goes before the tag's own."""
_SUITE_OF = {
    "debian 10": "buster",
    "debian 11": "bullseye",
    "debian 12": "bookworm",
    "debian 13": "trixie",
    "bookworm-slim": "bookworm",
    "ubuntu 20.04": "focal",
    "ubuntu 22.04": "jammy",
    "ubuntu 24.04": "noble",
    "ubuntu 26.04": "resolute",
}


@quick
@dataclass(frozen=True, slots=True)
class Kind:
    """What a reference says of its image's size: version and Java release, the words of its variant, and the release it stands on."""

    version: tuple[int, ...]
    java: str
    words: frozenset[str]
    suite: str | None

    @property
    def light(self) -> frozenset[str]:
        return self.words & _LIGHT


@dataclass(frozen=True, slots=True)
class Entry:
    row: Row
    kind: Kind


@dataclass(frozen=True, slots=True)
class Found:
    """`entry` is the row for a reference, `how` why; `pool` are the rows of its family that it was chosen from."""

    entry: Entry
    how: How
    pool: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`date` is the bundle's own; families are by the repository's name without its numbers (`java21-debian12` and `java17-debian12`)."""

    date: str
    by_ref: Mapping[str, Entry]
    by_digest: Mapping[str, Entry]
    by_family: Mapping[str, tuple[Entry, ...]]


@cache
def catalogue() -> Catalogue:
    data = json.loads(lzma.decompress(files(__package__).joinpath("base-images.json.xz").read_bytes()))
    return index(data["images"], data["generated"])


def index(rows: Iterable[Row], date: str) -> Catalogue:
    by_ref: dict[str, Entry] = {}
    by_digest: dict[str, Entry] = {}
    families: dict[str, list[Entry]] = {}
    for row in rows:
        name = parse_reference(row["ref"])
        if name.digest:
            # `nginx:alpine@2020-10` is what the tag was then: it says how tags move, and nothing of the tag today.
            continue
        entry = Entry(row, kind(name.tag, _suite(str(row.get("distro")))))
        by_ref[f"{name.repository}:{name.tag}"] = entry
        families.setdefault(family(name.repository), []).append(entry)
        by_digest |= {digest: entry for digest in (row.get("digest"), row.get("index_digest")) if digest}
    return Catalogue(date, by_ref, by_digest, {name: tuple(entries) for name, entries in families.items()})


def _suite(distribution: str) -> str | None:
    """`debian 13` and, as the importer reads it, `debian trixie`."""
    last = distribution.rpartition(" ")[2]
    return _SUITE_OF.get(distribution) or (last if last in SUITES else None)


def family(repository: str) -> str:
    """`gcr.io/distroless/java21-debian12` and `mcr.microsoft.com/dotnet/core/sdk` under one name with their like."""
    plain = repository.replace("mcr.microsoft.com/dotnet/core/", "mcr.microsoft.com/dotnet/")
    head, slash, last = plain.rpartition("/")
    return f"{head}{slash}{last.partition('-debian')[0].rstrip('0123456789')}"


def kind(tag: str, suite: str | None = None) -> Kind:
    """What a tag says. Numbers at the end of a word (`jdk21`, `alpine3.20`) are a version, not a variant; `jdk` is what a Java image has."""
    parsed = parse_tag(tag)
    words = {word.rstrip("0123456789.") for word in parsed.words if word not in SUITES and not word.startswith(_SYSTEMS[1:])}
    words = {"alpine" if word.startswith("alpine") else word for word in words if word}
    return Kind(_numbers(parsed.version), java_version(parsed.words), frozenset(words - _NEUTRAL - {"jdk", "temurin"}), parsed.suite or suite)


def _numbers(version: str) -> tuple[int, ...]:
    """`8u292` and `17.0.8_7` by their leading numbers."""
    found = []
    for part in version.split(".")[:4]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits or len(digits) > 8:
            break
        found.append(int(digits))
    return tuple(found)


def find(reference: str) -> Found | None:
    """The row that a reference is best described by; None for a family without rows.

    The tag itself; a digest that a row has; an alias, whose version is a part of the row's or the other way round, with the same variant; else
    the nearest version of the most similar variant. A digest that no row has pins some build of its tag.
    """
    name = parse_reference(reference)
    known = catalogue()
    if name.digest in known.by_digest:
        return Found(known.by_digest[name.digest], "digest", ())
    pool = known.by_family.get(family(name.repository), ())
    if not pool:
        return None
    wanted = _wanted(name)
    similar = _similar(pool, wanted)
    facts = tag_facts(name.repository, name.tag)
    end = month(min(known.date, facts.date) if facts is not None and facts.date else known.date)
    best = min(similar, key=lambda one: _distance(one, wanted, end))
    entry, how = _chosen(known.by_ref.get(f"{name.repository}:{name.tag}"), best, wanted, name.tag)
    return Found(entry, "pinned" if name.digest else how, similar)


def _wanted(name: Reference) -> Kind:
    """What the reference says, with the release of the list of official images where the tag names none."""
    _, row = family_row(name.repository)
    suite = release(name, parse_tag(name.tag), row).suite if row is not None and name.tag else None
    return kind(name.tag, suite if distribution_of(suite) != "alpine" else None)


def _chosen(exact: Entry | None, best: Entry, wanted: Kind, tag: str) -> tuple[Entry, How]:
    """The tag's own row, unless it is older than one that the tag stands for today (`node:latest` of 2020 beside `node:24` of 2026)."""
    alias = bool(tag) and _alias(best, wanted, kind(tag).suite)
    if exact is None:
        return best, "alias" if alias else "near"
    broader = len(best.kind.version) >= len(wanted.version)
    return (best, "alias") if alias and broader and month(best.row["date"]) > month(exact.row["date"]) + _STALE else (exact, "tag")


def _similar(pool: tuple[Entry, ...], wanted: Kind) -> tuple[Entry, ...]:
    """The rows of the same variant, else of the same size of variant, else of the same system, else all."""
    choices = (
        lambda one: one.kind.words == wanted.words,
        lambda one: one.kind.light == wanted.light,
        lambda one: ("alpine" in one.kind.words) == ("alpine" in wanted.words),
    )
    for choice in choices:
        found = tuple(one for one in pool if choice(one))
        if found:
            return found
    return pool


def _distance(one: Entry, wanted: Kind, end: int) -> tuple[Any, ...]:
    """How far the versions are apart, then the years between the row and the tag's last day, then another Java, another release. Without a
    version the highest one is meant; a row without one (`postgres:latest` of 2020) was the highest then: past a year it is as far
    apart as it is old."""
    years = round(abs(end - month(one.row["date"])) / 12)
    versions = apart(one.kind.version, wanted.version) if one.kind.version or not wanted.version else float(years if years > 1 else 0)
    java = bool(wanted.java) and one.kind.java != wanted.java
    suite = wanted.suite is not None and one.kind.suite not in (wanted.suite, None)
    version = tuple(-part for part in (*one.kind.version, 0, 0, 0)[:3])
    return versions, years, java, suite, version, -month(one.row["date"]), one.row["ref"]


def apart(one: tuple[int, ...], wanted: tuple[int, ...]) -> float:
    """0 where one is a part of the other or nothing is wanted; else majors by themselves, minors a hundredth."""
    if not wanted or not one:
        return 0.0
    if all(first == second for first, second in zip(one, wanted, strict=False)):
        return 0.0
    first, second = (*one, 0)[:2], (*wanted, 0)[:2]
    return abs(first[0] - second[0] + (first[1] - second[1]) / 100) or 0.001


def month(date: str) -> int:
    """Months since the year 0 of `2026-09-01`, `2025-10?`; a year alone is its middle."""
    year, number = date[:4], date[5:7]
    return (int(year) if year.isdecimal() else 0) * 12 + (int(number) if number.isdecimal() and 1 <= int(number) <= 12 else 6)


def _alias(entry: Entry, wanted: Kind, named: str | None) -> bool:
    """Whether a row is of the same variant and of a version that the tag stands for or is of. A tag that names no release may have changed it."""
    same = entry.kind.words == wanted.words and (not wanted.java or entry.kind.java == wanted.java)
    suite = named is None or entry.kind.suite in (named, None)
    versioned = not wanted.version or bool(entry.kind.version) or (wanted.suite is not None and entry.kind.suite == wanted.suite)
    return same and suite and versioned and apart(entry.kind.version, wanted.version) == 0.0
