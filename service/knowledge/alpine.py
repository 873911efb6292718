"""What building needs on Alpine, and the libraries behind its -dev packages."""

from __future__ import annotations

import json
from importlib.resources import files

from service.knowledge.references import older

_DATA = json.loads(files(__package__).joinpath("alpine.json").read_text())
_STATIC_PROGRAMS = frozenset(_DATA["static_programs"])
_BUILD_ONLY = frozenset(_DATA["build_only"])
_LIBRARIES: dict[str, list[str]] = _DATA["libraries"]


def build_only(name: str) -> bool:
    """Whether a package is a compiler, a build tool, headers without a library of their own, or libraries to link statically. Source: alpine.json."""
    return name in _BUILD_ONLY or (name.endswith("-static") and name not in _STATIC_PROGRAMS)


def runtime_libraries(name: str, suite: str | None) -> tuple[str, ...] | None:
    """The libraries of a -dev package on a release (`alpine3.20`); None where the table does not have it, or for a release older than the table.

    `alpine` alone is the newest release.
    """
    release = (suite or "").removeprefix("alpine")
    if release and older(release, _DATA["first"]):
        return None
    rows = [row["libraries"] for row in _DATA["before"] if release and older(release, row["release"])]
    found = next((row[name] for row in (*rows, _LIBRARIES) if name in row), None)
    return None if found is None else tuple(found)
