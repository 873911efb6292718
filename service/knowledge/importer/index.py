"""A package index over HTTP: which files it has (PEP 691 and 700), and parts of them by range requests."""

from __future__ import annotations

import http.client
import io
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

_BLOCK = 1 << 17
_LISTING = "application/vnd.pypi.simple.v1+json"
_TRIES = 4
_local = threading.local()


@dataclass(frozen=True, slots=True)
class IndexFile:
    """`size` is bytes; `requires_python` is empty where the file asks for none."""

    name: str
    address: str
    size: int
    requires_python: str


def listing(index: str, distribution: str) -> list[IndexFile]:
    """The files of a distribution that were not withdrawn; none where the index does not know it."""
    address = f"{index.rstrip('/')}/{distribution}/"
    status, body = get(address, {"Accept": _LISTING})
    if status != 200:
        return []
    files: list[dict[str, Any]] = json.loads(body)["files"]
    return [
        IndexFile(
            row["filename"],
            row["url"] if "://" in row["url"] else urljoin(address, row["url"]),
            row.get("size") or 0,
            row.get("requires-python") or "",
        )
        for row in files
        if not row.get("yanked")
    ]


def get(address: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Status and body, over a connection that the thread keeps; tried again where the connection breaks."""
    parts = urlsplit(address)
    kept: dict[str, http.client.HTTPConnection] = _local.__dict__.setdefault("connections", {})
    for attempt in range(_TRIES):
        connection = kept.get(parts.netloc) or _connection(parts.scheme, parts.netloc)
        try:
            connection.request("GET", parts.path, headers={"User-Agent": "restage-importer", **headers})
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            kept.pop(parts.netloc, None)
            connection.close()
            time.sleep(attempt)
            continue
        kept[parts.netloc] = connection
        if answer.status in (301, 302, 307, 308):
            return get(urljoin(address, answer.getheader("Location", "")), headers)
        if answer.status < 500 and answer.status != 429:
            return answer.status, body
        time.sleep(1 + attempt)
    raise OSError(f"no answer for {parts.path}")


def _connection(scheme: str, host: str) -> http.client.HTTPConnection:
    return (http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection)(host, timeout=60)


class RemoteFile(io.RawIOBase):
    """A file of the index that is read in blocks as they are asked for, from the end first; a small one at once."""

    def __init__(self, file: IndexFile, whole: int) -> None:
        self._file, self._position = file, 0
        self._blocks: dict[int, bytes] = {}
        if file.size <= whole:
            body = self._range(0, file.size)
            self._blocks = {start: body[start : start + _BLOCK] for start in range(0, len(body), _BLOCK)}

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._file.size}[whence]
        self._position = max(0, origin + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self._file.size if size is None or size < 0 else min(self._file.size, self._position + size)
        found = bytearray()
        while self._position < end:
            start = self._position - self._position % _BLOCK
            block = self._blocks.get(start)
            if block is None:
                block = self._blocks[start] = self._range(start, min(self._file.size, start + _BLOCK))
            piece = block[self._position - start : end - start]
            if not piece:
                break
            found += piece
            self._position += len(piece)
        return bytes(found)

    def readinto(self, buffer: Any) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def _range(self, start: int, end: int) -> bytes:
        if start >= end:
            return b""
        status, body = get(self._file.address, {"Range": f"bytes={start}-{end - 1}"})
        if status not in (200, 206):
            raise OSError(f"{status} for {self._file.name}")
        return body[start:end] if status == 200 else body
