"""The items of a job's body, one after the other, without holding the body: NDJSON, JSON with `items`, or an upload of an NDJSON file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Request

from service.http.bodies import FORM, JSON, MULTIPART, unsupported
from service.http.jobschemas import JobRequestSchema
from service.http.multipart import first_file
from service.http.reading import loaded_by
from service.http.settings import Settings
from service.http.stream import joined, received
from service.jobs.packing import OVERSIZED

NDJSON = "application/x-ndjson"
# Other names of the same, and what clients send that name no type.
_LINES = frozenset({NDJSON, "application/ndjson", "application/jsonl", "application/x-jsonlines", "application/octet-stream", FORM, ""})


@dataclass(frozen=True)
class Items:
    """`lines` may raise a `Problem` while they are read. `options` are those of all items."""

    lines: Iterable[bytes]
    options: Mapping[str, Any] = field(default_factory=dict)


def items_of(request: Request, settings: Settings, most_bytes: int) -> Items:
    """Raises a `Problem`: 400, 413, 415 or 422. A JSON body is held whole, so it is bounded like any other."""
    kind = request.mimetype
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise unsupported("A body with a Content-Encoding is not taken; send it as it is.")
    if kind == JSON:
        loaded = loaded_by(JobRequestSchema(), joined(received(request, settings.body_bytes), settings.body_bytes))
        return Items([json.dumps(item).encode() for item in loaded["items"]], loaded.get("options", {}))
    if kind == MULTIPART:
        return Items(lines_of(first_file(received(request, most_bytes), request.mimetype_params.get("boundary", "")), settings.body_bytes))
    if kind in _LINES:
        return Items(lines_of(received(request, most_bytes), settings.body_bytes))
    raise unsupported(f"Items come as {NDJSON}, one request a line; as JSON with `items`; or as a file in multipart/form-data.")


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
