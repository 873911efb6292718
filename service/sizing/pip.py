"""What `pip install`, `uv`, poetry and pipenv add to a layer: the distributions that the manifests lead to, each by the table of `knowledge.pip`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from service.context import BuildContext
from service.image.effects import Act, Kind
from service.image.model import BaseImage
from service.knowledge import pip as table
from service.knowledge.pip import Found
from service.sizing.installs import Wanted, wanted
from service.sizing.model import ZERO, Addition, Size

_DATA = json.loads(files(__package__).joinpath("pip.json").read_text())
_SUITES = {"bullseye": 9, "bookworm": 11, "trixie": 13, "focal": 8, "jammy": 10, "noble": 12}
"""Python 3 of the distributions' releases (packages.debian.org, packages.ubuntu.com)."""
_NAMED = {"==", "==="}
_BASES = {name: row for name, row in _DATA["bases"].items() if name != "source"}
_EMPTY = {"have": (), "least": 1.0}


@dataclass(frozen=True, slots=True)
class _Part:
    """Bytes of one distribution: files without bytecode, bytecode, both compressed, the archive; and how far the first two may be off (fractions
    below and above)."""

    unpacked: int
    bytecode: int
    packed: int
    bytecode_packed: int
    archive: int
    below: float
    above: float


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an install happens: Python's minor version (None: not told), the C library, what is certainly there, what an earlier command put there
    in a version that is not known, and the share of the whole that is added at least where the base brings distributions of its own."""

    minor: int | None
    musl: bool
    have: frozenset[str]
    perhaps: frozenset[str]
    least: float
    cached: bool
    linked: bool


def added(
    act: Act, context: BuildContext, base: BaseImage, env: Mapping[str, str] | None = None, before: frozenset[str] = frozenset()
) -> Addition | None:
    """What an install command adds; None for one that installs nothing of Python. `env` is the environment it runs in, where the caller knows more
    of it than the assignments in front of the command; `before` are the normalised names of distributions that earlier commands of the stage put
    into the same place (see `distributions`)."""
    asked = _asked(act, context, base, env)
    if asked is None:
        return None if act.install is None or act.install.ecosystem != "python" else _nothing_known()
    return _added(asked, _place(act, base, asked, before))


def distributions(act: Act, context: BuildContext, base: BaseImage, env: Mapping[str, str] | None = None) -> frozenset[str]:
    """The normalised names of what an install command leaves in its place, as far as the manifests say; empty for one that installs elsewhere."""
    asked = _asked(act, context, base, env)
    if asked is None or asked.apart:
        return frozenset()
    return frozenset(each.name for each in _found(asked, frozenset(), _minor(act, base)))


def _asked(act: Act, context: BuildContext, base: BaseImage, env: Mapping[str, str] | None) -> Wanted | None:
    if act.install is None or act.install.ecosystem != "python":
        return None
    return wanted(act, context, _minor(act, base) or 12, {**(env or {}), **dict(act.env)})


def _minor(act: Act, base: BaseImage) -> int | None:
    """Of CPython 3: by the program's name, the base's tag, or the release's own Python; None where it cannot be told."""
    program = (act.words[0] or "").rpartition("/")[2] if act.words else ""
    version = program.partition("3.")[2] if program.startswith(("pip3.", "python3.")) else ""
    known = base.language_version or base.version
    if not version and base.family in ("python", "pypy") and known.startswith("3."):
        version = known.split(".")[1]
    if version.isascii() and version.isdigit() and len(version) < 3:
        return int(version)
    return None if base.family in ("python", "pypy") else _SUITES.get(base.suite or "")


def _place(act: Act, base: BaseImage, asked: Wanted, before: frozenset[str]) -> _Place:
    """docker-library/python leaves pip, and up to 3.11 setuptools and wheel; a command that upgrades, or that names another version of what the base
    has, brings it anew."""
    minor = _minor(act, base)
    row = _BASES.get(base.family.rpartition("/")[2], _EMPTY)
    own = frozenset({"pip"} if minor is not None and minor >= 12 else {"pip", "setuptools", "wheel"}) | frozenset(row["have"])
    named = frozenset(each.name for each in asked.requests if any(operator in _NAMED for operator, _ in each.bounds))
    again = frozenset(each.name for each in asked.requests) if asked.upgrade else named
    earlier = frozenset() if asked.apart or asked.anew else before
    cached = any(write.kind is Kind.CACHE for write in act.writes) or act.install is not None and act.install.cache is not None
    return _Place(
        minor,
        base.libc == "musl",
        frozenset() if asked.apart else (own - again) | earlier,
        earlier & named,
        1.0 if asked.apart else row["least"],
        cached,
        act.step.startswith("uv "),
    )


def _found(asked: Wanted, have: frozenset[str], minor: int | None) -> tuple[Found, ...]:
    found = table.closure(asked.requests, have, minor or 12, asked.dependencies)
    return tuple(each for each in found if not each.name.startswith(tuple(_DATA["without_gpu"]["none_of"]))) if asked.without_gpu else found


