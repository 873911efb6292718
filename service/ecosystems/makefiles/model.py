"""What a Makefile is read into, and what make sees beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

UNKNOWN = "\ue000"
"""Stands in a recipe for text that nobody can tell."""
FILES = "\ue001"
"""Stands for the names of files that are there before make starts."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What make sees beside its file: a path's content where the context brought it, whether it is there, whether a command may have made it,
    and the files that match a glob (None: not known). Two are equal where they look at the same files."""

    key: object
    read: Callable[[str], str | None] = field(compare=False)
    has: Callable[[str], bool | None] = field(compare=False)
    made: Callable[[str], bool] = field(compare=False)
    matching: Callable[[str], tuple[str, ...] | None] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One run of make: its folder, its file's name, goals, variables of the command line (None: not known), and the environment."""

    folder: str
    file: str = "Makefile"
    goals: tuple[str, ...] = ()
    overrides: tuple[tuple[str, str | None], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A recipe line as the shell gets it, `UNKNOWN` and `FILES` in it. `ignored`: make goes on where it fails."""

    text: str
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class Recipes:
    """Everything that the goals may run, prerequisites first, and the variables that make puts into the environment (None: not known)."""

    lines: tuple[Line, ...]
    exports: tuple[tuple[str, str | None], ...] = ()


class Unreadable(Exception):
    """What is asked for cannot be told."""


@dataclass(frozen=True, slots=True)
class Variable:
    value: str
    simple: bool = False


@dataclass(slots=True)
class Rule:
    prerequisites: list[str] = field(default_factory=list)
    order_only: list[str] = field(default_factory=list)
    recipe: list[str] | None = None
    stem: str = ""
    unreadable: bool = False


@dataclass(slots=True)
class Pattern:
    target: str
    prerequisites: tuple[str, ...]
    recipe: list[str] | None = None


@dataclass(slots=True)
class Body:
    """The recipe lines behind a rule; the rules have them once there is one."""

    rules: list[Rule] | list[Pattern]
    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        self.lines.append(line)
        for rule in self.rules:
            rule.recipe = self.lines


@dataclass(slots=True)
class Branch:
    """A conditional: whether the current branch is read (None: nobody can tell), and whether an earlier one was."""

    active: bool | None
    taken: bool | None


@dataclass(slots=True)
class Makefile:
    call: Call
    around: Surroundings
    variables: dict[str, Variable]
    fixed: frozenset[str]
    rules: dict[str, Rule] = field(default_factory=dict)
    patterns: list[Pattern] = field(default_factory=list)
    exported: dict[str, None] = field(default_factory=dict)
    branches: list[Branch] = field(default_factory=list)
    first: str = ""
    phony: set[str] = field(default_factory=set)
    mentioned: set[str] = field(default_factory=set)
    unnamed: bool = False
    expansions: int = 0
    letters: int = 0


def told(text: str) -> str | None:
    return None if UNKNOWN in text or FILES in text else text


def plain_name(target: str) -> str:
    return target.removeprefix("./") or target
