"""A table as sorted lines, found by bisection in the text, so that nothing is indexed beforehand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SortedLines:
    """`blob` are lines that end in a newline, sorted by the bytes of their first tab-separated field."""

    blob: bytes

    def find(self, key: bytes) -> bytes | None:
        """The line whose first field is `key`, without its newline; None where there is none."""
        start = self._first(key)
        end = self.blob.find(b"\n", start)
        line = self.blob[start:end] if end >= 0 else b""
        return line if line.partition(b"\t")[0] == key else None

    def starts(self, prefix: bytes) -> bool:
        """Whether any first field begins with `prefix`."""
        return self.blob.startswith(prefix, self._first(prefix))

    def under(self, prefix: bytes, most: int) -> list[bytes]:
        """The first `most` lines whose first field begins with `prefix`."""
        found: list[bytes] = []
        start = self._first(prefix)
        while len(found) < most and self.blob.startswith(prefix, start):
            end = self.blob.find(b"\n", start)
            found.append(self.blob[start:end])
            start = end + 1
        return found

    def _first(self, key: bytes) -> int:
        """Where the first line with a field not below `key` begins."""
        low, high = 0, len(self.blob)
        while low < high:
            start = self.blob.rfind(b"\n", 0, (low + high) // 2) + 1
            end = self.blob.find(b"\n", start)
            field = self.blob[start : self.blob.find(b"\t", start, end)]
            if field < key:
                low = end + 1
            else:
                high = start
        return low