@lru_cache(maxsize=128)
def _added(asked: Wanted, place: _Place) -> Addition:
    parts = [_part(each, place, asked.without_gpu) for each in _found(asked, place.have, place.minor)]
    parts += [_unknown()] * asked.unknown
    again = [request for request in asked.requests if request.name in place.perhaps]
    perhaps = [_part(each, place, asked.without_gpu) for each in table.closure(tuple(again), minor=place.minor or 12, dependencies=False)]
    return _addition(parts, perhaps, asked, place)


def _part(found: Found, place: _Place, without_gpu: bool) -> _Part:
    known, release = found.distribution, found.release
    if known is None or release is None:
        return _unknown()
    row = _DATA["without_gpu"]["distributions"].get(found.name) if without_gpu else None
    if row is not None:
        low, middle, high = row["unpacked"]
        return _Part(middle, release.bytecode, row["packed"], release.bytecode_packed, row["archive"], 1 - low / middle, high / middle - 1)
    scale = min(4.0, found.archive / release.archive) if found.archive and release.archive else 1.0
    sure = "exact" if found.exact and found.pinned else "archive" if found.archive else "newest" if found.exact else "another"
    off = _DATA["off"]["from_source" if known.from_source else sure] + min(_DATA["off"]["between"], found.doubt)
    if place.musl and release.bytecode < release.unpacked / 2:
        off += _DATA["off"]["musl"]
    scale = 1.0 if found.exact else scale
    return _Part(
        round(release.unpacked * scale),
        round(release.bytecode * scale),
        round(release.packed * scale),
        round(release.bytecode_packed * scale),
        round(release.archive * scale),
        off,
        off,
    )


def _unknown() -> _Part:
    low, middle, high = _DATA["unknown_distribution"]
    return _Part(middle, 0, round(middle * 0.3), 0, round(middle * 0.25), 1 - low / middle, high / middle - 1)


def _addition(rows: Sequence[_Part], perhaps: Sequence[_Part], asked: Wanted, place: _Place) -> Addition:
    rate, spread = _DATA["bytecode_by_minor"].get(str(place.minor)) or _DATA["bytecode_of_another"]
    rate = rate if asked.bytecode else 0.0
    bytecode = sum(row.bytecode for row in rows) * rate
    middle = sum(row.unpacked for row in rows) + bytecode
    # Each distribution errs by itself; how Python's versions differ in bytecode is common to all, and so is what the resolver does otherwise.
    common = math.hypot(bytecode * spread, middle * asked.resolution)
    below, above = (_width(((row.unpacked + row.bytecode * rate) * side for row, side in sides), common) for sides in _sides(rows))
    above += sum(row.unpacked + row.bytecode * rate for row in perhaps)
    if not asked.bytecode and asked.bytecode_unsure:
        above += sum(row.bytecode for row in rows)
    basis = "lockfile" if asked.locked else "package-index"
    kept = _size(min(middle - below, middle * place.least), middle, middle + above, basis)
    packed = (sum(row.packed for row in rows) + sum(row.bytecode_packed for row in rows) * rate) * _DATA["packed"][1]
    ratio = packed / middle if middle else 0.0
    compressed = _size(kept.low * ratio * _DATA["packed"][0], packed, kept.high * ratio * _DATA["packed"][2], basis)
    if not place.cached or not rows:
        return Addition(kept, compressed)
    return Addition(kept, compressed, *_cache(rows, place, basis))


def _sides(rows: Sequence[_Part]) -> tuple[list[tuple[_Part, float]], list[tuple[_Part, float]]]:
    return [(row, row.below) for row in rows], [(row, row.above) for row in rows]


def _cache(rows: Sequence[_Part], place: _Place, basis: str) -> tuple[Size, Size]:
    """What the installer keeps for the next time: pip the archives and the index's pages, uv the pages, since it links its unpacked archives into
    the environment."""
    archives = 0 if place.linked else sum(row.archive for row in rows)
    low, page, high = (each * len(rows) for each in _DATA["index_page_linked" if place.linked else "index_page"])
    share, most = _DATA["page_packed"], _DATA["archive_off"]
    return (
        _size(archives * (1 - most) + low, archives + page, archives * (1 + most) + high, basis),
        _size(archives * (1 - most) + low * share, archives + page * share, archives * (1 + most) + high * share, basis),
    )


def _width(own: Iterable[float], common: float) -> float:
    factor: float = _DATA["width"]
    return factor * math.hypot(*own, common)


def _size(low: float, middle: float, high: float, basis: str) -> Size:
    return Size(max(0, round(min(low, middle))), max(0, round(middle)), max(0, round(max(high, middle))), basis, table.SOURCE, table.DATE)


def _nothing_known() -> Addition:
    low, middle, high = _DATA["no_manifest"]
    source, date = _DATA["source"], _DATA["date"]
    return Addition(
        Size(low, middle, high, "default", source, date), Size(low // 4, round(middle * 0.28), high // 3, "default", source, date), ZERO, ZERO
    )
