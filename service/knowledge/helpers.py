"""Programs that fetch, unpack and change files, which builds call and most images do not need afterwards, by the package that brings them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

_DATA: Mapping[str, Any] = json.loads(files(__package__).joinpath("helpers.json").read_text())


@dataclass(frozen=True, slots=True)
class Helper:
    """A package's `programs`, the endings of what `tar` unpacks with it, tar's options for that, what Debian recommends with it, and the `callers`,
    compilers and package managers that fetch by it."""

    programs: frozenset[str]
    unpacks: tuple[str, ...]
    letters: frozenset[str]
    recommends: tuple[str, ...]
    callers: frozenset[str]


def _row(row: Mapping[str, Any]) -> Helper:
    sets = {name: frozenset(row.get(name, ())) for name in ("programs", "callers")}
    return Helper(unpacks=tuple(row.get("unpacks", ())), letters=frozenset(row.get("options", ())), recommends=tuple(row["recommends"]), **sets)


HELPERS: Mapping[str, Helper] = {name: _row(row) for name, row in _DATA["packages"].items()}
"""Source and date: helpers.json."""
