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
    """A package's `programs`, the endings of what `tar` unpacks with it, tar's options for that, and what Debian recommends with it."""

    programs: frozenset[str]
    unpacks: tuple[str, ...]
    letters: frozenset[str]
    recommends: tuple[str, ...]


def _row(row: Mapping[str, Any]) -> Helper:
    return Helper(frozenset(row["programs"]), tuple(row.get("unpacks", ())), frozenset(row.get("options", ())), tuple(row["recommends"]))


HELPERS: Mapping[str, Helper] = {name: _row(row) for name, row in _DATA["packages"].items()}
"""Source and date: helpers.json."""
