"""A draft's pieces: an instruction each, read once in its life however many drafts it is part of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from service.deadline import check
from service.dockerfile import Dockerfile, DockerfileError, Instruction, read_fragment
from service.dockerfile.directives import directives
from service.dockerfile.lines import continued, is_blank, is_comment, split_lines
from service.dockerfile.reader import MOST_BYTES, MOST_INSTRUCTIONS
from service.dockerfile.validity import check_file


@dataclass(frozen=True, slots=True)
class Reason:
    by: str
    code: str
    because: str


@dataclass(frozen=True)
class Piece:
    """An instruction with the comments before it. `source` are its lines in the author's file, None for a new one. `_item` is the instruction
    where it was read already, as it stood somewhere."""

    leading: str
    text: str
    source: tuple[int, int] | None
    reasons: tuple[Reason, ...] = ()
    _item: Instruction | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self._item is not None and self._item.text != self.text:
            object.__setattr__(self, "_item", None)

    @classmethod
    def of(cls, item: Instruction) -> Piece:
        return cls(item.leading, item.text, item.lines, (), item)

    def item(self, escape: str) -> Instruction:
        """The instruction by itself; its line numbers count from wherever it was read."""
        if self._item is None:
            object.__setattr__(self, "_item", read_fragment(self.text, escape)[0])
        assert self._item is not None
        return self._item

    def alone(self, escape: str) -> bool:
        """Whether reading the piece with others around it gives what reading it by itself does: it is one instruction, whole, and nothing but
        comments and blank lines stands before it."""
        found: bool | None = self.__dict__.get("_alone")
        if found is None:
            found = self._quiet() and self._whole(escape)
            object.__setattr__(self, "_alone", found)
        return found

    def _quiet(self) -> bool:
        if not self.leading:
            return True
        lines = split_lines(self.leading)
        return self.leading.endswith("\n") and "\ufeff" not in self.leading and all(is_blank(line) or is_comment(line) for line in lines)

    def _whole(self, escape: str) -> bool:
        if "\ufeff" in self.text or not self.text:
            return False
        if self._item is None:
            try:
                found = read_fragment(self.text, escape)
            except DockerfileError:
                return False
            if len(found) != 1 or found[0].text != self.text:
                return False
            object.__setattr__(self, "_item", found[0])
        assert self._item is not None
        last = self.text[self.text.rfind("\n", 0, -1) + 1 :]
        # A comment or a blank line at the end, or an escape, means that the instruction would go on.
        return bool(self._item.heredocs) or not (is_comment(last) or is_blank(last) or continued(last.rstrip("\r\n"), escape)[1])


def assembled(pieces: Sequence[Piece], trailing: str, escape: str) -> Dockerfile | None:
    """What reading the pieces' joined text gives, from the pieces as they were read one by one; None where that cannot be told. Raises
    `DockerfileError` as reading does for what needs the whole file."""
    check()
    if not 0 < len(pieces) <= MOST_INSTRUCTIONS or sum(len(piece.leading) + len(piece.text) for piece in pieces) + len(trailing) > MOST_BYTES:
        return None
    head = split_lines(pieces[0].leading) + split_lines(pieces[0].text)[:1]
    named = directives(head)
    if dict(named).get("escape", "\\") != escape or not all(is_blank(line) or is_comment(line) for line in split_lines(trailing)):
        return None
    found: list[Instruction] = []
    line = 1
    for place, piece in enumerate(pieces):
        if not piece.alone(escape) or not (piece.text.endswith("\n") or (place == len(pieces) - 1 and not trailing)):
            return None
        line += piece.leading.count("\n")
        last = line + piece.text.count("\n") - piece.text.endswith("\n")
        found.append(_placed(piece.item(escape), piece.leading, (line, last)))
        line = last + 1
    dockerfile = Dockerfile(tuple(found), trailing, escape, "\r\n" if head[0].endswith("\r\n") else "\n", named)
    check_file(dockerfile)
    return dockerfile


def _placed(item: Instruction, leading: str, lines: tuple[int, int]) -> Instruction:
    if item.leading == leading and item.lines == lines:
        return item
    trigger = None if item.trigger is None else _placed(item.trigger, "", lines)
    return Instruction(
        item.keyword, item.word, item.value, item.rest, item.flags, item.heredocs, item.json, item.text, leading, lines, item.offsets, trigger
    )
