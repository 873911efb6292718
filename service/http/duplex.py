"""Answering while the request is still coming in, without waiting for a client that waits for us."""

from __future__ import annotations

import select
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

STALLED = 60.0
"""Seconds after which a client that takes nothing of its answer has stopped."""
PIECE = 16 << 10
"""Bytes that are written at once: fewer than a socket has room for when it says that it has room."""


class _Socket(Protocol):
    def fileno(self) -> int: ...


class ReadAhead:
    """A request's chunks, of which up to `most` bytes are taken in advance while the client does not read.

    Many clients read no answer before they have sent their whole request. A server that writes first would wait for them for ever once the
    buffers between both are full, and they for it.
    """

    def __init__(self, chunks: Iterator[bytes], environ: Mapping[str, Any], most: int) -> None:
        self._chunks, self._most = chunks, most
        self._socket: _Socket | None = environ.get("gunicorn.socket")
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._ended = False

    def __iter__(self) -> Iterator[bytes]:
        while True:
            if self._waiting:
                chunk = self._waiting.popleft()
                self._bytes -= len(chunk)
                yield chunk
            elif self._ended or not self._take():
                return

    def pieces(self, text: bytes) -> Iterator[bytes]:
        """`text` in pieces that can be written. Raises BrokenPipeError where the client has stopped reading."""
        for start in range(0, len(text), PIECE):
            if not self._writable():
                raise BrokenPipeError("the client takes nothing of its answer")
            yield text[start : start + PIECE]

    def _writable(self) -> bool:
        if self._socket is None:
            return True
        poller = select.poll()
        poller.register(self._socket.fileno(), select.POLLOUT)
        while not poller.poll(0):
            wanted = select.POLLOUT if self._ended or self._bytes >= self._most else select.POLLOUT | select.POLLIN
            poller.modify(self._socket.fileno(), wanted)
            found = poller.poll(STALLED * 1000)
            if not found:
                return False
            if found[0][1] & select.POLLIN and not found[0][1] & select.POLLOUT:
                self._take()
            poller.modify(self._socket.fileno(), select.POLLOUT)
        return True

    def _take(self) -> bool:
        """Whether there was one more chunk; it waits its turn."""
        chunk = next(self._chunks, b"")
        self._ended = not chunk
        if chunk:
            self._waiting.append(chunk)
            self._bytes += len(chunk)
        return bool(chunk)
