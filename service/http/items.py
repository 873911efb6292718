"""The items of a job's body, one after the other, without holding the body: NDJSON, JSON with `items`, or an upload of an NDJSON file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Request
from werkzeug.sansio.multipart import Data, Epilogue, File, MultipartDecoder, NeedData

from service.http.bodies import FORM, JSON
from service.http.jobschemas import JobRequestSchema
from service.http.problems import Problem, too_large, unreadable
from service.http.reading import loaded_by
from service.http.settings import Settings
from service.jobs.packing import OVERSIZED

NDJSON = "application/x-ndjson"
# Other names of the same, and what clients send that name no type.
_LINES = frozenset({NDJSON, "application/ndjson", "application/jsonl", "application/x-jsonlines", "application/octet-stream", FORM, ""})
_MULTIPART = "multipart/form-data"
_BLOCK = 64 << 10
# A part's headers; a file's content is taken in blocks, however long it is.
_HEADERS = 64 << 10


@dataclass(frozen=True)
class Items:
    """`lines` may raise a `Problem` while they are read. `options` are those of all items."""

    lines: Iterable[bytes]
    options: Mapping[str, Any] = field(default_factory=dict)


def items_of(request: Request, settings: Settings, most_bytes: int) -> Items:
    """Raises a `Problem`: 400, 413, 415 or 422. A JSON body is held whole, so it is bounded like any other."""
    kind = request.mimetype
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _unsupported("A body with a Content-Encoding is not taken; send it as it is.")
    if kind == JSON:
        loaded = loaded_by(JobRequestSchema(), b"".join(_blocks(request, settings.body_bytes)))
        return Items([json.dumps(item).encode() for item in loaded["items"]], loaded.get("options", {}))
    if kind == _MULTIPART:
        return Items(lines_of(_uploaded(request, most_bytes), settings.body_bytes))
    if kind in _LINES:
        return Items(lines_of(_blocks(request, most_bytes), settings.body_bytes))
    raise _unsupported(f"Items come as {NDJSON}, one request a line; as JSON with `items`; or as a file in multipart/form-data.")


def lines_of(blocks: Iterable[bytes], longest: int) -> Iterator[bytes]:
    """Lines without their ends, blank ones left out. One of more than `longest` bytes is not held, and comes as OVERSIZED."""
    held, size = bytearray(), 0
    for block in blocks:
        *ended, rest = block.split(b"\n")
        for part in ended:
            size += _hold(held, part, size, longest)
            yield from _line(held, size, longest)
            held.clear()
            size = 0
        size += _hold(held, rest, size, longest)
    yield from _line(held, size, longest)


def _hold(held: bytearray, part: bytes, size: int, longest: int) -> int:
    if size + len(part) <= longest:
        held += part
    else:
        held.clear()
    return len(part)


def _line(held: bytearray, size: int, longest: int) -> Iterator[bytes]:
    if size > longest:
        yield OVERSIZED
    elif line := bytes(held).strip():
        yield line


def _blocks(request: Request, most: int) -> Iterator[bytes]:
    """Raises a 413, and a 400 for a body that ends before its announced length: a part of a job is not what was asked for."""
    request.max_content_length = most
    read = 0
    while block := request.stream.read(_BLOCK):
        read += len(block)
        if read > most:
            raise too_large(f"This body has at most {most:,} bytes.")
        yield block
    if request.content_length is not None and read < request.content_length:
        raise Problem(400, "incomplete-body", "The body is not complete", "The connection ended before the announced length.")


def _uploaded(request: Request, most: int) -> Iterator[bytes]:
    """The content of the first file."""
    boundary = request.mimetype_params.get("boundary", "")
    if not boundary.isascii() or not 0 < len(boundary) <= 200:
        raise unreadable("The multipart body names no boundary.")
    decoder = MultipartDecoder(boundary.encode(), _HEADERS + _BLOCK, max_parts=20)
    found = 0
    try:
        inside = False
        for block in _and_end(_blocks(request, most)):
            decoder.receive_data(block)
            while not isinstance(event := decoder.next_event(), (NeedData, Epilogue)):
                if not isinstance(event, Data):
                    found += isinstance(event, File)
                    inside = isinstance(event, File) and found == 1
                elif inside:
                    yield event.data
    except ValueError:
        raise unreadable("The multipart body cannot be read, or ends too early.") from None
    if not found:
        raise unreadable("The multipart body holds no file; one with one request a line is expected.")


def _and_end(blocks: Iterator[bytes]) -> Iterator[bytes | None]:
    yield from blocks
    yield None


def _unsupported(detail: str) -> Problem:
    return Problem(415, "unsupported-media-type", "This kind of body is not taken", detail)
