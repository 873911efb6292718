"""Which package a program comes in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files

_ROWS: Mapping[str, Mapping[str, str]] = json.loads(files(__package__).joinpath("programs.json").read_text())["programs"]

PROGRAMS = frozenset(_ROWS)


def package_of(program: str, manager: str) -> str | None:
    """The package of `apt` or `apk` that holds a program; None where the table has none. Source and date: programs.json."""
    return _ROWS.get(program, {}).get(manager)
