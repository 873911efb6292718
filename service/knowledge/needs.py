"""What language packages need of the system at run time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
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
    """None where nothing is known of a package. A row `Test::*` speaks for all names below. Source and date: needs.json."""
    name = package.lower().replace("_", "-") if ecosystem == "python" else package
    rows = _DATA.get(_LIKE.get(ecosystem, ecosystem), {})
    found = rows.get(name)
    if found is None:
        found = next((rows[prefix] for prefix in _prefixes(name) if prefix in rows), None)
    return None if found is None else Need(tuple(found))


def _prefixes(name: str) -> Iterator[str]:
    """`A::B::*` and `A::*` for `A::B::C`."""
    parts = name.split("::")
    yield from ("::".join((*parts[:count], "*")) for count in range(len(parts) - 1, 0, -1))
