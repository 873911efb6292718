"""What `pip install`, `uv`, poetry and pipenv add to a layer: the distributions that the manifests lead to, each by the table of `knowledge.pip`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
_MUSL = 0.25


@dataclass(frozen=True, slots=True)
class _Part:
    """Bytes of one distribution: files without bytecode, bytecode, both compressed, the archive; and how far the first may be off (fractions below
    and above)."""

    unpacked: int
    bytecode: int
    packed: int
    archive: int
    below: float
    above: float


def added(act: Act, context: BuildContext, base: BaseImage, env: Mapping[str, str] | None = None) -> Addition | None:
    """What an install command adds; None for one that installs nothing of Python. `env` is the environment it runs in, where the caller knows more
    of it than the assignments in front of the command."""
    if act.install is None or act.install.ecosystem != "python":
        return None
    minor = _minor(act, base)
    asked = wanted(act, context, minor or 12, {**(env or {}), **dict(act.env)})
    if asked is None:
        return _nothing_known()
    have = _present(base, minor, asked)
    found = table.closure(asked.requests, have, minor or 12, asked.dependencies)
    parts = [_part(each, base) for each in found]
    parts += [_unknown()] * asked.unknown
    cached = any(write.kind is Kind.CACHE for write in act.writes) or act.install.cache is not None
    return _addition(parts, asked, minor, cached)


def _minor(act: Act, base: BaseImage) -> int | None:
    """Of CPython 3: by the program's name, the base's tag, or the release's own Python; None where it cannot be told."""
    program = (act.words[0] or "").rpartition("/")[2] if act.words else ""
    version = program.partition("3.")[2] if program.startswith(("pip3.", "python3.")) else ""
    if not version and base.family in ("python", "pypy") and base.version.startswith("3."):
        version = base.version.split(".")[1]
    if version.isascii() and version.isdigit() and len(version) < 3:
        return int(version)
    return None if base.family in ("python", "pypy") else _SUITES.get(base.suite or "")


def _present(base: BaseImage, minor: int | None, asked: Wanted) -> frozenset[str]:
    """docker-library/python leaves pip, and up to 3.11 setuptools and wheel. One that is asked for in another version, or anew, comes again."""
    known = {"pip"} if minor is not None and minor >= 12 else {"pip", "setuptools", "wheel"}
    again = {each.name for each in asked.requests if asked.upgrade or any(operator == "==" for operator, _ in each.bounds)}
    return frozenset() if asked.apart else frozenset(known - again)


def _part(found: Found, base: BaseImage) -> _Part:
    known, release = found.distribution, found.release
    if known is None or release is None:
        return _unknown()
    scale = min(4.0, found.archive / release.archive) if found.archive and release.archive else 1.0
    unpacked, source = round(release.unpacked * scale), round(release.source * scale)
    bytecode = round(source * (known.bytecode or _DATA["bytecode_unmeasured"][0]))
    overhead = _DATA["archive_overhead_of_a_file"] * release.files
    packed = max(round(release.archive * 0.5), release.archive - overhead) * scale
    packed += bytecode * (known.bytecode_packed or _DATA["bytecode_unmeasured"][1])
    off = 0.01 if found.exact and found.pinned or found.archive else 0.03 if found.exact else 0.08
    if known.from_source:
        off = 0.4
    if base.libc == "musl" and source < unpacked / 2:
        off += _MUSL
    return _Part(unpacked, bytecode, round(packed + _DATA["packed_of_a_file"] * release.files), round(release.archive * scale), off, off)


def _unknown() -> _Part:
    low, middle, high = _DATA["unknown_distribution"]
    return _Part(middle, 0, round(middle * 0.3), round(middle * 0.25), 1 - low / middle, high / middle - 1)


def _addition(parts: Iterable[_Part], asked: Wanted, minor: int | None, cached: bool) -> Addition:
    rows = list(parts)
    rate, spread = _DATA["bytecode_by_minor"].get(str(minor)) or _DATA["bytecode_of_another"]
    rate = rate if asked.bytecode else 0.0
    unpacked = sum(row.unpacked for row in rows)
    bytecode = round(sum(row.bytecode for row in rows) * rate)
    middle = unpacked + bytecode
    # Each distribution errs by itself; how Python's versions differ in bytecode is common to all, and so is what the resolver does otherwise.
    below = _width(((row.unpacked + row.bytecode * rate) * row.below for row in rows), (bytecode * spread, middle * asked.resolution))
    above = _width(((row.unpacked + row.bytecode * rate) * row.above for row in rows), (bytecode * spread, middle * asked.resolution))
    if not asked.bytecode and asked.bytecode_unsure:
        above += sum(row.bytecode for row in rows)
    basis = "lockfile" if asked.locked else "package-index"
    kept = _size(middle - below, middle, middle + above, basis)
    packed = sum(row.packed for row in rows) - sum(row.bytecode * (1 - rate) * _DATA["bytecode_unmeasured"][1] for row in rows)
    ratio = packed / middle if middle else 0.0
    compressed = _size(kept.low * ratio * 0.82, packed, kept.high * ratio * 1.18, basis)
    if not cached or not rows:
        return Addition(kept, compressed)
    low, page, high = (each * len(rows) for each in _DATA["index_page"])
    archives = sum(row.archive for row in rows)
    removable = _size(archives * 0.8 + low, archives + page, archives * 1.2 + high, basis)
    return Addition(kept, compressed, removable, _size(archives * 0.8, archives + page * 0.15, archives * 1.2 + high * 0.2, basis))


def _width(own: Iterable[float], common: Iterable[float]) -> float:
    return 1.3 * math.sqrt(sum(each * each for each in own)) + sum(common)


def _size(low: float, middle: float, high: float, basis: str) -> Size:
    return Size(max(0, round(min(low, middle))), max(0, round(middle)), max(0, round(max(high, middle))), basis, table.SOURCE, table.DATE)


def _nothing_known() -> Addition:
    low, middle, high = _DATA["no_manifest"]
    source, date = _DATA["source"], _DATA["date"]
    return Addition(
        Size(low, middle, high, "default", source, date), Size(low // 4, round(middle * 0.28), high // 3, "default", source, date), ZERO, ZERO
    )
