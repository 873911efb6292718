"""What `apk add` adds to a layer: a range. Sizes of single packages are read off two current images; Alpine's index is not bundled."""

from __future__ import annotations

import json
from importlib.resources import files

from service.image.effects import PackageChange
from service.image.model import BaseImage
from service.sizing.model import Addition, Size

_DATA = json.loads(files("service.knowledge").joinpath("apk-packages.json").read_text())
_KIB: dict[str, int] = _DATA["packages"]
_DEPENDS: dict[str, list[str]] = _DATA["depends"]
_BASE = frozenset(_DATA["base"])
_CLOSURES: dict[str, int] = json.loads(files(__package__).joinpath("defaults.json").read_text())["apk"]
_RELEASES = (0.6, 1.0, 1.5)
"""A package of another release of Alpine beside the one that was read."""
_CLOSURE = (0.5, 1.0, 2.0)
_UNKNOWN = (20_000, 1_500_000, 60_000_000)
_RATIO = (0.28, 0.37, 0.55)
"""Packed to unpacked: 2.71 for apk layers (ratio-fit-2020.json, docker-library/repo-info), with its spread."""


def added(change: PackageChange, base: BaseImage, before: frozenset[str]) -> tuple[Addition, frozenset[str]]:
    """The addition and the packages that are there afterwards. A package whose dependencies are not known counts as what `apk add` prints for it
    with them, where that is known."""
    have = before | (base.packages or _BASE)
    low = middle = high = 0
    for name in dict.fromkeys(change.installed):
        if name in have or name in change.removed:
            continue
        if name in _KIB:
            new = _closure(name, have)
            part = tuple(sum(_KIB[one] for one in new) * 1024 * factor for factor in _RELEASES)
            have |= new
        elif isinstance(_CLOSURES.get(name), int):
            part = tuple(_CLOSURES[name] * factor for factor in _CLOSURE)
        else:
            part = _UNKNOWN
        low, middle, high = low + round(part[0]), middle + round(part[1]), high + round(part[2])
        have |= {name}
    kept = Size(low, middle, high, "ratio" if high else "catalogue", _DATA["source"], _DATA["date"])
    return Addition(kept, kept.scaled(*_RATIO)), (have - (base.packages or _BASE)) - frozenset(change.removed)


def _closure(name: str, have: frozenset[str]) -> frozenset[str]:
    found: set[str] = set()
    queue = [name]
    while queue:
        one = queue.pop()
        if one not in found and one not in have:
            found.add(one)
            queue += _DEPENDS.get(one, ())
    return frozenset(found)
