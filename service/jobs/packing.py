"""A chunk's items and answers as bytes: lines, compressed. An empty line is an item that was too long to be kept."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

# The fast level: the time goes into the work, and repeated keys shrink about as well.
_LEVEL = 1
OVERSIZED = b""


def packed(lines: Sequence[bytes]) -> bytes:
    return zlib.compress(b"\n".join(lines), _LEVEL)


def unpacked(body: bytes) -> list[bytes]:
    return zlib.decompress(body).split(b"\n")
