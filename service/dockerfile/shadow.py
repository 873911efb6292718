"""dockerfile-parse finds the instructions, in shadows of their text: equal line for line, with the spots it misreads made harmless. Each shadow is
read by itself, since what was read of another that is equal is known."""

from __future__ import annotations

from io import BytesIO

from dockerfile_parse import DockerfileParser

from service.dockerfile.lines import Block, first_word
from service.remembering import ByLength

_MORE = "x \\"


def found(blocks: tuple[Block, ...]) -> tuple[tuple[str, int, int], ...]:
    """(keyword in upper case, first line, last line of the command itself), 0-based, for each instruction of the shadows."""
    return tuple((word, block.start + first, block.start + last) for block in blocks for word, first, last in _STRUCTURES(_shadow(block)))


def _shadow(block: Block) -> str:
    word = first_word(block.joined)
    last = block.end - 1 - sum(heredoc.content.count("\n") + 1 for heredoc in block.heredocs)
    if last == block.start:
        return f"{word} x\n"
    return "\n".join([f"{word} \\", *[_MORE] * (last - block.start - 1), "x", ""])


def _structure(shadow: str) -> tuple[tuple[str, int, int], ...]:
    parser = DockerfileParser(fileobj=BytesIO(shadow.encode("utf-8", "replace")))
    return tuple((str(row["instruction"]), int(row["startline"]), int(row["endline"])) for row in parser.structure if row["instruction"] != "COMMENT")


_STRUCTURES = ByLength(_structure, 10_000)
"""Nothing but keywords and line ends is left of a text by now: the shadows of short ones are few."""
