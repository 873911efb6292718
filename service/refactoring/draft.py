"""A Dockerfile being edited. There is no way to change it without a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace

from service.dockerfile import Dockerfile, Instruction, read
from service.refactoring.pieces import Piece, Reason, assembled
from service.refactoring.result import Remark

__all__ = ["Draft", "Piece", "Reason"]


@dataclass(frozen=True)
class Draft:
    """The pieces in order, what trails them, and the remarks so far. The editing verbs return a new draft."""

    pieces: tuple[Piece, ...]
    trailing: str
    escape: str
    newline: str
    remarks: tuple[Remark, ...] = ()

    @classmethod
    def of(cls, dockerfile: Dockerfile) -> Draft:
        pieces = tuple(Piece.of(item) for item in dockerfile.instructions)
        draft = cls(pieces, dockerfile.trailing, dockerfile.escape, dockerfile.newline)
        # No field: what is made of this draft by `replace` is another text.
        object.__setattr__(draft, "_read", dockerfile)
        return draft

    def rewrite(self, index: int, text: str, reason: Reason) -> Draft:
        old = self.pieces[index]
        return self._with(index, index + 1, (replace(old, text=self._ended(text), reasons=(*old.reasons, reason)),))

    def insert(self, index: int, text: str, reason: Reason, leading: str = "") -> Draft:
        """A new instruction before the one at `index`; at the end for `len(pieces)`."""
        return self._terminated(index)._with(index, index, (Piece(leading, self._ended(text), None, (reason,)),))

    def remove(self, index: int, reason: Reason) -> Draft:
        """Without an instruction; the comments before it stay. The reason goes to the remarks, since no line is left to carry it."""
        old = self.pieces[index]
        remark = Remark("passed", reason.by, reason.code, reason.because, before=old.source)
        draft = self._with(index, index + 1, ())
        if old.leading.strip() and index < len(draft.pieces):
            following = draft.pieces[index]
            draft = draft._with(index, index + 1, (replace(following, leading=old.leading + following.leading),))
        elif old.leading.strip():
            draft = replace(draft, trailing=old.leading + draft.trailing)
        return replace(draft, remarks=(*draft.remarks, remark))

    def merge(self, index: int, into: int, text: str, reason: Reason) -> Draft:
        """Two instructions become one, `text`, at the place of `into`: the comments of both stand before it, in the author's order."""
        gone, kept = self.pieces[index], self.pieces[into]
        first, second = (kept, gone) if into < index else (gone, kept)
        leading, reasons = _stacked(first.leading, second.leading), (*gone.reasons, *kept.reasons, reason)
        merged = replace(kept, leading=leading, text=self._ended(text), reasons=reasons)
        remark = Remark("passed", reason.by, reason.code, reason.because, before=gone.source)
        draft = self._with(into, into + 1, (merged,))
        return replace(draft._with(index, index + 1, ()), remarks=(*draft.remarks, remark))

    def move(self, index: int, to: int, reason: Reason) -> Draft:
        """The instruction at `index`, its comments with it, before the one that is now at `to`."""
        piece = self.pieces[index]
        moved = replace(piece, text=self._ended(piece.text), reasons=(*piece.reasons, reason))
        draft = self._terminated(to)
        without = (*draft.pieces[:index], *draft.pieces[index + 1 :])
        place = to - 1 if to > index else to
        return replace(draft, pieces=(*without[:place], moved, *without[place:]))

    def keep_paragraphs(self, now: int, was: int) -> Draft:
        """After a move up from `was` to `now`: the moved piece begins the paragraph that it now heads, and what followed it still begins its own."""
        moved, passed = self.pieces[now], self.pieces[now + 1]
        own, other = _blank(moved.leading), _blank(passed.leading)
        if not own and passed.leading.strip():
            # A paragraph that a comment begins goes on beginning with it.
            return self
        draft = self._with(now, now + 1, (replace(moved, leading=other + moved.leading[len(own) :]),))
        draft = draft._with(now + 1, now + 2, (replace(passed, leading=own + passed.leading[len(other) :]),))
        if own and was + 1 < len(self.pieces) and not _blank(self.pieces[was + 1].leading):
            following = draft.pieces[was + 1]
            draft = draft._with(was + 1, was + 2, (replace(following, leading=own + following.leading),))
        return draft

    def paragraph_of(self, index: int) -> str:
        """The blank lines that part a piece from what stands before it; none at the beginning."""
        return _blank(self.pieces[index].leading)

    def remarked_after(self, index: int) -> bool:
        """Whether comments follow a piece that a blank line parts from the next instruction: they may be about the piece."""
        lines = self.pieces[index + 1].leading.splitlines() if index + 1 < len(self.pieces) else []
        return any(one.strip() and not other.strip() for one, other in zip(lines, lines[1:], strict=False))

    def decline(self, by: str, code: str, because: str, needs: tuple[str, ...] = ()) -> Draft:
        return replace(self, remarks=(*self.remarks, Remark("missed", by, code, because, needs=needs)))

    def note(self, remark: Remark) -> Draft:
        return replace(self, remarks=(*self.remarks, remark))

    def dockerfile(self) -> Dockerfile:
        """The draft read again; its instructions stand at the pieces' places."""
        known: Dockerfile | None = self.__dict__.get("_read")
        return known or assembled(self.pieces, self.trailing, self.escape) or read(str(self))

    def instruction(self, index: int) -> Instruction:
        return self.pieces[index].item(self.escape)

    def folder_before(self, index: int) -> str | None:
        """The last absolute WORKDIR before a piece; None without one."""
        for place in range(index - 1, -1, -1):
            item = self.instruction(place)
            if item.keyword == "FROM":
                return None
            if item.keyword == "WORKDIR":
                folder = item.rest.strip().rstrip("/")
                return folder if folder.startswith("/") and "$" not in folder else None
        return None

    def answers(self) -> tuple[Remark, ...]:
        """All remarks: for each changed line why, with its place in both files, then declines and observations."""
        found: list[Remark] = []
        line = 1
        for piece in self.pieces:
            first = line + _lines(piece.leading)
            line = first + _lines(piece.text)
            found += (
                Remark("passed", reason.by, reason.code, reason.because, piece.source, (first, max(first, line - 1))) for reason in piece.reasons
            )
        return (*found, *self.remarks)

    def __str__(self) -> str:
        text: str | None = self.__dict__.get("_text")
        if text is None:
            text = "".join([part for piece in self.pieces for part in (piece.leading, piece.text)]) + self.trailing
            # Drafts are compared by their text over and over.
            object.__setattr__(self, "_text", text)
        return text

    def _with(self, start: int, end: int, pieces: tuple[Piece, ...]) -> Draft:
        return replace(self, pieces=(*self.pieces[:start], *pieces, *self.pieces[end:]))

    def _ended(self, text: str) -> str:
        return text if text.endswith("\n") else text + self.newline

    def _terminated(self, index: int) -> Draft:
        """With a line end on what comes before `index`: the author's last line may have none."""
        if index == 0 or self.pieces[index - 1].text.endswith("\n"):
            return self
        before = self.pieces[index - 1]
        return self._with(index - 1, index, (replace(before, text=before.text + self.newline),))


