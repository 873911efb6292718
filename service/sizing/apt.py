"""What `apt-get install` adds to a layer: the files of the packages that are new, and what dpkg and apt rewrite beside them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from service.image.effects import PackageChange
from service.image.model import BaseImage
from service.knowledge import apt
from service.knowledge.apt import AptTable
from service.quick import quick
from service.sizing.model import ZERO, Addition, Size

_DATA = json.loads(files(__package__).joinpath("apt.json").read_text())
_SECTIONS: dict[str, list[float]] = _DATA["sections"]["factors"]
_WRITTEN: dict[str, dict[str, int]] = _DATA["written"]["packages"]
_BOOKS = _DATA["bookkeeping"]
_SPREAD = _DATA["spread"]
_LONGEST = 8_000
_STANDS_IN: dict[str, str] = _DATA["stands_in"]


@quick
@dataclass(frozen=True, slots=True)
class _Weight:
    """Of one package: bytes of all files and of those that slim images exclude, its .pyc, the packed bytes of both, how far off all that may be, its
    part of dpkg's books, and whether its scripts ask debconf."""

    files: float
    excluded: float
    compiled: float
    packed: float
    packed_excluded: float
    doubt: float
    books: float
    asks: bool


@quick
@dataclass(frozen=True, slots=True)
class _Below:
    """What matters of a base image here."""

    suite: str | None
    packages: frozenset[str] | None
    documentation: bool | None


def added(change: PackageChange, base: BaseImage, before: frozenset[str]) -> tuple[Addition, frozenset[str]]:
    """The addition of one change and the packages that are there afterwards. `before` are those that earlier commands added to the base's.

    Packages that the same layer takes away again have to be left out by the caller (`PackageChange.removed`); taken away later they free nothing.
    """
    # The same image is estimated by several passes and by the report.
    short = sum(map(len, change.installed)) + sum(map(len, change.removed)) < _LONGEST
    add = _added if short else _added.__wrapped__
    return add(change, _Below(base.suite, base.packages, base.documentation), before)


@lru_cache(maxsize=32)
def _added(change: PackageChange, base: _Below, before: frozenset[str]) -> tuple[Addition, frozenset[str]]:
    table, near = _table(base.suite)
    if not change.installed or table is None:
        return _removal(change, base, before), before - frozenset(change.removed)
    have = before | (base.packages if base.packages is not None else apt.minbase(table.suite))
    wanted = tuple(_standing_in(name.partition(":")[0], table) for name in change.installed)
    unknown = [name for name in dict.fromkeys(wanted) if name not in have and not table.known(name)]
    removed = frozenset(change.removed)
    new = tuple(name for name in table.closure(wanted, have, change.recommends) if name not in removed)
    kept, packed = _kept(new, table, base, have)
    if near or base.packages is None:
        kept, packed = (_widened(size, _SPREAD["neighbour"]) for size in (kept, packed))
    for _ in unknown:
        kept, packed = _with_unknown(kept), _with_unknown(packed, _BOOKS["ratio"])
    return Addition(kept, packed), (before | frozenset(new) | frozenset(unknown)) - removed


def _standing_in(name: str, table: AptTable) -> str:
    """A compiler of a release that a table does not have weighs what the table's own does (`g++-8` as `g++`)."""
    plain = name.rpartition("-")[0]
    return plain if apt.versioned_compiler(name) and not table.known(name) and table.known(plain) else name


def _removal(change: PackageChange, base: _Below, before: frozenset[str]) -> Addition:
    """Packages that leave are marks in the layer; dpkg writes its books anew all the same."""
    if not change.removed:
        return Addition()
    there = len(before | (base.packages or apt.minbase(apt.NEIGHBOUR)))
    books = _BOOKS["constant"] + _BOOKS["templates"] + _BOOKS["each_there"] * there
    half = _SPREAD["books"] * books
    source = "dpkg's status and logs (apt.json)"
    return Addition(_sized(books, half, source, apt.DATE), _sized(books * _BOOKS["ratio"], half * _BOOKS["ratio"], source, apt.DATE))


def has_table(suite: str | None) -> bool:
    """Whether a suite's own table, or a neighbour's, says anything of it."""
    return _table(suite)[0] is not None


def lists(base: BaseImage) -> tuple[Size, Size]:
    """What `apt-get update` leaves in /var/lib/apt/lists, unpacked and packed."""
    table, near = _table(base.suite)
    row = _DATA["lists"]["suites"].get(table.suite if table is not None else "", _DATA["lists"]["suites"][apt.NEIGHBOUR])
    spread = _SPREAD["lists_near"] if near or table is None else _SPREAD["lists"]
    return tuple(_sized(value, value * spread, _DATA["lists"]["source"], _DATA["lists"]["date"]) for value in row)  # type: ignore[return-value]


