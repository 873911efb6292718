"""A request's body and query, read into what the engine takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Request
from marshmallow import Schema, ValidationError

from service import dockerfile
from service.context import BuildContext
from service.http.paths import normalised
from service.http.problems import Error, Problem, pointer, too_large, unreadable
from service.http.requests import RefactorRequestSchema
from service.http.settings import Settings
from service.passes import PASSES
from service.passes.findings import FINDINGS
from service.refactoring.result import Options

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
RAW = frozenset({"text/plain", "text/x-dockerfile", "application/octet-stream", FORM, ""})
LATER = {
    "multipart/form-data": "Uploads of several files are not taken yet; send JSON with a `context`.",
    "application/x-tar": "Archives are not taken yet; send JSON with a `context`.",
    "application/gzip": "Archives are not taken yet; send JSON with a `context`.",
}
GZIP = b"\x1f\x8b"
TAR_MAGIC_AT, TAR_MAGIC = 257, b"ustar"


@dataclass(frozen=True)
class Asked:
    """What a caller asks for. `raw` says that the body was the Dockerfile itself."""

    dockerfile: str
    context: BuildContext
    options: Options
    raw: bool


def read(request: Request, query: Mapping[str, Any], settings: Settings) -> Asked:
    """Raises a `Problem`: 400, 413, 415 or 422."""
    kind, body = body_of(request, settings)
    if kind == JSON:
        return _from_json(body, query, settings)
    return Asked(raw_text(body, settings), BuildContext.unknown(), _options({}, query), raw=True)


def body_of(request: Request, settings: Settings) -> tuple[str, bytes]:
    """The media type and the bytes, an archive turned away. Raises a `Problem`: 413 or 415."""
    kind = _kind(request)
    # The raw stream, read before anything asks for a form: a form parser would eat the body that curl labels as one.
    body = request.get_data(cache=False, parse_form_data=False)
    if request.content_length is None and len(body) >= settings.body_bytes:
        # Without a length the stream ends at the limit and says nothing of what was left.
        raise too_large(f"A request has at most {settings.body_bytes:,} bytes.")
    if kind in (FORM, "") and (body.startswith(GZIP) or body[TAR_MAGIC_AT:].startswith(TAR_MAGIC)):
        raise _unsupported(LATER["application/x-tar"])
    return kind, body


def raw_text(body: bytes, settings: Settings) -> str:
    """The body as the Dockerfile itself. Raises a `Problem`: 413 or 422."""
    if len(body) > settings.dockerfile_bytes:
        raise _dockerfile_too_large(settings)
    return _text(body)


def check_instructions(text: str, settings: Settings) -> None:
    """A 413 for too many instructions; raises DockerfileError like the engine itself. No file has more instructions than lines."""
    if text.count("\n") >= settings.instructions and len(dockerfile.read(text).instructions) > settings.instructions:
        raise too_large(f"A Dockerfile has at most {settings.instructions:,} instructions.", "/dockerfile")


def _kind(request: Request) -> str:
    kind = request.mimetype
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _unsupported("A body with a Content-Encoding is not taken; send it as it is.")
    if kind != JSON and kind not in RAW:
        raise _unsupported(LATER.get(kind, "The body is a Dockerfile (text/plain, text/x-dockerfile, application/octet-stream) or application/json."))
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise _unsupported("The body must be UTF-8.")
    return kind


def _unsupported(detail: str) -> Problem:
    return Problem(415, "unsupported-media-type", "This kind of body is not taken", detail)


def _dockerfile_too_large(settings: Settings) -> Problem:
    return too_large(f"A Dockerfile has at most {settings.dockerfile_bytes:,} bytes.", "/dockerfile")


def _text(body: bytes) -> str:
    """The body as text, a BOM included; a lone CR or a CRLF stays what it is."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        detail = f"The body is not UTF-8: byte {error.start + 1}, on line {line}, cannot be decoded."
        raise unreadable(detail, {"line": line, "column": 1, "detail": detail}) from None


