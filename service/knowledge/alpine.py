"""What building needs on Alpine, and the libraries behind its -dev packages."""

from __future__ import annotations

import json
from importlib.resources import files

_DATA = json.loads(files(__package__).joinpath("alpine.json").read_text())
_BUILD_ONLY = frozenset(_DATA["build_only"])
_LIBRARIES: dict[str, list[str]] = _DATA["libraries"]


def build_only(name: str) -> bool:
    """Whether a package is a compiler, a build tool or headers without a library of their own. Source: alpine.json."""
    return name in _BUILD_ONLY


def runtime_libraries(name: str) -> tuple[str, ...] | None:
    """The libraries of a -dev package; None where the table does not have it."""
    found = _LIBRARIES.get(name)
    return None if found is None else tuple(found)
