"""The values a Dockerfile is read into. Printing them gives the source back, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.quick import quick


class DockerfileError(ValueError):
    """What BuildKit's parser or instruction checks reject; `line` and `column` are 1-based."""

    def __init__(self, message: str, line: int, column: int = 1) -> None:
        super().__init__(f"line {line}: {message}")
        self.message, self.line, self.column = message, line, column


@quick
@dataclass(frozen=True, slots=True)
class Flag:
    """`--name=value` (or a bare `--name`, whose value is None) in front of an instruction's arguments."""

    name: str
    value: str | None


@quick
@dataclass(frozen=True, slots=True)
class Heredoc:
    """`<<name` and its body. `expand` is False when the name was quoted; `chomp` marks `<<-`."""

    name: str
    content: str
    expand: bool
    chomp: bool


@quick
@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction.

    `keyword` is upper case, `word` is as the author wrote it. `value` is the logical text after the keyword as BuildKit sees it:
    continuations joined, comments and blank lines inside dropped, heredoc bodies not included. `rest` is `value` without `flags`.
    `json` is the exec form's words, where the rest is a JSON array of strings and the keyword takes one (for HEALTHCHECK: the words after CMD).
    `text` is the exact source, first line's indentation, heredoc bodies and line end included; `leading` the comments and blank lines before it.
    `lines` are the first and last source line, 1-based. `offsets[i]` is the index in `text` of `rest[i]`; it has one entry more than
    `rest` (the end). `trigger` is ONBUILD's own instruction.
    """

    keyword: str
    word: str
    value: str
    rest: str
    flags: tuple[Flag, ...]
    heredocs: tuple[Heredoc, ...]
    json: tuple[str, ...] | None
    text: str
    leading: str
    lines: tuple[int, int]
    offsets: tuple[int, ...]
    trigger: Instruction | None = None

    def flag(self, name: str) -> str | None:
        """The value of the last `--name=value`; None where there is none."""
        # Most instructions have no flag, and everybody asks.
        return next((flag.value for flag in reversed(self.flags) if flag.name == name), None) if self.flags else None

    def __str__(self) -> str:
        return self.leading + self.text


@dataclass(frozen=True, slots=True)
class Stage:
    """A FROM and what follows it. `base` and `platform` are as written; `name` is lower case, empty where there is no AS."""

    index: int
    name: str
    base: str
    platform: str
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """`instructions` in order and `trailing`, the text after the last one. `str()` gives the source back."""

    instructions: tuple[Instruction, ...]
    trailing: str
    escape: str
    newline: str
    directives: tuple[tuple[str, str], ...]

    @property
    def globals(self) -> tuple[Instruction, ...]:
        """The ARGs in front of the first FROM."""
        return tuple(self._before_first_from())

    @property
    def stages(self) -> tuple[Stage, ...]:
        starts = [index for index, item in enumerate(self.instructions) if item.keyword == "FROM"]
        ends = [*starts[1:], len(self.instructions)]
        return tuple(_stage(number, self.instructions[start:end]) for number, (start, end) in enumerate(zip(starts, ends, strict=False)))

    def _before_first_from(self) -> Iterator[Instruction]:
        for item in self.instructions:
            if item.keyword == "FROM":
                return
            yield item

    def __str__(self) -> str:
        return "".join(map(str, self.instructions)) + self.trailing


def _stage(index: int, instructions: tuple[Instruction, ...]) -> Stage:
    head = instructions[0]
    words = head.rest.split()
    name = words[2].lower() if len(words) == 3 else ""
    return Stage(index, name, words[0], head.flag("platform") or "", instructions)
