"""Reading Makefiles as GNU make does: what it would hand to the shell for its goals. What cannot be told is not guessed."""

from __future__ import annotations

from functools import lru_cache

from service.ecosystems.makefiles.command import CommandLine, command_line, handed_down
from service.ecosystems.makefiles.expansion import value_of
from service.ecosystems.makefiles.model import FILES, UNKNOWN, Call, Line, Recipes, Surroundings, Unreadable, told
from service.ecosystems.makefiles.reading import read_makefile
from service.ecosystems.makefiles.running import run

__all__ = ["FILES", "UNKNOWN", "Call", "CommandLine", "Line", "Recipes", "Surroundings", "command_line", "handed_down", "recipes"]

_LONGEST = 50_000


def recipes(text: str, call: Call, around: Surroundings) -> Recipes | None:
    """What make would run for the goals (without any: the first target), or None where that cannot be told."""
    if len(text) > _LONGEST or UNKNOWN in text or FILES in text:
        return None
    return _recipes(text, call, around)


@lru_cache(maxsize=128)
def _recipes(text: str, call: Call, around: Surroundings) -> Recipes | None:
    try:
        file = read_makefile(text, call, around)
        lines = tuple(run(file))
        exports = tuple((name, told(value_of(name, file))) for name in file.exported)
    except Unreadable:
        return None
    return Recipes(lines, exports)
