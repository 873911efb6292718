"""gzip, undone as it comes and never more of it than is asked for."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from service.http.tar import ArchiveError

MAGIC = b"\x1f\x8b"
MAX_MEMBERS = 100_000
"""bgzip begins a member every 64 KiB, so that is 6 GiB. Each member costs a new decoder, and empty ones take 20 bytes."""
_GZIP = 16 + zlib.MAX_WBITS
_INPUT, _OUTPUT = 16 << 10, 64 << 10


def inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """What was packed, in chunks of at most 64 KiB whatever a byte unpacks to. gzip members follow each other (RFC 1952, 2.2); zeros between and
    after them are padding. Raises `ArchiveError` for what is no gzip, is damaged or breaks off."""
    decoder = None
    members = 0
    for piece in _pieces(chunks):
        rest = piece
        while rest:
            if decoder is None:
                rest = rest.lstrip(b"\0")
                if not rest:
                    break
                decoder, members = zlib.decompressobj(_GZIP), members + 1
                if members > MAX_MEMBERS:
                    raise ArchiveError(f"The gzip stream has more than {MAX_MEMBERS:,} members.")
            out = _decoded(decoder, rest)
            rest, decoder = (decoder.unused_data, None) if decoder.eof else (decoder.unconsumed_tail, decoder)
            if out:
                yield out
    if decoder is not None:
        raise ArchiveError("The gzip stream breaks off.")


def _pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Small ones: the decoder copies what it has not used, once a member."""
    for chunk in chunks:
        for start in range(0, len(chunk), _INPUT):
            yield chunk[start : start + _INPUT]


def _decoded(decoder: zlib._Decompress, data: bytes) -> bytes:
    try:
        return decoder.decompress(data, _OUTPUT)
    except zlib.error:
        raise ArchiveError("This is no gzip stream, or a damaged one.") from None
