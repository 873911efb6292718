"""Programs that start another one: as their arguments say (`tini -- CMD`, `socat ... EXEC:CMD`), or as their configuration does (supervisord)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

_DATA: Mapping[str, Any] = json.loads(files(__package__).joinpath("starters.json").read_text())
_OPTIONS = 64
"""Words looked at before the command: none of these programs takes more."""


@dataclass(frozen=True, slots=True)
class Starter:
    """How a program is told what to start. `values` are options with a value of their own; `operands` counts words in front of the command, and
    `behind` are words that the command only stands behind; with `assignments`, `A=B` is none. `texts` are options whose value is a command for a
    shell, with `only_texts` the only place for one; with `every`, each word is one. `addresses` are keywords of socat(1). `common` names are those
    that projects give to programs of their own too."""

    values: frozenset[str] = frozenset()
    operands: int = 0
    behind: frozenset[str] = frozenset()
    assignments: bool = False
    texts: frozenset[str] = frozenset()
    only_texts: bool = False
    every: bool = False
    addresses: frozenset[str] = frozenset()
    common: bool = False

    def command(self, words: Sequence[str | None]) -> int | None:
        """Where in the words, of which the first is the program, the command begins; None where none is given, or it cannot be told."""
        if self.only_texts or self.every or self.addresses:
            return None
        skip, place, waiting = self.operands, 1, bool(self.behind)
        while place < min(len(words), _OPTIONS):
            word = words[place]
            if word is None:
                return None
            place += 1
            if waiting and word in self.behind:
                waiting = False
            elif word in self.values or word in self.texts:
                place += 1
            elif word.startswith("-") or (self.assignments and "=" in word):
                continue
            elif waiting and "--" not in self.behind:
                return None
            elif skip:
                skip -= 1
            elif not waiting:
                return place - 1
        return None

    def commands(self, words: Sequence[str | None]) -> tuple[str, ...]:
        """Commands that are given as the text of one word."""
        following = zip(words[1:], words[2:], strict=False)
        found = [value for option, value in following if option in self.texts and value]
        found += [text for word in words[1:] if word for text in self._addressed(word)]
        if self.every:
            before = zip(words, words[1:], strict=False)
            found += [word for option, word in before if word and not word.startswith("-") and option not in self.values]
        return tuple(found)

    def _addressed(self, word: str) -> tuple[str, ...]:
        keyword, colon, rest = word.partition(":")
        if not colon or keyword.upper() not in self.addresses:
            return ()
        # socat(1): options follow behind a comma, unless a backslash or quotes take its meaning.
        end, quote = 0, ""
        while end < len(rest) and (quote or rest[end] != ","):
            letter = rest[end]
            if letter == "\\":
                end += 1
            elif letter in "\"'":
                quote = "" if quote == letter else quote or letter
            end += 1
        return (rest[:end],)


def _row(row: Mapping[str, Any]) -> Starter:
    values: dict[str, Any] = {name: frozenset(value) if isinstance(value, list) else value for name, value in row.items()}
    return Starter(**values)


STARTERS: Mapping[str, Starter] = {name: _row(row) for name, row in _DATA["rows"].items()}
"""By the program's name. Source and date: starters.json."""
CONFIGURED: frozenset[str] = frozenset(_DATA["configured"]["programs"])
"""Programs that start whatever their configuration says."""
MACHINES: frozenset[str] = frozenset(_DATA["machines"]["programs"])
"""Words that start a whole system's first process: the image is a machine, not a program."""
SERVING: frozenset[str] = frozenset(_DATA["serving"]["programs"])
"""Programs of the system that hand out files or data, and start nothing of the image's own."""
