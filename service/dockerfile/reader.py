"""From text to a lossless Dockerfile and, where nothing is wrong, back to the same bytes."""

from __future__ import annotations

import json

from service.dockerfile import shadow
from service.dockerfile.directives import directives
from service.dockerfile.flags import take_flags
from service.dockerfile.lines import Block, blocks, first_word, split_lines
from service.dockerfile.model import Dockerfile, DockerfileError, Instruction
from service.dockerfile.validity import FLAGGED, check_file, check_instruction, check_keyword
from service.remembering import ByLength

MOST_BYTES = 1 << 20
MOST_INSTRUCTIONS = 10_000
_LONGEST = 8_000
"""Characters of a text that is remembered."""
_JSON = frozenset({"RUN", "CMD", "ENTRYPOINT", "COPY", "ADD", "SHELL", "VOLUME"})


def read(text: str) -> Dockerfile:
    """The Dockerfile, every byte of it. Raises `DockerfileError` for what BuildKit's parser or instruction checks reject, and beyond 1 MiB or
    10,000 instructions."""
    return _FILES(text) if len(text) <= _LONGEST else _checked(text)


def _checked(text: str) -> Dockerfile:
    dockerfile = _parsed(text)
    check_file(dockerfile)
    return dockerfile


_FILES = ByLength(_checked, 100_000)
"""The same file comes again with every commit that leaves it alone."""


def read_fragment(text: str, escape: str = "\\") -> tuple[Instruction, ...]:
    """Instructions without the need of a FROM, for edits."""
    return _FRAGMENTS(escape + text) if len(text) <= _LONGEST else _fragment(escape + text)


def _fragment(text: str) -> tuple[Instruction, ...]:
    """Of a text behind its escape."""
    escape, lines = text[0], split_lines(text[1:])
    found = tuple(blocks(lines, escape))
    return _instructions(lines, found, escape)[0]


_FRAGMENTS = ByLength(_fragment, 50_000)
"""Of what the passes write, much is the same in many files."""


def _parsed(text: str) -> Dockerfile:
    if len(text) > MOST_BYTES:
        raise DockerfileError(f"the file is larger than {MOST_BYTES} bytes", 1)
    lines = split_lines(text)
    named = directives(lines)
    escape = dict(named).get("escape", "\\")
    found = tuple(blocks(lines, escape))
    if not found:
        raise DockerfileError("the file has no instructions", 1)
    if len(found) > MOST_INSTRUCTIONS:
        raise DockerfileError(f"the file has more than {MOST_INSTRUCTIONS} instructions", found[MOST_INSTRUCTIONS].start + 1)
    instructions, trailing = _instructions(lines, found, escape)
    newline = "\r\n" if lines[0].endswith("\r\n") else "\n"
    return Dockerfile(instructions, trailing, escape, newline, named)


def _instructions(lines: list[str], found: tuple[Block, ...], escape: str) -> tuple[tuple[Instruction, ...], str]:
    """The text between instructions belongs to the next one, what is left to the end of the file."""
    instructions: list[Instruction] = []
    done = 0
    for block in found:
        check_keyword(first_word(block.joined), block.start + 1)
    for (keyword, start, _), block in zip(shadow.found(found), found, strict=True):
        leading = "".join(lines[done:start])
        text = "".join(lines[start : block.end])
        instruction = _instruction(keyword, block, text, leading, escape)
        check_instruction(instruction, escape)
        instructions.append(instruction)
        done = block.end
    return tuple(instructions), "".join(lines[done:])


def _instruction(keyword: str, block: Block, text: str, leading: str, escape: str) -> Instruction:
    joined = block.joined.rstrip()
    word = first_word(joined)
    start = len(word)
    while start < len(joined) and joined[start].isspace():
        start += 1
    name = keyword.upper()
    flags, rest = take_flags(joined, start, escape) if name in FLAGGED else ((), start)
    body = joined[rest:]
    offsets = block.offsets[rest : len(joined) + 1]
    trigger = _trigger(body, block, escape) if name == "ONBUILD" else None
    return Instruction(
        name,
        word,
        joined[start:],
        body,
        flags,
        block.heredocs,
        _json(name, body, block.start),
        text,
        leading,
        (block.start + 1, block.end),
        offsets,
        trigger,
    )


def _trigger(body: str, block: Block, escape: str) -> Instruction | None:
    """ONBUILD's own instruction, at the same lines."""
    if not body.split():
        return None
    inner = Block(block.start, block.end, body, tuple(range(len(body) + 1)), block.heredocs)
    keyword = first_word(body).upper()
    return _instruction(keyword, inner, body, "", escape)


def _json(keyword: str, body: str, start: int) -> tuple[str, ...] | None:
    """The exec form: the whole of what follows is a JSON array of strings. HEALTHCHECK has it behind CMD."""
    text = body
    if keyword == "HEALTHCHECK":
        kind, _, text = body.partition(" ")
        if kind.upper() != "CMD":
            return None
    elif keyword not in _JSON:
        return None
    text = text.strip()
    if not text.startswith("["):
        return None
    # A JSON array of strings nests nothing: more than one bracket outside quotes is refused before the recursive decoder sees it.
    try:
        data = json.loads(text) if text.count("[", 0, 200) < 100 else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, list):
        return None
    if not all(isinstance(item, str) for item in data):
        return None
    return tuple(data)
