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
    rows = tuple(
        row
        for row in _DATA.get(manager, ())
        if any(fnmatchcase(package, name) for name in row["packages"]) and row.get("when", "") in ("", *features)
    )
    patterns = tuple(pattern for row in rows for pattern in row.get("libraries", ()))
    through = tuple(pattern for row in rows for pattern in row.get("through", ()))
    if not rows or manager != "apt":
        return patterns
    plain = not through and all(pattern.isalnum() for pattern in patterns)
    return patterns if plain and apt.table(suite) is None else _of_suite(package, patterns, through, suite)


@remembered(512)
def _of_suite(package: str, patterns: tuple[str, ...], through: tuple[str, ...], suite: str | None) -> tuple[str, ...] | None:
    """The packages that a compiler brings along in a suite, as far as the patterns name them; and the libraries that the packages on the way
    `through` depend on themselves."""
    table = apt.table(suite)
    if table is None:
        return None
    brought = table.closure((package,))
    named = {name for name in brought if any(fnmatchcase(name, pattern) for pattern in patterns)}
    passed = (table.package(name) for name in brought if any(fnmatchcase(name, pattern) for pattern in through))
    own = {alternatives[0] for one in passed if one is not None for alternatives in one.depends}
    return tuple(sorted(named | {name for name in own if (found := table.package(name)) is not None and found.section in ("libs", "oldlibs")}))