def upgraded(base: BaseImage) -> Addition:
    """`apt-get upgrade`: nothing on a fresh base, at most the base's own packages once more."""
    table, _ = _table(base.suite)
    if table is None:
        return Addition()
    names = base.packages if base.packages is not None else apt.minbase(table.suite)
    whole, packed = _kept(tuple(sorted(names)), table, _Below(base.suite, base.packages, base.documentation), frozenset())
    low, middle, high = _SPREAD["upgrade"]
    return Addition(whole.scaled(low, middle, high), packed.scaled(low, middle, high))


def _table(suite: str | None) -> tuple[AptTable | None, bool]:
    """The suite's table, or its neighbour's and True."""
    own = apt.table(suite)
    return (own, False) if own is not None else (apt.table(_STANDS_IN.get(suite or "", _STANDS_IN[""])), True)


def _kept(new: tuple[str, ...], table: AptTable, base: _Below, have: frozenset[str]) -> tuple[Size, Size]:
    """What these packages take, unpacked and packed. Doubts about packages that nobody measured add half as if they were independent."""
    if not new:
        return ZERO, ZERO
    everything = have | frozenset(new)
    compiles = "python3" in everything or "python3-minimal" in everything
    weights = [_weight(table.suite, name, _compiles(name, everything) if name.startswith("libpython3.") else compiles) for name in new]
    share = {True: 1.0, False: 0.0, None: 0.5}[base.documentation]
    documents = sum(one.excluded for one in weights)
    written = [_WRITTEN[name] for name in new if name in _WRITTEN]
    scripts = sum(row["bytes"] for row in written)
    body = sum(one.files - one.excluded + one.compiled for one in weights) + share * documents + scripts
    packed = sum(one.packed + (share - 1.0) * one.packed_excluded + _BOOKS["pyc_ratio"] * one.compiled for one in weights)
    packed += sum(row["packed"] for row in written)
    asks = any(one.asks for one in weights)
    books = (
        _BOOKS["constant"]
        + _BOOKS["templates"] * (2 if asks else 1)
        + _BOOKS["each_there"] * len(have)
        + sum(one.books for one in weights)
    )
    doubt: float = (math.hypot(*(one.doubt for one in weights)) + sum(one.doubt for one in weights)) / 2
    unsure = doubt + (documents / 2 if base.documentation is None else 0.0)
    half = unsure + _SPREAD["measured"] * body + _SPREAD["books"] * books + _SPREAD["written"] * scripts
    unseen = _SPREAD["packed_unseen"] * sum(one.packed for one in weights if one.doubt)
    thin = unsure * packed / max(body, 1.0) + unseen + _SPREAD["packed"] * packed + _SPREAD["books"] * _BOOKS["ratio"] * books
    # A second copy of the templates was seen where no package depends on debconf by itself.
    more = 0.0 if asks else _BOOKS["templates"] * (1 - _SPREAD["books"])
    ratio, source = _BOOKS["ratio"], f"{table.suite} package index and .deb files"
    return _sized(body + books, half, source, apt.DATE, more), _sized(packed + ratio * books, thin, source, apt.DATE, ratio * more)


@lru_cache(maxsize=8_000)
def _weight(suite: str, name: str, compiles: bool) -> _Weight:
    # Names are the table's own, so that none is too long to be kept.
    table = apt.table(suite)
    package = table.package(name) if table is not None else None
    if package is None:
        return _Weight(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False)
    asks = any("debconf" in alternatives for alternatives in package.depends)
    books = _BOOKS["each_new"] + _BOOKS["of_installed"] * package.installed
    found = package.measured
    if found is not None:
        packed = found.packed + found.packed_excluded
        return _Weight(found.files, found.excluded, found.compiled * compiles, packed, found.packed_excluded, 0.0, books, asks)
    whole, left_out, compiled, dense, dense_out = _SECTIONS.get(package.section) or _SECTIONS["default"]
    size, thin = package.installed * whole, package.deb * dense
    doubt = size * _SPREAD["sections"].get(package.section, _SPREAD["section"])
    return _Weight(size, size * left_out, size * compiled * compiles, thin, thin * dense_out, doubt, books, asks)


def _compiles(name: str, there: frozenset[str]) -> bool:
    """py3compile runs for a module where its interpreter is installed: the library alone (of a program that embeds it) stays as it is."""
    version = name.removeprefix("libpython").partition("-")[0]
    return f"python{version}" in there or (name.endswith("-minimal") and f"python{version}-minimal" in there)


def _sized(middle: float, half: float, source: str, date: str, more: float = 0.0) -> Size:
    return Size(max(0, round(middle - half)), round(middle), round(middle + half + more), "package-index", source, date)


def _widened(size: Size, spread: Sequence[float]) -> Size:
    low, high = spread
    return Size(round(size.low * low), size.mid, round(size.high * high), "ratio", size.source, size.date)


def _with_unknown(size: Size, part: float = 1.0) -> Size:
    """A package of another archive."""
    low, middle, high = (round(value * part) for value in _DATA["unknown"])
    return Size(size.low + low, size.mid + middle, size.high + high, "default", size.source, size.date)
