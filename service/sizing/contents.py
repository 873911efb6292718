"""What the files of the build context weigh: any folder's total in the time of two look-ups."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from service.context import BuildContext
from service.sizing.knowledge import FILE, HEADER, SOURCE, compression_of
from service.sizing.model import Size

_AFTER_SLASH = chr(ord("/") + 1)
_MISSING = 1.5
"""A listing that is not complete: there may be half as much again, as far as anybody can tell."""


@dataclass(frozen=True)
class Contents:
    """The context as COPY sees it: paths in order, and running totals of their bytes (low, mid, high) and compressed bytes."""

    paths: tuple[str, ...]
    totals: tuple[tuple[int, ...], ...]
    complete: bool

    @classmethod
    def of(cls, context: BuildContext) -> Contents:
        return context.derived("_contents", lambda: cls._read(context))

    @classmethod
    def _read(cls, context: BuildContext) -> Contents:
        paths = tuple(sorted(context.files))
        rows = [_weight(path, context) for path in paths]
        return cls(paths, tuple((0, *accumulate(row[index] for row in rows)) for index in range(4)), context.complete)

    def size(self, source: str) -> tuple[Size, Size] | None:
        """Unpacked and compressed bytes of a file or of a folder with all below; None for what is not there."""
        start, end = self._span(source)
        if start == end:
            return None
        low, middle, high, packed = (side[end] - side[start] for side in self.totals)
        if not self.complete and not self._is_file(source):
            high = max(high, round(middle * _MISSING))
        size = Size(low, middle, high, "context", "the build context", "")
        spread = max(0.0, (high - middle) / middle) if middle else 0.0
        least, most = round(packed * 0.8), round(packed * (1.25 + spread)) + HEADER
        return size, Size(least, packed, most, "context", SOURCE, "")

    def below(self, source: str) -> Iterator[str]:
        """The context paths of a file, or of everything below a folder."""
        start, end = self._span(source)
        return iter(self.paths[start:end])

    def has(self, path: str) -> bool:
        return self._is_file(path)

    def bytes_of(self, path: str) -> int:
        """One file's bytes; 0 for what is not there."""
        index = bisect_left(self.paths, path)
        found = index < len(self.paths) and self.paths[index] == path
        return self.totals[1][index + 1] - self.totals[1][index] if found else 0

    def _is_file(self, path: str) -> bool:
        index = bisect_left(self.paths, path)
        return index < len(self.paths) and self.paths[index] == path

    def _span(self, source: str) -> tuple[int, int]:
        name = posixpath.normpath(source)
        if name == ".":
            return 0, len(self.paths)
        start = bisect_left(self.paths, name)
        if start < len(self.paths) and self.paths[start] == name:
            return start, start + 1
        # `name-x` sorts before `name/x`: a folder's paths lie between `name/` and the character behind the slash.
        return bisect_left(self.paths, name + "/"), bisect_left(self.paths, name + _AFTER_SLASH)


def _weight(path: str, context: BuildContext) -> tuple[int, int, int, int]:
    size = context.sizes.get(path)
    content = context.files.get(path)
    if size is None and content is not None:
        size = len(content) if content.isascii() else len(content.encode("utf-8", "surrogatepass"))
    ratio = compression_of(path)
    if size is None:
        return FILE.low, FILE.mid, FILE.high, HEADER + round(FILE.mid * ratio)
    return size, size, size, HEADER + round(size * ratio)
