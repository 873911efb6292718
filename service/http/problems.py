"""Errors as RFC 9457 problem details, for everything that goes wrong: the routes', the framework's, and what nobody foresaw."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType

from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from service.deadline import DeadlineExceeded
from service.dockerfile.model import DockerfileError
from service.http import metrics

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 100
Error = Mapping[str, object]

_log = logging.getLogger("restage")


class Problem(Exception):
    """An answer that is an error. `slug` is the stable end of its `type`; `errors` point into the request by `pointer`, `parameter`, or
    `line` and `column`."""

    def __init__(
        self, status: int, slug: str, title: str, detail: str, errors: Iterable[Error] = (), headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__(slug)
        self.status, self.slug, self.title, self.detail, self.errors, self.headers = status, slug, title, detail, tuple(errors), headers


def too_large(detail: str, *pointers: str) -> Problem:
    return Problem(413, "too-large", "The request is over a limit", detail, ({"pointer": pointer, "detail": detail} for pointer in pointers))


def unreadable(detail: str, *errors: Error) -> Problem:
    return Problem(422, "invalid-request", "The request cannot be used", detail, errors or ({"detail": detail},))


def rejected(error: DockerfileError, hint: str = "") -> Problem:
    """What BuildKit would reject, with the place; `hint` is a sentence about the likely cause."""
    detail = f"line {error.line}: {error.message}" + (f". {hint}" if hint else "")
    where = {"line": error.line, "column": error.column, "detail": error.message}
    return Problem(422, "invalid-dockerfile", "This is not a Dockerfile that BuildKit accepts", detail, (where,))


def deadline_exceeded() -> Problem:
    """No `Retry-After`: the answer is a function of the request, so the same one would take as long again."""
    detail = "The request takes more time than this service allows, and would again: send a smaller Dockerfile or build context."
    return Problem(503, "deadline-exceeded", "The request takes too long", detail)


def pointer(*parts: object) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def register(app: Flask) -> None:
    app.register_error_handler(Problem, respond)
    app.register_error_handler(DeadlineExceeded, _too_late)
    app.register_error_handler(HTTPException, _from_framework)
    app.register_error_handler(Exception, _unforeseen)


def respond(problem: Problem) -> Response:
    g.problem = problem.slug
    metrics.PROBLEMS.labels(problem.slug).inc()
    return Response(json.dumps(document(problem)) + "\n", problem.status, content_type=MEDIA_TYPE, headers=problem.headers)


def document(problem: Problem) -> dict[str, object]:
    """The problem details of RFC 9457."""
    body: dict[str, object] = {
        "type": f"urn:restage:problem:{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = problem.errors[:MAX_ERRORS]
    return body


def unforeseen(error: Exception, request_id: str) -> Problem:
    """A fault of ours. The log names the code that failed, never a message: that could quote the caller's input."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames[-8:]))
    _log.error("request %s failed: %s at %s", request_id, type(error).__name__, where)
    return Problem(500, "internal-error", "The service failed", "This is a fault of the service; the request may be well-formed.")


def _too_late(error: DeadlineExceeded) -> Response:
    return respond(deadline_exceeded())


def _from_framework(error: HTTPException) -> Response:
    """Routing's and the query parser's errors; a redirect passes as it is."""
    status = error.code or 500
    if status < 400:
        return Response(error.get_response().get_data(), status, error.get_response().headers)
    response = respond(_translated(status, error))
    # `Allow` is what makes a 405 useful.
    response.headers.extend({name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")})
    return response


def _translated(status: int, error: HTTPException) -> Problem:
    if errors := query_errors(getattr(error, "data", {}).get("messages", {}).get("query", {})):
        return unreadable("A query parameter cannot be used.", *errors)
    if status == 413:
        return too_large("The request's body is larger than this service takes.")
    if status == 429:
        detail = "The rate limit is used up; RateLimit-Policy says what it is, Retry-After when to come again."
        return Problem(429, "too-many-requests", "Too many requests", detail)
    phrase = HTTPStatus(status).phrase
    return Problem(status, phrase.lower().replace(" ", "-"), phrase, error.description or phrase)


def query_errors(messages: Mapping[str, object]) -> list[Error]:
    """marshmallow's messages of a query, or of form fields, as one error each."""
    return [{"parameter": name, "detail": _first(found)} for name, found in messages.items()]


def _first(messages: object) -> str:
    """The first sentence of marshmallow's messages: a list, or a mapping from an item's index to a list."""
    while isinstance(messages, (list, dict)) and messages:
        messages = next(iter(messages.values())) if isinstance(messages, dict) else messages[0]
    return str(messages)


def _unforeseen(error: Exception) -> Response:
    return respond(unforeseen(error, g.get("request_id", "-")))
