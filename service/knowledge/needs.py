"""What language packages need of the system at run time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from service.image.effects import LanguageInstall

_STORED = json.loads(files(__package__).joinpath("needs.json").read_text())
_LIKE: Mapping[str, str] = _STORED.pop("like")
_DATA: Mapping[str, Mapping[str, Sequence[str]]] = _STORED


_PROGRAM = "program:"


@dataclass(frozen=True, slots=True)
class Need:
    """`packages` are Debian names; where releases differ the alternatives are joined by a bar, for the apt table to choose from. `programs` come
    with a base image alone (a runtime that no distribution packages)."""

    packages: tuple[str, ...]
    programs: tuple[str, ...] = ()


def needs(ecosystem: str, package: str) -> Need | None:
    """None where nothing is known of a package. A row `Test::*` speaks for all names below. Source and date: needs.json."""
    name = package.lower().replace("_", "-") if ecosystem == "python" else package
    rows = _DATA.get(_LIKE.get(ecosystem, ecosystem), {})
    found = rows.get(name)
    if found is None:
        found = next((rows[prefix] for prefix in _prefixes(name) if prefix in rows), None)
    if found is None:
        return None
    programs = tuple(name.removeprefix(_PROGRAM) for name in found if name.startswith(_PROGRAM))
    return Need(tuple(name for name in found if not name.startswith(_PROGRAM)), programs)


def programs_needed(installs: Iterable[LanguageInstall]) -> frozenset[str]:
    """Programs of the base image that what was built or installed runs on."""
    asked = (needs(install.ecosystem, package) for install in installs for package in install.packages)
    return frozenset(program for need in asked if need is not None for program in need.programs)


def _prefixes(name: str) -> Iterator[str]:
    """`A::B::*` and `A::*` for `A::B::C`."""
    parts = name.split("::")
    yield from ("::".join((*parts[:count], "*")) for count in range(len(parts) - 1, 0, -1))
