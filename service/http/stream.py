"""A request's body as it comes: in chunks, counted, and never more of it than a limit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import IO

from flask import Request, Response, current_app, request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import ClientDisconnected

from service.http.problems import Problem, too_large

CHUNK = 64 << 10
_DISCARDED = 4


def received(request: Request, most: int) -> Iterator[bytes]:
    """The body in chunks of at most 64 KiB, none of them empty. Raises a `Problem`: 413 above `most` bytes, 400 where the body breaks off."""
    if request.content_length is not None and request.content_length > most:
        raise _over(most)
    # One byte more than is taken, so that a body without a length shows whether there is more.
    request.max_content_length = most + 1
    return _counted(request.stream, most, request.content_length or 0)


def peeked(chunks: Iterator[bytes], count: int) -> tuple[bytes, Iterator[bytes]]:
    """The first `count` bytes or a few more, fewer where there are no more; and all chunks, those included."""
    taken: list[bytes] = []
    have = 0
    for chunk in chunks:
        taken.append(chunk)
        have += len(chunk)
        if have >= count:
            break
    return b"".join(taken), chain(taken, chunks)


def joined(chunks: Iterator[bytes], most: int) -> bytes:
    """All of a body that has a lower limit than the one that it was begun to be read with. Raises a 413."""
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > most:
            raise _over(most)
    return bytes(found)


def discard(response: Response) -> Response:
    """Reads on, up to four times the largest body, what an error has left unread. Many clients send all before they read; one whose
    connection is closed before that sees a broken pipe instead of the reason."""
    if response.status_code >= 400:
        _discard(request, _DISCARDED * current_app.config["RESTAGE"].body_bytes)
    return response


def _discard(request: Request, most: int) -> None:
    announced = request.content_length
    if announced is None and not request.environ.get("wsgi.input_terminated"):
        return
    stream: IO[bytes] = request.environ["wsgi.input"]
    left = most
    try:
        while left > 0 and (chunk := stream.read(min(CHUNK, left))):
            left -= len(chunk)
    except (OSError, ValueError, ParseException):
        # The client has gone, or what it sends is no HTTP: there is nobody to answer.
        return


def _counted(stream: IO[bytes], most: int, announced: int) -> Iterator[bytes]:
    count = 0
    while chunk := _read(stream):
        count += len(chunk)
        if count > most:
            raise _over(most)
        yield chunk
    if count < announced:
        raise _incomplete()


def _read(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(CHUNK)
    except (ClientDisconnected, OSError, ParseException):
        raise _incomplete() from None


def _incomplete() -> Problem:
    return Problem(400, "incomplete-body", "The body broke off", "The connection ended before the body was whole.")


def _over(most: int) -> Problem:
    return too_large(f"A request of this kind has at most {most:,} bytes.")
