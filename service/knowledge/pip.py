"""Python distributions: what a release of each puts on disk, and what it needs. The table comes from installed environments (see `importer.pip`).

A line is `name, "s" where only source is published, releases, extras`. A release is
`version,archive,unpacked,packed,bytecode,bytecode packed,files,minor,needs`, newest first: hundreds of bytes of the archive, of the files on
disk without bytecode, of those through gzip, of the bytecode, of that through gzip; the number of files; the first minor version of Python 3 that
takes it; and what it needs (`=`: what the row before it needs).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from service.knowledge.bundle import unpacked
from service.knowledge.lines import SortedLines
from service.knowledge.versions import Version, admits, parse_version
from service.remembering import remembered

SOURCE = "Python environments installed by uv and measured file by file: real projects' requirements and typical sets, with what they need"
DATE = "2026-11-25"
_MOST = 1_500
_MOST_TRIES = 6_000
_NEWEST_MINOR = 14
_BEYOND = {True: 0.15, False: 0.4}
"""The doubt about a pin that is older or newer than all that is known: whether a release of its own major version is."""


@dataclass(frozen=True, slots=True)
class Release:
    """Bytes: `archive` of the wheel (or source distribution), `unpacked` of its files on disk without bytecode and `packed` of those in a tar through
    gzip, `bytecode` and `bytecode_packed` of CPython 3.12's. `minor`: the first Python 3 minor version that takes it, 0 where any does."""

    version: Version
    archive: int
    unpacked: int
    packed: int
    bytecode: int
    bytecode_packed: int
    files: int
    minor: int
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Distribution:
    """`releases`: newest first."""

    name: str
    from_source: bool
    releases: tuple[Release, ...]
    extras: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Request:
    """A requirement: normalised name and extras, and bounds of the version as (operator, version). `archive` is the wheel's bytes where a lock
    says them; `alone`: what it needs is requested by others (a lock file)."""

    name: str
    extras: tuple[str, ...] = ()
    bounds: tuple[tuple[str, str], ...] = ()
    archive: int = 0
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a request comes to: `release` is None where the table has no such distribution. `exact` says that the release is the very version,
    `pinned` that the request named one; `doubt` is how far the releases beside it lie apart, as a fraction."""

    name: str
    distribution: Distribution | None = None
    release: Release | None = None
    exact: bool = False
    pinned: bool = False
    archive: int = 0
    doubt: float = 0.0


def normalised(name: str) -> str:
    """PEP 503; a name that is none (letters, digits and `._-`) comes back empty."""
    if not name or len(name) > 100 or not name.isascii() or not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
        return ""
    return "-".join(part for part in name.lower().replace("_", "-").replace(".", "-").split("-") if part)


@remembered(1_000)
def distribution(name: str) -> Distribution | None:
    """By its normalised name; None where the table has none."""
    line = _lines().find(name.encode())
    if line is None:
        return None
    _, source, releases, extras = line.decode().split("\t")
    return Distribution(
        name,
        source == "s",
        tuple(_releases(releases)),
        {extra: tuple(needs.split(" ")) for extra, _, needs in (part.partition(":") for part in extras.split("|") if part)},
    )


def _releases(text: str) -> Iterator[Release]:
    needs: tuple[str, ...] = ()
    for row in text.split(";"):
        version, archive, unpacked, packed, bytecode, compressed, count, minor, needed = row.split(",", 8)
        if needed != "=":
            needs = tuple(filter(None, needed.split(" ")))
        one, two, three, four, five = (int(number) * 100 for number in (archive, unpacked, packed, bytecode, compressed))
        yield Release(parse_version(version), one, two, three, four, five, int(count), int(minor), needs)


@remembered(2_000)
def release(name: str, bounds: tuple[tuple[str, str], ...], minor: int) -> tuple[Release | None, bool]:
    """The release that stands for what pip takes under some bounds with Python 3.`minor`, and whether it is that very version."""
    found = distribution(name)
    if found is None:
        return None, False
    usable = [each for each in found.releases if each.minor <= minor] or [found.releases[-1]]
    pin = next((version for operator, version in bounds if operator in ("==", "===") and "*" not in version), None)
    if pin is not None:
        chosen = _nearest(found.releases, parse_version(pin))
        return _as_of(found.releases, chosen, parse_version(pin)), chosen.version == parse_version(pin)
    fitting = [each for each in usable if all(admits(operator, version, each.version) for operator, version in bounds)]
    ceilings = [parse_version(version.removesuffix(".*")) for operator, version in bounds if operator in ("<", "<=", "==", "~=")]
    above = [each for each in usable if ceilings and each.version >= min(ceilings)]
    if not fitting:
        return (above[-1] if above else usable[0]), False
    if fitting[0] is usable[0]:
        return fitting[0], usable[0] is found.releases[0]
    # Far below its ceiling a release of the table stands for less than the first one above it.
    far = above and _distance(fitting[0].version, min(ceilings))[1] > 1
    return (min((fitting[0], above[-1]), key=lambda each: _distance(each.version, min(ceilings))) if far else fitting[0]), False


def _as_of(releases: tuple[Release, ...], chosen: Release, wanted: Version) -> Release:
    """A release that stands for an older one, with the needs that the one before already had: a later need may not have been there yet. Between
    patches of one version needs hardly change."""
    _, older = _neighbours(releases, wanted)
    if older is None or chosen.version <= wanted or chosen.version[:2] == wanted[:2]:
        return chosen
    before = {parsed_need(need)[0].name for need in older.needs}
    return replace(chosen, needs=tuple(need for need in chosen.needs if parsed_need(need)[0].name in before))


def _nearest(releases: tuple[Release, ...], wanted: Version) -> Release:
    """The one that shares more of the leading numbers, of two alike the one whose next number is nearer, then the newer."""
    newer, older = _neighbours(releases, wanted)
    if newer is None or older is None:
        return newer or older or releases[0]
    return min((newer, older), key=lambda each: _distance(each.version, wanted))


def _neighbours(releases: tuple[Release, ...], wanted: Version) -> tuple[Release | None, Release | None]:
    newer = next((each for each in reversed(releases) if each.version >= wanted), None)
    return newer, next((each for each in releases if each.version < wanted), None)


def _distance(one: Version, other: Version) -> tuple[int, int]:
    differences = enumerate(abs(left - right) for left, right in zip(one, other, strict=False))
    return next(((-position, difference) for position, difference in differences if difference), (-min(len(one), len(other)), 0))


def between(name: str, chosen: Release, bounds: tuple[tuple[str, str], ...]) -> float:
    """Where the table may not have the very release: how far the chosen one lies apart in size from its neighbour on the other side of the version
    that is asked for (of the newer one, where only Python's version or a bound is in the way), as a fraction of its own size."""
    found = distribution(name)
    releases = found.releases if found is not None else ()
    pins = [parse_version(version) for operator, version in bounds if operator in ("==", "===") and "*" not in version]
    place = next(number for number, each in enumerate(releases) if each.version == chosen.version)
    older = pins and chosen.version > pins[0] or not pins and any(not admits(operator, version, chosen.version) for operator, version in bounds)
    beside = releases[place + 1 : place + 2] if older else releases[max(0, place - 1) : place]
    if beside:
        return abs(beside[0].unpacked - chosen.unpacked) / max(1, chosen.unpacked)
    return _BEYOND[chosen.version[0] == pins[0][0]] if pins else 0.0


@lru_cache(maxsize=128)
def closure(requests: tuple[Request, ...], have: frozenset[str] = frozenset(), minor: int = 12, dependencies: bool = True) -> tuple[Found, ...]:
    """What pip installs for some requirements beyond the distributions that are there, one version each. Bounds of all who need a distribution
    hold together; where they change, what the first choice needed stays."""
    bounds: dict[str, tuple[tuple[str, str], ...]] = {}
    found: dict[str, Found] = {}
    extras: dict[str, set[str]] = {}
    queue = list(requests)
    locked = frozenset(each.name for each in queue if each.alone)
    tries = 0
    for request in queue:
        tries += 1
        if tries > _MOST_TRIES or len(found) > _MOST:
            break
        name = request.name
        if name in have or (name in locked and not request.alone):
            continue
        known = extras.setdefault(name, set())
        merged = _merged(bounds.get(name, ()), request.bounds)
        if name in found and merged == bounds[name] and known.issuperset(request.extras):
            continue
        bounds[name] = merged
        chosen, exact = release(name, merged, minor)
        again = name in found and found[name].release is chosen
        pinned = any(operator in ("==", "===") and "*" not in version for operator, version in merged)
        archive = request.archive or (found[name].archive if name in found else 0)
        doubt = 0.0 if exact or archive or chosen is None else between(name, chosen, merged)
        found[name] = Found(name, distribution(name), chosen, exact, pinned, archive, doubt)
        new = [extra for extra in request.extras if extra not in known]
        known.update(new)
        if chosen is not None and dependencies and not request.alone:
            queue.extend(_needed(name, () if again else chosen.needs, new, minor))
    return tuple(found.values())


def _merged(one: tuple[tuple[str, str], ...], other: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return one if not other or one == other else tuple(dict.fromkeys((*one, *other)))[:12]


def _needed(name: str, needs: tuple[str, ...], extras: Iterable[str], minor: int) -> Iterator[Request]:
    found = distribution(name)
    for text in (*needs, *(need for extra in extras if found is not None for need in found.extras.get(extra, ()))):
        request, low, high = parsed_need(text)
        if low <= min(minor, _NEWEST_MINOR) <= high:
            yield request


@lru_cache(maxsize=8_000)
def parsed_need(text: str) -> tuple[Request, int, int]:
    """`name[extra+extra]<2@8-10` of the table: the request and the minor versions of Python between which it holds."""
    text, _, range_ = text.partition("@")
    low, _, high = range_.partition("-")
    end = next((index for index, letter in enumerate(text) if letter in "<=~"), len(text))
    named, bound = text[:end], text[end:]
    name, _, extras = named.rstrip("]").partition("[")
    version = bound.lstrip("<=~")
    bounds = ((bound[: len(bound) - len(version)], version),) if version else ()
    return Request(name, tuple(extras.split("+")) if extras else (), bounds), int(low or 0), int(high or 99)


@cache
def _lines() -> SortedLines:
    return SortedLines.of(unpacked("pip-packages.tsv.xz"))
