"""What language packages need of the system at run time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

_STORED = json.loads(files(__package__).joinpath("needs.json").read_text())
_LIKE: Mapping[str, str] = _STORED.pop("like")
_DATA: Mapping[str, Mapping[str, Sequence[str]]] = _STORED


@dataclass(frozen=True, slots=True)
class Need:
    """`packages` are Debian names; where releases differ the alternatives are joined by a bar, for the apt table to choose from."""

    packages: tuple[str, ...]


def needs(ecosystem: str, package: str) -> Need | None:
    """None where nothing is known of a package. Source and date: needs.json."""
    name = package.lower().replace("_", "-") if ecosystem == "python" else package
    found = _DATA.get(_LIKE.get(ecosystem, ecosystem), {}).get(name)
    return None if found is None else Need(tuple(found))
