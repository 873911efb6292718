"""The shared libraries that a compiler's programs are linked with, or open, beyond the C library: they come with the compiler's package."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from importlib.resources import files
from typing import Any

from service.knowledge import apt
from service.remembering import remembered

_DATA: Mapping[str, Any] = json.loads(files(__package__).joinpath("linked.json").read_text())
MARKS: Mapping[str, Sequence[str]] = _DATA["marks"]
"""Words of build files and command lines that say that a feature is used."""


def linked_libraries(package: str, manager: str, suite: str | None, features: frozenset[str] = frozenset()) -> tuple[str, ...] | None:
    """Packages of the libraries behind a compiler's package, of `apt` or `apk`, where a program uses some `features` of it; empty where there
    are none. None where a suite without a table cannot say their names. Source and date: linked.json."""
    patterns = tuple(
        pattern
        for row in _DATA.get(manager, ())
        if any(fnmatchcase(package, name) for name in row["packages"]) and row.get("when", "") in ("", *features)
        for pattern in row["libraries"]
    )
    if not patterns or manager != "apt":
        return patterns
    plain = all(pattern.isalnum() for pattern in patterns)
    return tuple(patterns) if plain and apt.table(suite) is None else _of_suite(package, patterns, suite)


@remembered(512)
def _of_suite(package: str, patterns: tuple[str, ...], suite: str | None) -> tuple[str, ...] | None:
    """The packages that a compiler brings along in a suite, as far as the patterns name them."""
    table = apt.table(suite)
    if table is None:
        return None
    brought = table.closure((package,))
    return tuple(sorted(name for name in brought if any(fnmatchcase(name, pattern) for pattern in patterns)))
