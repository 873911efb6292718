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
    """A package's `programs`, the endings of what `tar` unpacks with it, and what Debian recommends with it."""

    programs: frozenset[str]
    unpacks: tuple[str, ...]
    recommends: tuple[str, ...]


HELPERS: Mapping[str, Helper] = {
    name: Helper(frozenset(row["programs"]), tuple(row.get("unpacks", ())), tuple(row["recommends"])) for name, row in _DATA["packages"].items()
}
"""Source and date: helpers.json."""
