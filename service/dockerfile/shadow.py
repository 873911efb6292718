"""dockerfile-parse finds the instructions, in a shadow of the text: equal line for line, with the spots it misreads made harmless."""

from __future__ import annotations

from io import BytesIO

from dockerfile_parse import DockerfileParser

from service.dockerfile.lines import Block, first_word
from service.remembering import ByLength

_QUIET = "#"
_MORE = "x \\"


def found(blocks: tuple[Block, ...], count: int) -> tuple[tuple[str, int, int], ...]:
    """(keyword in upper case, first line, last line of the command itself), 0-based, for each instruction of the shadow."""
    shadow = [_QUIET] * count
    for block in blocks:
        word = first_word(block.joined)
        last = block.end - 1 - sum(heredoc.content.count("\n") + 1 for heredoc in block.heredocs)
        if last > block.start:
            shadow[block.start] = f"{word} \\"
            shadow[block.start + 1 : last] = [_MORE] * (last - block.start - 1)
            shadow[last] = "x"
        else:
            shadow[block.start] = f"{word} x"
    return _STRUCTURES("\n".join([*shadow, ""]))


def _structure(shadow: str) -> tuple[tuple[str, int, int], ...]:
    parser = DockerfileParser(fileobj=BytesIO(shadow.encode("utf-8", "replace")))
    return tuple((str(row["instruction"]), int(row["startline"]), int(row["endline"])) for row in parser.structure if row["instruction"] != "COMMENT")


_STRUCTURES = ByLength(_structure, 50_000)
"""Nothing but keywords and line ends is left of a text by now: the shadows of short ones are few."""
