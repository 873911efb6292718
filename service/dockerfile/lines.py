"""Physical lines gathered into instructions, as BuildKit's parser does (frontend/dockerfile/parser/parser.go)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.deadline import check
from service.dockerfile.heredocs import Start, starts
from service.dockerfile.model import DockerfileError, Heredoc
from service.quick import quick

# Go's unicode.IsSpace; Python's own notion of a blank takes in \x1c to \x1f besides.
_BLANKS = " \t\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_EMPTY = _BLANKS + "\n"
_SEPARATORS = "\t\v\f\r "
_KEYWORD = re.compile(f"[^{_SEPARATORS}]*")
_LONGEST_LINE = 65_535
HEREDOC_KEYWORDS = frozenset({"RUN", "COPY", "ADD"})


@quick
@dataclass(frozen=True, slots=True)
class Block:
    """One instruction's lines, 0-based, `end` exclusive. `joined` is the logical text without the blanks in front, `offsets` maps it to the
    block's own text, its end included; `heredocs` are the bodies that follow."""

    start: int
    end: int
    joined: str
    offsets: tuple[int, ...]
    heredocs: tuple[Heredoc, ...]


def split_lines(text: str) -> list[str]:
    """The lines with their ends; only a line feed ends one."""
    lines = text.split("\n")
    found = [line + "\n" for line in lines[:-1]]
    return [*found, lines[-1]] if lines[-1] else found


def first_word(text: str) -> str:
    """What stands before the first blank, as BuildKit splits off the keyword: at ASCII blanks only."""
    found = _KEYWORD.match(text)
    return found[0] if found is not None else ""


def is_comment(line: str) -> bool:
    return line.lstrip(_BLANKS).startswith("#")


def is_blank(line: str) -> bool:
    return not line.strip(_EMPTY)


def blocks(lines: list[str], escape: str) -> Iterator[Block]:
    """The instructions in order. Raises for a line over 65,535 bytes and for a heredoc that does not end."""
    index = 0
    while index < len(lines):
        line = lines[index].removeprefix("\ufeff") if index == 0 else lines[index]
        if is_blank(line) or is_comment(line):
            _check_length(lines[index], index)
            index += 1
            continue
        yield (block := _block(lines, index, escape))
        index = block.end


def _block(lines: list[str], start: int, escape: str) -> Block:
    check()
    text: list[str] = []
    offsets: list[int] = []
    index, position, open_ended = start, 0, True
    while index < len(lines) and open_ended:
        line = lines[index]
        _check_length(line, index)
        first = index == start
        if not first and (is_comment(line) or is_blank(line)):
            index, position = index + 1, position + len(line)
            continue
        begin = len(line) - len(line.lstrip(_BLANKS + "\ufeff")) if first else 0
        body = line.rstrip("\r\n")[begin:]
        kept, open_ended = continued(body, escape)
        text.append(kept)
        last = position + begin + len(kept)
        offsets += range(position + begin, last)
        index, position = index + 1, position + len(line)
    joined = "".join(text)
    found, index = _heredocs(joined, lines, start, index, escape)
    return Block(start, index, joined, (*offsets, last), found)


def continued(line: str, escape: str) -> tuple[str, bool]:
    """The line without a final escape and the blanks behind it, and whether there was one. A doubled escape ends no line."""
    bare = line.rstrip(" \t")
    if bare.endswith(escape) and not bare[:-1].endswith(escape):
        return bare[:-1], True
    return line, False


def _check_length(line: str, index: int) -> None:
    if len(line) > _LONGEST_LINE // 4 and len(line.rstrip("\n").encode("utf-8", "surrogatepass")) > _LONGEST_LINE:
        raise DockerfileError(f"the line is longer than {_LONGEST_LINE} bytes", index + 1)


def _heredocs(joined: str, lines: list[str], start: int, index: int, escape: str) -> tuple[tuple[Heredoc, ...], int]:
    keyword = first_word(joined).upper()
    if keyword == "ONBUILD":
        keyword = first_word(joined[len(keyword) :].lstrip(_BLANKS)).upper()
    if keyword not in HEREDOC_KEYWORDS or "<<" not in joined:
        return (), index
    found = []
    for one in starts(joined, escape):
        heredoc, index = _body(one, lines, start, index)
        found.append(heredoc)
    return tuple(found), index


def _body(one: Start, lines: list[str], start: int, index: int) -> tuple[Heredoc, int]:
    content: list[str] = []
    while index < len(lines):
        line = lines[index]
        _check_length(line, index)
        index += 1
        possible = line.rstrip("\r\n")
        if (possible.lstrip("\t") if one.chomp else possible) == one.name:
            return Heredoc(one.name, "".join(content), one.expand, one.chomp), index
        content.append(line)
    raise DockerfileError(f"the heredoc {one.name} does not end", start + 1)