_PRAGMA = "hadolint ignore="


def _blank(leading: str) -> str:
    """The blank lines that a piece's comments begin with."""
    lines = leading.splitlines(keepends=True)
    count = next((place for place, line in enumerate(lines) if line.strip()), len(lines))
    return "".join(lines[:count])


def _stacked(first: str, second: str) -> str:
    """The comments of two instructions above the one that they become. What hadolint is told counts for the next line only, so it stands last,
    in one line."""
    lines = [*first.splitlines(keepends=True), *(line for line in second.splitlines(keepends=True) if line.strip())]
    told = [line for line in lines if _told(line)]
    if not told:
        return "".join(lines)
    rules = ",".join(dict.fromkeys(rule for line in told for rule in _told(line)))
    only = told[0] if len(told) == 1 else told[0][: told[0].index(_PRAGMA)] + _PRAGMA + rules + told[0][len(told[0].rstrip()) :]
    return "".join(line for line in lines if not _told(line)) + only


def _told(line: str) -> list[str]:
    text = line.strip().removeprefix("#").strip()
    return text.removeprefix(_PRAGMA).split(",") if line.strip().startswith("#") and text.startswith(_PRAGMA) else []


def _lines(text: str) -> int:
    return text.count("\n") + (0 if text.endswith("\n") or not text else 1)
