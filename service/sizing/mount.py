"""The union mount: what each layer stores, what of it is still seen on top, and what was stored for nothing.

A file that a later layer overwrites, or whose mode or owner it changes, is stored again; one that it deletes leaves a mark and frees nothing
(sizes.md, section 6, verified on overlayfs).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from service.deadline import check
from service.image.effects import Act
from service.image.history import below
from service.quick import quick
from service.sizing.arithmetic import added
from service.sizing.contents import Contents
from service.sizing.model import ZERO, Size

_DEEPEST = 48
_MOST_HIDDEN = 64
_MOST_TOUCHED = 40_000
"""After so many entries looked at, no more detail is kept: a hostile file then gets a coarser estimate, not a slow one."""


class Cause(StrEnum):
    """Why bytes are stored that nobody sees."""

    DELETED = "deleted"
    OVERWRITTEN = "overwritten"
    METADATA = "metadata"


@quick
@dataclass(frozen=True, slots=True)
class Entry:
    """What one layer stores at a path. `tree`: a folder with what lies below. `source` is the context path it was copied from; `act` the
    command that made it; `hidden` are paths below it that a later layer deleted or stored again: `size` is without them."""

    path: str
    tree: bool
    layer: int
    size: Size
    compressed: Size = ZERO
    source: str | None = None
    act: Act | None = None
    hidden: tuple[str, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class Waste:
    """Bytes of `layer` that the instruction of `by` hides."""

    cause: Cause
    path: str
    layer: int
    by: int
    size: Size


@dataclass(slots=True)
class Mount:
    """The file system of a stage as its layers make it, bottom first. The base's own files are not in it."""

    contents: Contents
    wasted: list[Waste] = field(default_factory=list)
    _at: dict[str, list[Entry]] = field(default_factory=dict)
    _below: dict[str, dict[str, None]] = field(default_factory=dict)
    _touched: int = 0

    def copy(self) -> Mount:
        """For a stage that goes on from this one."""
        return Mount(
            self.contents, [], {path: list(found) for path, found in self._at.items()}, {path: dict(found) for path, found in self._below.items()}
        )

    def add(self, entry: Entry) -> None:
        """Stores an entry; what it overwrites in lower layers is wasted."""
        for lower in list(self._overlapping(entry)):
            self._hide(lower, entry, Cause.OVERWRITTEN)
        self._insert(entry)

    def delete(self, paths: Iterable[str], layer: int) -> None:
        """Of what lower layers store there nothing is freed."""
        for path in paths:
            for entry in list(self._inside(path)):
                if entry.layer < layer:
                    self.wasted.append(Waste(Cause.DELETED, entry.path, entry.layer, layer, entry.size))
                self._remove(entry)
            for entry in list(self._around(path)):
                gone = self._part(entry, path)
                if gone is not None and entry.layer < layer:
                    self.wasted.append(Waste(Cause.DELETED, path, entry.layer, layer, gone[0]))
                    self._shrink(entry, path, gone)

    def alter(self, path: str, whole: bool, layer: int) -> Iterator[Entry]:
        """What a change of mode, owner or content stores again: new entries of `layer`, already in place."""
        for entry in list(self._inside(path) if whole else self._files(path)):
            if entry.layer < layer and (whole or not entry.tree):
                self.wasted.append(Waste(Cause.METADATA, entry.path, entry.layer, layer, entry.size))
                self._remove(entry)
                again = replace(entry, layer=layer)
                self._insert(again)
                yield again
        for entry in list(self._around(path)):
            part = self._part(entry, path)
            if part is not None and entry.layer < layer and (whole or self.contents.has(_inner(entry, path))):
                self.wasted.append(Waste(Cause.METADATA, path, entry.layer, layer, part[0]))
                self._shrink(entry, path, part)
                again = Entry(path, whole, layer, *part, source=_inner(entry, path), act=entry.act)
                self._insert(again)
                yield again

    def swap(self, entry: Entry, smaller: Entry, layer: int, lost: Size) -> None:
        """Part of an entry goes (a prune): it stays stored where a lower layer has it."""
        if entry.layer < layer:
            self.wasted.append(Waste(Cause.DELETED, entry.path, entry.layer, layer, lost))
        self._remove(entry)
        self._insert(smaller)

    def at(self, path: str) -> tuple[Size, Size] | None:
        """Unpacked and compressed bytes of what is seen at a path and below it; None where nothing known lies there."""
        size = compressed = ZERO
        found = False
        for entry in self._inside(path):
            size, compressed, found = added(size, entry.size), added(compressed, entry.compressed), True
        for entry in self._around(path):
            part = self._part(entry, path)
            if part is not None:
                size, compressed, found = added(size, part[0]), added(compressed, part[1]), True
        return (size, compressed) if found else None

    def inside(self, path: str) -> tuple[Entry, ...]:
        return tuple(self._inside(path))

    def _insert(self, entry: Entry) -> None:
        self._at.setdefault(entry.path, []).append(entry)
        for folder in _ancestors(entry.path):
            if folder != entry.path:
                self._below.setdefault(folder, {})[entry.path] = None

    def _remove(self, entry: Entry) -> None:
        kept = [other for other in self._at.get(entry.path, ()) if other is not entry]
        if kept:
            self._at[entry.path] = kept
            return
        self._at.pop(entry.path, None)
        for folder in _ancestors(entry.path):
            self._below.get(folder, {}).pop(entry.path, None)

    def _inside(self, path: str) -> Iterator[Entry]:
        if path != "/":
            yield from self._files(path)
        for inner in list(self._below.get(path, ())):
            yield from self._files(inner)

    def _files(self, path: str) -> Iterator[Entry]:
        for entry in list(self._at.get(path, ())):
            self._touched += 1
            if self._touched > _MOST_TOUCHED:
                return
            yield entry

    def _around(self, path: str) -> Iterator[Entry]:
        """Folders known as a whole that a path lies in."""
        for folder in _ancestors(path):
            yield from (entry for entry in self._files(folder) if entry.tree)

    def _shrink(self, entry: Entry, path: str, part: tuple[Size, Size]) -> None:
        """Of a folder a path below is no longer seen."""
        self._remove(entry)
        left = replace(entry, size=_less(entry.size, part[0]), compressed=_less(entry.compressed, part[1]))
        self._insert(replace(left, hidden=(*entry.hidden, path)) if len(entry.hidden) < _MOST_HIDDEN else left)

    def _part(self, entry: Entry, path: str) -> tuple[Size, Size] | None:
        """What of a folder lies at a path below it: by the listing for what was copied, else anything up to the whole."""
        if any(below(path, gone) for gone in entry.hidden):
            return None
        if entry.source is not None:
            found = self.contents.size(_inner(entry, path))
            for gone in entry.hidden:
                less = self.contents.size(_inner(entry, gone)) if found is not None and below(gone, path) else None
                if found is not None and less is not None:
                    found = _less(found[0], less[0]), _less(found[1], less[1])
            return found
        size, compressed = entry.size, entry.compressed
        return replace(size, low=0, mid=size.mid // 8), replace(compressed, low=0, mid=compressed.mid // 8)

    def _overlapping(self, entry: Entry) -> Iterator[Entry]:
        for lower in self._inside(entry.path) if entry.tree else self._files(entry.path):
            if lower.layer < entry.layer and (not entry.tree or entry.source is not None):
                yield lower

    def _hide(self, lower: Entry, entry: Entry, cause: Cause) -> None:
        if not entry.tree or not lower.tree:
            if not entry.tree or (entry.source is not None and self.contents.has(_inner(entry, lower.path))):
                self.wasted.append(Waste(cause, lower.path, lower.layer, entry.layer, lower.size))
                self._remove(lower)
            return
        if lower.source is None:
            return
        again = sum(self._both(lower, entry))
        if again:
            self.wasted.append(Waste(cause, lower.path, lower.layer, entry.layer, Size(again, again, again, "context", "the build context")))
            # Seen on top is the new copy: the old entry keeps only what the new one lacks.
            rest = max(0, lower.size.mid - again)
            self._remove(lower)
            if rest:
                share = rest / max(1, lower.size.mid)
                left = Size(rest, rest, max(rest, lower.size.high - again), lower.size.basis, lower.size.source)
                self._insert(replace(lower, size=left, compressed=lower.compressed.scaled(share, share, share)))

    def _both(self, lower: Entry, entry: Entry) -> Iterator[int]:
        """Bytes of the files that two copied folders have in common."""
        assert lower.source is not None
        for path in self.contents.below(lower.source):
            check()
            self._touched += 1
            if self._touched > _MOST_TOUCHED:
                return
            placed = posixpath.normpath(posixpath.join(lower.path, posixpath.relpath(path, lower.source)))
            inner = _inner(entry, placed)
            if self.contents.has(inner):
                yield self.contents.bytes_of(inner)


def _less(size: Size, part: Size) -> Size:
    return replace(size, low=max(0, size.low - part.mid), mid=max(0, size.mid - part.mid), high=max(0, size.high - part.mid))


def _inner(entry: Entry, path: str) -> str:
    """The context path of an image path that lies at or below a copied folder."""
    rest = path[len(entry.path) :].lstrip("/") if entry.path != "/" else path.lstrip("/")
    return posixpath.normpath(posixpath.join(entry.source or ".", rest)) if rest else entry.source or "."


def _ancestors(path: str) -> Iterator[str]:
    """The folders above a path, the nearest first, not beyond a depth that no real path has."""
    for _ in range(_DEEPEST):
        path = path.rpartition("/")[0]
        if not path:
            break
        yield path
    if path == "" or path == "/":
        yield "/"
