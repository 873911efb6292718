"""A table as sorted lines, found by bisection among some of them and a search in the text, so that it is never taken apart."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

_STRIDE = 8_192


@dataclass(frozen=True)
class SortedLines:
    """`blob` are lines of at least two tab-separated fields, each ended by a newline, sorted by the bytes of their first field."""

    blob: bytes

    def find(self, key: bytes) -> bytes | None:
        """The line whose first field is `key`, without its newline; None where there is none."""
        fields, starts = self._index
        place = bisect_right(fields, key) - 1
        if place < 0 or b"\n" in key or b"\t" in key:
            return None
        begin = starts[place]
        if fields[place] != key:
            before = self.blob.find(b"\n%s\t" % key, begin, starts[place + 1])
            if before < 0:
                return None
            begin = before + 1
        return self.blob[begin : self.blob.find(b"\n", begin)]

    def starts(self, prefix: bytes) -> bool:
        """Whether any first field begins with `prefix`."""
        fields, starts = self._index
        place = bisect_left(fields, prefix)
        if place < len(fields) and fields[place].startswith(prefix):
            return True
        return place > 0 and self.blob.find(b"\n" + prefix, starts[place - 1], starts[place]) >= 0

    @cached_property
    def _index(self) -> tuple[list[bytes], list[int]]:
        """The first fields of lines some way apart, and where those lines begin, the text's end behind them: a bisection in Python over the whole
        text takes ten times as long."""
        fields: list[bytes] = []
        starts: list[int] = []
        start, end = 0, len(self.blob)
        while start < end:
            fields.append(self.blob[start : self.blob.find(b"\t", start)])
            starts.append(start)
            following = self.blob.find(b"\n", start + _STRIDE)
            start = following + 1 if following >= 0 else end
        return fields, [*starts, end]
