"""POST /v1/batch: many requests of /v1/refactor in one body, a line each, answered as they come."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Response, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema

import service
from service.deadline import DeadlineExceeded, within
from service.dockerfile.model import DockerfileError
from service.http import documented, examples, metrics
from service.http.answers import chosen, digest, labelled
from service.http.bodies import UNLABELLED, unsupported
from service.http.duplex import ReadAhead
from service.http.problems import Problem, deadline_exceeded, document, rejected, too_large, unforeseen
from service.http.reading import asked_by, check_instructions, parsed, shaped
from service.http.requests import BatchLineSchema, is_id
from service.http.settings import Settings
from service.http.stream import received
from service.report.result import as_json

NDJSON = "application/x-ndjson"
KINDS = frozenset({NDJSON, "application/ndjson", "application/jsonl", "application/x-jsonlines", "text/plain"}) | UNLABELLED

blueprint = Blueprint("batch", __name__, description="Rewriting many Dockerfiles")
blueprint.after_request(labelled)


_LINE = BatchLineSchema()
_NoQuery = Schema.from_dict({}, name="NoQuery")
"""A batch has no options of its own: a query is a mistake."""


def answer_line(line: bytes, index: int, settings: Settings) -> dict[str, Any]:
    """One line's answer: the result of /v1/refactor as JSON or a problem (which has `type` and `status`), with `index`, the line's `id` if it has
    one, and `result`, what `Restage-Result` is to a single request."""
    found: dict[str, Any] = {"index": index}
    try:
        said = parsed(line)
        if isinstance(said, dict) and is_id(said.get("id")):
            found["id"] = said["id"]
        asked = asked_by(shaped(_LINE, said), {}, settings)
        found["result"] = digest(asked)
        with within(settings.deadline_seconds):
            check_instructions(asked.dockerfile, settings)
            result = as_json(service.refactor(asked.dockerfile, asked.context, asked.options), asked.context)
        metrics.observe(result)
        return found | result
    except DeadlineExceeded:
        return found | document(deadline_exceeded())
    except Problem as problem:
        return found | document(problem)
    except DockerfileError as error:
        return found | document(rejected(error))


@blueprint.route("/v1/batch", methods=["POST"])
@blueprint.doc(requestBody=examples.batch_body((NDJSON, "text/plain")))
@blueprint.arguments(_NoQuery, location="query", unknown=RAISE)
@blueprint.response(
    200, {"type": "string"}, content_type=NDJSON, description="A result or a problem a line, in their order.", example=examples.batch_answer
)
@documented.errors(blueprint, (406, 413, 415, 422, 500))
def batch(query: dict[str, Any]) -> Response:
    """Rewrite many Dockerfiles, one a line.

    Each line of the body is a request of /v1/refactor as JSON, with an `id` of the caller's if wanted. Each line of the answer is its result or its
    problem, in the same order, with `index`, the number of the line from 0 (an empty line counts and is not answered), `id`, and `result`,
    which stands for the header `Restage-Result`: an answer that is sent while the request comes in has none. A bad line fails alone.
    """
    settings: Settings = current_app.config["RESTAGE"]
    if request.mimetype not in KINDS or request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise unsupported(f"The body is {NDJSON}, as it is: a JSON document a line.")
    chosen(request, [NDJSON])
    # A line that is too long is passed over, not kept, so that it may be longer than all others together.
    chunks = received(request, max(settings.archive_bytes, settings.batch_lines * (settings.batch_line_bytes + 1)))
    answers = _answers(ReadAhead(chunks, request.environ, settings.body_bytes), settings, g.request_id)
    # Proxies that would rather collect the answer (nginx) are asked not to.
    return Response(answers, content_type=NDJSON, headers={"X-Accel-Buffering": "no"})


def _answers(body: ReadAhead, settings: Settings, request_id: str) -> Iterator[bytes]:
    index = -1
    try:
        for index, line in enumerate(_lines(body, settings.batch_line_bytes)):
            if index == settings.batch_lines:
                yield from body.pieces(_failed(index, too_large(f"A batch has at most {settings.batch_lines:,} lines; the rest is not read.")))
                return
            if line is None:
                yield from body.pieces(_failed(index, too_large(f"A line has at most {settings.batch_line_bytes:,} bytes.")))
            elif line.strip():
                yield from body.pieces(_answered(line, index, settings, request_id))
    except Problem as problem:
        # The body broke off: what came whole is answered.
        yield from body.pieces(_failed(index + 1, problem))


def _answered(line: bytes, index: int, settings: Settings, request_id: str) -> bytes:
    try:
        return _line(answer_line(line, index, settings))
    except Exception as error:
        return _failed(index, unforeseen(error, request_id))


def _failed(index: int, problem: Problem) -> bytes:
    return _line({"index": index, **document(problem)})


def _line(answer: Mapping[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode() + b"\n"


def _lines(chunks: Iterable[bytes], most: int) -> Iterator[bytes | None]:
    """The lines without their ends; None for one of more than `most` bytes, of which nothing is kept."""
    line = bytearray()
    over = False
    for chunk in chunks:
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            over = over or len(line) + end - start > most
            yield None if over else bytes(line) + chunk[start:end]
            line, over, start = bytearray(), False, end + 1
        over = over or len(line) + len(chunk) - start > most
        if over:
            line = bytearray()
        else:
            line += chunk[start:]
    if line or over:
        yield None if over else bytes(line)
