"""What kind of body a request has, and what of it is the Dockerfile and what the build context."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from flask import Request

from service.context import BuildContext
from service.http.archive import is_archive, read_archive
from service.http.multipart import read_form
from service.http.problems import Problem, too_large, unreadable
from service.http.settings import Settings
from service.http.stream import joined, peeked, received
from service.http.tar import BLOCK

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
TAR = "application/x-tar"
GZIP = "application/gzip"
RAW = frozenset({"text/plain", "text/x-dockerfile", "application/octet-stream", FORM, ""})
ARCHIVES = frozenset({TAR, "application/tar", GZIP, "application/x-gzip", "application/tar+gzip", "application/x-gtar"})
UNLABELLED = frozenset({FORM, "application/octet-stream", ""})
"""What curl and others call a body of which they know nothing: its first bytes say whether it is an archive."""
DEFAULT = "Dockerfile"
_UTF8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


@dataclass(frozen=True)
class Upload:
    """A body that is no JSON. `filename` is the Dockerfile's where the body says it; `fields` are options, written as in a query."""

    dockerfile: str
    context: BuildContext = field(default_factory=BuildContext.unknown)
    filename: str = ""
    fields: Mapping[str, list[str]] = field(default_factory=dict)


def body_of(request: Request, path: str | None, options: frozenset[str], settings: Settings) -> bytes | Upload:
    """The bytes of a JSON document, or what else was sent. `path` is the query's `dockerfile`, `options` the names that form fields may have.
    Raises a `Problem`: 400, 413, 415 or 422."""
    kind = kind_of(request)
    # The raw stream, read before anything asks for a form: a form parser would eat the body that curl labels as one.
    if kind in ARCHIVES:
        return _archive(received(request, settings.archive_bytes), path, settings)
    if kind in UNLABELLED:
        head, chunks = peeked(received(request, settings.archive_bytes), BLOCK)
        if is_archive(head):
            return _archive(chunks, path, settings)
    else:
        chunks = received(request, settings.body_bytes)
    if kind == MULTIPART:
        form = read_form(chunks, request.mimetype_params.get("boundary", ""), options, _path(path), settings)
        return Upload(_text(form.dockerfile), form.context, form.filename, form.fields)
    body = joined(chunks, settings.body_bytes)
    return body if kind == JSON else Upload(_raw(body, settings), filename=_path(path))


def kind_of(request: Request) -> str:
    """The media type without its parameters. Raises a `Problem`: 415."""
    kind = request.mimetype
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    # An archive is looked at to see whether it is packed, and many call one that is a tar with a content coding.
    if coding != "identity" and not (kind in ARCHIVES and coding in ("gzip", "x-gzip")):
        raise unsupported("A body with a Content-Encoding is not taken; send it as it is.")
    if kind not in {JSON, MULTIPART} | RAW | ARCHIVES:
        raise unsupported(
            "The body is a Dockerfile (text/plain, text/x-dockerfile, application/octet-stream), application/json, multipart/form-data, or a build "
            "context (application/x-tar, application/gzip)."
        )
    if request.mimetype_params.get("charset", "utf-8").lower() not in _UTF8:
        raise unsupported("The body must be UTF-8.")
    return kind


def unsupported(detail: str) -> Problem:
    # RFC 9110, section 12.5.3: what a 415 for a content coding says of those that are taken.
    return Problem(415, "unsupported-media-type", "This kind of body is not taken", detail, headers={"Accept-Encoding": "identity"})


def dockerfile_too_large(settings: Settings) -> Problem:
    return too_large(f"A Dockerfile has at most {settings.dockerfile_bytes:,} bytes.", "/dockerfile")


def _archive(chunks: Iterator[bytes], path: str | None, settings: Settings) -> Upload:
    named = _path(path)
    dockerfile, context = read_archive(chunks, named, settings)
    return Upload(_text(dockerfile), context, named)


def _path(path: str | None) -> str:
    return DEFAULT if path is None else posixpath.normpath(path)


def _raw(body: bytes, settings: Settings) -> str:
    if len(body) > settings.dockerfile_bytes:
        raise dockerfile_too_large(settings)
    return _text(body)


def _text(body: bytes) -> str:
    """The Dockerfile as text, a BOM included; a lone CR or a CRLF stays what it is."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        detail = f"The Dockerfile is not UTF-8: byte {error.start + 1}, on line {line}, cannot be decoded."
        raise unreadable(detail, {"line": line, "column": 1, "detail": detail}) from None
