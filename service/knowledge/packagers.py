"""How a distribution's package manager is called, and what its installations ask their environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Packager:
    """`updating`, `installing` and `cleaning` are the commands of a line that installs, empty where it needs none; `lean` leaves Recommends out.
    `keeping` installs and leaves in `left` what it read of the repositories, for an author who deletes that in a line of its own.
    `update` is the step that reads the lists. Of an author's options, `valued` take the next word, `selecting` choose where packages come from,
    `said`, the single `letters` and values with one of the `marks` say what the line says itself. Source and date: packagers.json."""

    update: str
    updating: str
    installing: str
    lean: str
    cleaning: str
    keeping: str
    left: str
    valued: frozenset[str]
    selecting: frozenset[str]
    said: frozenset[str]
    letters: str
    marks: tuple[str, ...]

    def own(self, value: str) -> bool:
        """Whether an option's value is what the line says itself."""
        return any(mark in value.lower() for mark in self.marks)


def _packager(row: Mapping[str, Any]) -> Packager:
    sets = {name: frozenset(row[name]) for name in ("valued", "selecting", "said")}
    return Packager(**{**row, **sets, "marks": tuple(row["marks"])})


_TABLE = json.loads(files(__package__).joinpath("packagers.json").read_text())
PACKAGERS: Mapping[str, Packager] = {name: _packager(row) for name, row in _TABLE["managers"].items()}
ENVIRONMENT: frozenset[str] = frozenset(_TABLE["environment"])
"""Variables that package managers and the scripts of packages read."""
