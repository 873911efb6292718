"""A request's body and query, read into what the engine takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Request
from marshmallow import Schema, ValidationError
from marshmallow.fields import List

from service import dockerfile
from service.context import BuildContext
from service.http.bodies import DEFAULT, body_of, dockerfile_too_large
from service.http.paths import MAX_ERRORS, check_ignore, normalised
from service.http.problems import Error, Problem, pointer, query_errors, too_large, unreadable
from service.http.requests import FORM_FIELDS, QuerySchema, RefactorRequestSchema, is_file_name
from service.http.settings import Settings
from service.listing import IGNORE
from service.refactoring.result import Options

_REQUEST, _QUERY = RefactorRequestSchema(), QuerySchema()
"""Made once: a schema copies all its fields for itself."""


@dataclass(frozen=True)
class Asked:
    """What a caller asks for. `raw` says that the body was no JSON, so that the answer is not, either, unless Accept says so."""

    dockerfile: str
    context: BuildContext
    options: Options
    raw: bool


def read(request: Request, query: Mapping[str, Any], settings: Settings) -> Asked:
    """Raises a `Problem`: 400, 413, 415 or 422."""
    body = body_of(request, query.get("dockerfile"), FORM_FIELDS, settings)
    if isinstance(body, bytes):
        return asked_by(loaded_by(_REQUEST, body), query, settings)
    given = {**query, **fields_of(_QUERY, body.fields)}
    return Asked(body.dockerfile, body.context, _options({}, {"filename": shown_name(body.filename), **given}), raw=True)


def fields_of(schema: Schema, fields: Mapping[str, list[str]]) -> dict[str, Any]:
    """Form fields in a query's shape. Raises a 422."""
    lists = {name for name, value in schema.fields.items() if isinstance(value, List)}
    try:
        found = schema.load({name: values if name in lists else values[-1] for name, values in fields.items()})
    except ValidationError as error:
        raise unreadable("A form field cannot be used.", *query_errors(dict(error.messages_dict))) from None
    assert isinstance(found, dict)
    return found


def shown_name(filename: str) -> str:
    """The name for the diff's header: that of the file that was sent, where `git apply` takes it."""
    return filename if is_file_name(filename) else DEFAULT


def check_instructions(text: str, settings: Settings) -> None:
    """A 413 for too many instructions or stages; raises DockerfileError like the engine itself. No file has more of either than lines."""
    if text.count("\n") < min(settings.instructions, settings.stages):
        return
    found = dockerfile.read(text)
    for count, most, name in ((len(found.instructions), settings.instructions, "instructions"), (len(found.stages), settings.stages, "stages")):
        if count > most:
            raise too_large(f"A Dockerfile has at most {most:,} {name}.", "/dockerfile")


def asked_by(loaded: Mapping[str, Any], query: Mapping[str, Any], settings: Settings) -> Asked:
    """A JSON request in the shape of its schema. Raises a `Problem`: 413 or 422."""
    if len(loaded["dockerfile"].encode()) > settings.dockerfile_bytes:
        raise dockerfile_too_large(settings)
    return Asked(loaded["dockerfile"], context_of(loaded.get("context"), settings), _options(loaded.get("options", {}), query), raw=False)


def loaded_by(schema: Schema, body: bytes) -> dict[str, Any]:
    """A JSON body in a schema's shape. Raises a `Problem`: 400 or 422."""
    return shaped(schema, parsed(body))


def shaped(schema: Schema, document: Any) -> dict[str, Any]:
    """Raises a `Problem`: 422."""
    if isinstance(document, Mapping) and len(document) > len(schema.fields) + MAX_ERRORS:
        raise unreadable("The JSON document does not have the shape that /openapi.yaml describes: it has too many fields.")
    try:
        found = schema.load(document)
    except ValidationError as error:
        raise unreadable("The JSON document does not have the shape that /openapi.yaml describes.", *_flat(error.messages)) from None
    assert isinstance(found, dict)
    return found


def parsed(body: bytes) -> Any:
    """A JSON body. Raises a `Problem`: 400 or 422."""
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
    while waiting and len(found) < MAX_ERRORS:
        place, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [((*place, key), item) for key, item in value.items()]
        elif isinstance(value, Sequence):
            # A Dict field says whether it is the key or the value that is wrong; `_schema` is the whole object.
            at = place[:-1] if place and place[-1] in ("key", "value", "_schema") else place
            found += [{"pointer": pointer(*at), "detail": str(item)} for item in value]
    return sorted(found[:MAX_ERRORS], key=lambda error: str(error["pointer"]))


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
    named = normalised(files, *place, "files")
    check_ignore(named, named.get(IGNORE) or "", pointer(*place, "files", IGNORE))
    return BuildContext(named, loaded.get("complete", False), normalised(sizes, *place, "sizes"))


def _options(body: Mapping[str, Any], query: Mapping[str, Any]) -> Options:
    """The body's options over the query's."""
    asked: dict[str, Any] = {**_from_query(query), **body}
    for name in ("only", "skip", "also"):
        asked[name] = tuple(asked.get(name, ()))
    return Options(**asked)


def _from_query(query: Mapping[str, Any]) -> dict[str, Any]:
    asked = {name: value for name, value in query.items() if name not in ("build_arg", "dockerfile")}
    for name in ("only", "skip", "also"):
        if name in asked:
            asked[name] = [word for item in asked[name] for word in item.split(",") if word]
    if "build_arg" in query:
        asked["build_args"] = dict(assignment(item) for item in query["build_arg"])
    return asked


def assignment(text: str) -> tuple[str, str]:
    """`NAME=value`, which a query's schema has made sure of."""
    name, _, value = text.partition("=")
    return name, value
