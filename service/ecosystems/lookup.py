"""Finding the step that describes a command."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.quick import quick

_RELEASE = re.compile(r"-[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}$")


@quick
@dataclass(frozen=True, slots=True)
class Match:
    step: Step
    ecosystem: Ecosystem
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class _Row:
    words: tuple[frozenset[str], ...]
    step: Step
    ecosystem: Ecosystem


class Catalogue:
    """All steps, by the program's name."""

    def __init__(self, ecosystems: Sequence[Ecosystem]) -> None:
        rows: dict[str, list[_Row]] = {}
        for ecosystem in ecosystems:
            for step in ecosystem.steps:
                words = tuple(frozenset(word.split("|")) for word in step.command.split())
                for program in words[0]:
                    rows.setdefault(program, []).append(_Row(words[1:], step, ecosystem))
        self._modules: Mapping[str, str] = {module: program for ecosystem in ecosystems for module, program in ecosystem.modules}
        # The longest command is the most specific one: `npm run build` before `npm`.
        self._rows: Mapping[str, tuple[_Row, ...]] = {name: tuple(sorted(found, key=lambda row: -len(row.words))) for name, found in rows.items()}

    def find(self, invocation: Invocation) -> Match | None:
        """The most specific step for a command; options may stand between its words. None: nobody knows it."""
        program = invocation.words[0] if invocation.words else None
        if program is None:
            return None
        name = program.rsplit("/", 1)[-1]
        if name not in self._rows:
            # Debian's name for one release of a program: `g++-12`.
            name = _RELEASE.sub("", name)
        return self._row(invocation.words, name) or self._module(invocation.words, name)

    def _module(self, words: tuple[str | None, ...], name: str) -> Match | None:
        """`python3 -m MODULE ...` is the program of that module."""
        module = words[2] if len(words) > 2 and words[1] == "-m" and name.startswith(("python", "pypy")) else None
        program = self._modules.get(module) if module is not None else None
        return self._row(words[2:], program) if program is not None else None

    def _row(self, words: tuple[str | None, ...], name: str) -> Match | None:
        for row in self._rows.get(name, ()):
            rest = _after(row.words, words[1:], row.step.valued)
            arguments = parse(rest, row.step.valued) if rest is not None else None
            if arguments is not None and (row.step.when is None or row.step.when(arguments)):
                return Match(row.step, row.ecosystem, arguments)
        return None


def _after(words: tuple[frozenset[str], ...], given: tuple[str | None, ...], valued: frozenset[str]) -> tuple[str | None, ...] | None:
    """What is left when a step's own words are taken from the front of `given`, options in between kept; None where they are not there."""
    kept: list[str | None] = []
    position = 0
    for alternatives in words:
        while position < len(given) and _is_aside(given[position]) and given[position] not in alternatives:
            kept.append(given[position])
            if given[position] in valued and position + 1 < len(given):
                position += 1
                kept.append(given[position])
            position += 1
        if position >= len(given) or given[position] not in alternatives:
            return None
        position += 1
    return (*kept, *given[position:])


def _is_option(word: str | None) -> bool:
    return word is not None and word.startswith("-") and len(word) > 1


def _is_aside(word: str | None) -> bool:
    """An option, or a toolchain chosen with a plus (`cargo +nightly build`)."""
    return _is_option(word) or (word is not None and word.startswith("+"))


def parse(words: tuple[str | None, ...], valued: frozenset[str]) -> Arguments:
    """Options and positionals. `--name=value` and `-nvalue` carry their value; an option of `valued` takes the next word."""
    options: list[tuple[str, str | None]] = []
    positionals: list[str | None] = []
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word is None or not _is_option(word):
            positionals.append(word)
        elif word == "--":
            positionals += words[position:]
            break
        elif "=" in word:
            name, _, value = word.partition("=")
            options.append((name, value))
        elif word in valued:
            options.append((word, words[position] if position < len(words) else None))
            position += 1
        elif len(word) > 2 and word[1] != "-" and word[:2] in valued:
            options.append((word[:2], word[2:]))
        else:
            options.append((word, ""))
            if len(word) > 2 and word[1] != "-":
                options += [(f"-{letter}", "") for letter in word[1:]]
                if f"-{word[-1]}" in valued and position < len(words):
                    options.append((f"-{word[-1]}", words[position]))
                    position += 1
    return Arguments(tuple(options), tuple(positionals))
