"""The values a shell script is read into: leaf commands in source order, each with its exact span."""

from __future__ import annotations

from dataclasses import dataclass

from service.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class Word:
    """One argument. `raw` is the source text; `value` is what the shell would pass, quotes removed, or None where that is not constant
    (a variable, a substitution, an unquoted glob or tilde). `start` and `end` are offsets in the script's text."""

    raw: str
    value: str | None
    start: int
    end: int


@quick
@dataclass(frozen=True, slots=True)
class Redirect:
    """`operator` is `>`, `>>`, `<`, `<<`, `2>&1`'s `>&` and so on; `target` is the word after it (a heredoc's is its body)."""

    operator: str
    descriptor: str
    target: Word
    start: int
    end: int


@quick
@dataclass(frozen=True, slots=True)
class Command:
    """A simple command, wrappers (`sudo`, `env`, `exec`, `time`, `nice`, constant `sh -c`) taken off.

    `words[0]` is the program. `assignments` are `NAME=value` in front of it (a command of assignments only has no words).
    `operator` joins it to what came before: `""` for the first, else `&&`, `||`, `;`, `|`, `&` or a newline as `;`.
    `nesting` names the compound commands around it, outermost first: `if`, `for`, `while`, `case`, `(`, `{`, `function`, `$(`;
    `function` is followed by the function's name as `name()`.
    `start` and `end` span the whole simple command in the script's text, assignments, wrappers and redirects included.
    """

    words: tuple[Word, ...]
    assignments: tuple[tuple[str, Word], ...]
    redirects: tuple[Redirect, ...]
    operator: str
    nesting: tuple[str, ...]
    wrappers: tuple[str, ...]
    start: int
    end: int

    @property
    def name(self) -> str | None:
        """The program's name without its folder; None where it is not constant or there is no program."""
        value = self.words[0].value if self.words else None
        return value.rsplit("/", 1)[-1] if value else None


@quick
@dataclass(frozen=True, slots=True)
class Script:
    """A script's commands; `opaque` is why it could not be read (then `commands` is empty), else None."""

    text: str
    commands: tuple[Command, ...]
    opaque: str | None = None
