"""A table as sorted lines in a file in memory, found by bisection among some of them and a search between two: it is never taken apart, and a
process that looks things up in it holds next to nothing of it."""

from __future__ import annotations

import os
import tempfile
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

_STRIDE = 8_192


@dataclass(frozen=True, slots=True)
class SortedLines:
    """Lines of at least two tab-separated fields, each ended by a newline, sorted by the bytes of their first field. `fields` are the first
    fields of lines some way apart, `starts` where those lines begin in the `file`, the text's end behind them."""

    file: int
    fields: tuple[bytes, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: bytes) -> SortedLines:
        fields: list[bytes] = []
        starts: list[int] = []
        start = 0
        while start < len(text):
            fields.append(text[start : text.find(b"\t", start)])
            starts.append(start)
            following = text.find(b"\n", start + _STRIDE)
            start = following + 1 if following >= 0 else len(text)
        return cls(_filed(text), tuple(fields), (*starts, len(text)))

    def find(self, key: bytes) -> bytes | None:
        """The line whose first field is `key`, without its newline; None where there is none."""
        place = bisect_right(self.fields, key) - 1
        if place < 0 or b"\n" in key or b"\t" in key:
            return None
        text = self._between(place)
        begin = 0 if self.fields[place] == key else text.find(b"\n%s\t" % key) + 1
        return text[begin : text.find(b"\n", begin)] if begin or self.fields[place] == key else None

    def starts_with(self, prefix: bytes) -> bool:
        """Whether any first field begins with `prefix`."""
        place = bisect_left(self.fields, prefix)
        if place < len(self.fields) and self.fields[place].startswith(prefix):
            return True
        return place > 0 and b"\n" + prefix in self._between(place - 1)

    def _between(self, place: int) -> bytes:
        begin, end = self.starts[place : place + 2]
        return os.pread(self.file, end - begin, begin)


def _filed(text: bytes) -> int:
    """A file without a name, in memory where the system has that; workers that are forked share it. It lives as long as the process: tables are
    read once."""
    if hasattr(os, "memfd_create"):
        file = os.memfd_create("table")
    else:
        with tempfile.TemporaryFile() as opened:
            file = os.dup(opened.fileno())
    written = 0
    while written < len(text):
        written += os.pwrite(file, text[written : written + (1 << 20)], written)
    return file
