"""The words of a `make` command."""

from __future__ import annotations

import posixpath
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from service.ecosystems.makefiles.model import UNKNOWN, told
from service.ecosystems.model import Invocation

_WITH_VALUE = frozenset({"-C", "-f", "-I", "-o", "-W", "--directory", "--file", "--makefile", "--include-dir", "--old-file", "--assume-new"})
_NUMBERED = frozenset({"-j", "-l", "--jobs", "--load-average"})
_QUIET = frozenset({"-s", "-k", "-B", "-w", "-j", "-l", "-S", "-O"})
_HARMLESS = _QUIET | {
    *("-C", "-f", "--directory", "--file", "--makefile", "--jobs", "--load-average", "--silent", "--quiet", "--keep-going", "--always-make"),
    *("--no-print-directory", "--print-directory", "--output-sync", "--trace", "--warn-undefined-variables", "--stop"),
}
_OVERRIDE = "\x1f"


@dataclass(frozen=True, slots=True)
class CommandLine:
    """`make -C folder -f file goal VAR=value`. `plain`: nothing in it changes how make reads its file. A goal of None is not known."""

    folder: str
    file: str | None
    goals: tuple[str | None, ...]
    overrides: tuple[tuple[str, str | None], ...]
    plain: bool

    def value(self, *names: str) -> str | None:
        return next((value for name, value in reversed(self.overrides) if name in names), None)


def command_line(invocation: Invocation) -> CommandLine:
    """What a `make` command says, with the variables that an outer make hands down."""
    folder, file, plain = invocation.cwd, None, True
    goals: list[str | None] = []
    flags = invocation.env.get("MAKEFLAGS", "")
    handed = [word.partition("=") for word in flags.split(_OVERRIDE)[1:] if "=" in word]
    overrides: list[tuple[str, str | None]] = [(name, told(value)) for name, _, value in handed]
    words = deque(invocation.words[1:])
    while words:
        word = words.popleft()
        if word is None or not word.startswith("-") or word == "-":
            name, equals, value = (word or "").partition("=")
            if equals:
                overrides.append((name.rstrip(":+?"), None if name[-1:] in ("+", "?") else told(value)))
            else:
                goals.append(word)
            continue
        option, equals, value = word.partition("=")
        given: str | None = value
        if not equals and word[:2] in ("-C", "-f", "-j", "-l", "-O") and len(word) > 2:
            option, given, equals = word[:2], word[2:], "="
        if not equals and option in _WITH_VALUE and words:
            given = words.popleft()
        elif not equals and option in _NUMBERED and words and (words[0] or "").replace(".", "").isdigit():
            words.popleft()
        if not option.startswith("--") and len(option) > 2 and all(f"-{letter}" in _QUIET for letter in option[1:]):
            continue
        plain = plain and option in _HARMLESS and given is not None
        if option in ("-C", "--directory"):
            folder = posixpath.normpath(posixpath.join(folder, given or "."))
        elif option in ("-f", "--file", "--makefile"):
            file = given
    return CommandLine(folder, file, tuple(goals), tuple(overrides), plain)


def handed_down(overrides: Iterable[tuple[str, str | None]]) -> str:
    """MAKEFLAGS as `command_line` of an inner make takes it."""
    return _OVERRIDE + _OVERRIDE.join(f"{name}={UNKNOWN if value is None else value}" for name, value in overrides)