def _from_json(body: bytes, query: Mapping[str, Any], settings: Settings) -> Asked:
    loaded = loaded_by(RefactorRequestSchema(), body)
    if len(loaded["dockerfile"].encode()) > settings.dockerfile_bytes:
        raise _dockerfile_too_large(settings)
    return Asked(loaded["dockerfile"], context_of(loaded.get("context"), settings), _options(loaded.get("options", {}), query), raw=False)


def loaded_by(schema: Schema, body: bytes) -> dict[str, Any]:
    """A JSON body in a schema's shape. Raises a `Problem`: 400 or 422."""
    try:
        found = schema.load(_document(body))
    except ValidationError as error:
        raise unreadable("The JSON document does not have the shape that /openapi.yaml describes.", *_flat(error.messages)) from None
    assert isinstance(found, dict)
    return found


def _document(body: bytes) -> Any:
    try:
        document = json.loads(body.decode("utf-8-sig"))
        # A lone surrogate (`\ud800`) is JSON but no text: nothing could print it again.
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        raise unreadable("The body is not UTF-8.") from None
    except UnicodeEncodeError:
        raise unreadable("The document holds a lone surrogate, which is no character.") from None
    except (ValueError, RecursionError):
        raise Problem(400, "malformed-json", "The body is not JSON", "The body says application/json and cannot be parsed as such.") from None
    return document


def _flat(messages: object) -> list[Error]:
    """marshmallow's nested messages as one error each, with a JSON pointer."""
    found: list[Error] = []
    waiting: list[tuple[tuple[object, ...], object]] = [((), messages)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [((*place, key), item) for key, item in value.items()]
        elif isinstance(value, Sequence):
            # A Dict field says whether it is the key or the value that is wrong; `_schema` is the whole object.
            at = place[:-1] if place and place[-1] in ("key", "value", "_schema") else place
            found += [{"pointer": pointer(*at), "detail": str(item)} for item in value]
    return sorted(found, key=lambda error: str(error["pointer"]))


def context_of(loaded: Mapping[str, Any] | None, settings: Settings, *place: object) -> BuildContext:
    """A context as the request tells it; `place` is where it stands in the document. Raises a 413 or 422."""
    place = place or ("context",)
    if loaded is None:
        return BuildContext.unknown()
    files, sizes = loaded.get("files", {}), loaded.get("sizes", {})
    for name, mapping in (("files", files), ("sizes", sizes)):
        if len(mapping) > settings.context_paths:
            raise too_large(f"A build context has at most {settings.context_paths:,} paths.", pointer(*place, name))
    large = [path for path, content in files.items() if content is not None and len(content.encode()) > settings.manifest_bytes]
    if large:
        detail = f"A file's content has at most {settings.manifest_bytes:,} bytes; send null for one that is larger."
        raise too_large(detail, *(pointer(*place, "files", path) for path in large))
    return BuildContext(normalised(files, *place, "files"), loaded.get("complete", False), normalised(sizes, *place, "sizes"))


def _options(body: Mapping[str, Any], query: Mapping[str, Any]) -> Options:
    """The body's options over the query's."""
    asked: dict[str, Any] = {**_from_query(query), **body}
    for name in ("only", "skip", "also"):
        asked[name] = tuple(asked.get(name, ()))
        _known_passes(name, asked[name])
    return Options(**asked)


def _from_query(query: Mapping[str, Any]) -> dict[str, Any]:
    asked = {name: value for name, value in query.items() if name != "build_arg"}
    for name in ("only", "skip", "also"):
        if name in asked:
            asked[name] = [word for item in asked[name] for word in item.split(",") if word]
    if "build_arg" in query:
        asked["build_args"] = dict(assignment(item) for item in query["build_arg"])
    return asked


def assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise unreadable("A build argument is written NAME=value.", {"parameter": "build_arg", "detail": "NAME=value is expected."})
    return name, value


def _known_passes(option: str, names: Sequence[str]) -> None:
    known = {row.name for row in PASSES} | ({finding.code for finding in FINDINGS} if option == "skip" else set())
    errors = [
        {"pointer": pointer("options", option, place), "detail": "There is no such pass; GET /v1/passes lists them."}
        for place, name in enumerate(names)
        if name not in known
    ]
    if errors:
        raise unreadable("An option names a pass that does not exist.", *errors)
