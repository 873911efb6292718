"""POST /v1/jobs and GET, DELETE /v1/jobs/{id}: many Dockerfiles, worked on after the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask import Response, current_app, g, jsonify, request
from flask_smorest import Blueprint
from marshmallow import RAISE

from service.http.answers import chosen
from service.http.bodies import JSON
from service.http.items import NDJSON, items_of
from service.http.jobexamples import ERRORS, JOB, JSON_ITEMS, KEY_HEADER, LINES, PROBLEMS, RESULTS
from service.http.jobschemas import JobRequestSchema, JobSchema, JobsQuerySchema, JobsSchema, ResultsQuerySchema
from service.http.problems import MEDIA_TYPE, Problem, unreadable
from service.http.responses import ProblemSchema
from service.jobs import catalogue, results
from service.jobs.bell import BELL
from service.jobs.deletion import delete_job
from service.jobs.model import VISIBLE
from service.jobs.settings import JobSettings
from service.jobs.submission import InFlight, KeyReused, NoItems, Refused, Request, TooManyItems, TooManyJobs, submit
from service.jobs.transactions import UNAVAILABLE, Engine, opened

blueprint = Blueprint("jobs", __name__, description="Work too long for one request")

_ID = re.compile(r"[0-9a-f]{32}\Z")
# Visible ASCII, with or without the quotes that a structured field's string has.
_KEY = re.compile(r'"?([!#-~]{1,255})"?\Z')
# When to look again, in seconds: a job takes as long, and a service that is full or without its database hardly less.
_RETRY_AFTER = "2"


def _documented(*statuses: int) -> Callable[[Any], Any]:
    def add(view: Any) -> Any:
        for status in statuses:
            response = {"schema": ProblemSchema, "content_type": MEDIA_TYPE, "description": ERRORS[status], "example": PROBLEMS.get(status)}
            view = blueprint.alt_response(status, **response)(view)
        return view

    return add


_LOCATION = {"Location": {"schema": {"type": "string"}, "description": "The job's address."}}
_BODY = {
    "required": True,
    "description": "Requests of `POST /v1/refactor` as JSON: one a line, in a JSON document, or a file of such lines as a form's upload.",
    "content": {
        # A sequence of documents is no string to a JSON schema, and OpenAPI 3.1 has no word for it.
        NDJSON: {"schema": {"description": "Documents of the shape RefactorRequest, a line each."}, "example": LINES},
        JSON: {"schema": JobRequestSchema, "example": JSON_ITEMS},
        "multipart/form-data": {
            "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]},
        },
    },
}


@blueprint.route("/v1/jobs", methods=["POST"])
@blueprint.doc(requestBody=_BODY, parameters=[KEY_HEADER])
@blueprint.response(202, JobSchema, description="The job is queued.", headers=_LOCATION, example=JOB)
@_documented(400, 409, 413, 415, 422, 429, 500, 503)
def post() -> Response:
    """Make a job of many Dockerfiles.

    The items are read as they come and are not held. The answer names the job; its results come in the items' order, also while it is at work.
    With an `Idempotency-Key` a repeated request gives the job that the first one made.
    """
    settings = _settings()
    key = _idempotency_key()
    items = items_of(request, current_app.config["RESTAGE"], settings.bytes)
    asked = Request("refactor", _owner(), items.options, key)
    with _database(settings) as engine:
        try:
            id = submit(engine, settings, asked, items.lines)
        except Refused as refused:
            raise _problem(refused, settings) from None
        document = _document(_found(engine, id))
    BELL.ring()
    response = jsonify(document)
    response.status_code = 202
    response.headers["Location"] = f"/v1/jobs/{id}"
    response.headers["Retry-After"] = _RETRY_AFTER
    return response


@blueprint.route("/v1/jobs")
@blueprint.arguments(JobsQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, JobsSchema, description="The jobs.", example={"jobs": [JOB]})
@_documented(422, 500, 503)
def listing(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's jobs, the newest first."""
    with _database(_settings()) as engine:
        states = (query["state"],) if "state" in query else VISIBLE
        return {"jobs": [_document(one) for one in catalogue.jobs(engine, _owner(), states, query["limit"])]}


@blueprint.route("/v1/jobs/<id>")
@blueprint.arguments(ResultsQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, JobSchema, description="The job.", example=JOB)
@blueprint.alt_response(200, schema={"type": "string"}, content_type=NDJSON, success=True, description="Its results.", example=RESULTS)
@_documented(404, 406, 422, 500, 503)
def get(query: dict[str, Any], id: str) -> Response:
    """Say how far a job is, or with `Accept: application/x-ndjson` give its results."""
    with _database(_settings()) as engine:
        found = _found(engine, id)
        if chosen(request, [JSON, NDJSON]) == NDJSON:
            return _results(engine, found, query["after"])
    response = jsonify(_document(found))
    if not results.complete(found.state):
        response.headers["Retry-After"] = _RETRY_AFTER
    return response


@blueprint.route("/v1/jobs/<id>/results")
@blueprint.arguments(ResultsQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, {"type": "string"}, content_type=NDJSON, description="One result or problem a line, with its `index`.", example=RESULTS)
@_documented(404, 406, 422, 500, 503)
def lines(query: dict[str, Any], id: str) -> Response:
    """Give a job's results in the order of its items.

    While the job is at work these are the results up to the first item without one. A `Link` with `rel="next"` then says where to go on;
    without it there are no more.
    """
    with _database(_settings()) as engine:
        found = _found(engine, id)
        chosen(request, [NDJSON])
        return _results(engine, found, query["after"])


@blueprint.route("/v1/jobs/<id>", methods=["DELETE"])
@blueprint.response(204, description="There is no such job any more.")
@_documented(404, 500, 503)
def delete(id: str) -> Response:
    """Cancel a job, and delete its items and results."""
    with _database(_settings()) as engine:
        delete_job(engine, _found(engine, id).id)
    return Response(status=204)


@blueprint.after_request
def _label(response: Response) -> Response:
    response.vary.add("Accept")
    if response.status_code in (409, 429, 503):
        response.headers.setdefault("Retry-After", _RETRY_AFTER)
    return response


def _settings() -> JobSettings:
    found = current_app.config["RESTAGE_JOBS"]
    assert isinstance(found, JobSettings)
    return found


def _owner() -> str:
    """The id of the key that the request came with; empty where the service asks for none."""
    return str(g.caller.id) if "caller" in g else ""


@contextmanager
def _database(settings: JobSettings) -> Iterator[Engine]:
    try:
        yield opened(settings.database_url)
    except UNAVAILABLE:
        raise Problem(503, "jobs-unavailable", "Jobs cannot be reached", "The database does not answer; try again later.") from None


def _found(engine: Engine, id: str) -> catalogue.JobView:
    """Another one's job is none."""
    found = catalogue.job(engine, id, _owner()) if _ID.match(id) else None
    if found is None:
        raise Problem(404, "not-found", "Not Found", "There is no such job; a finished one is deleted when it expires.")
    return found


def _results(engine: Engine, job: catalogue.JobView, after: int) -> Response:
    start = after + 1
    end = max(start, results.answered(engine, job.id))
    response = Response(results.lines(engine, job.id, start, min(end, job.items)), content_type=NDJSON)
    # Asked before `answered` was: where it says the job has ended, all of it is answered.
    if not results.complete(job.state):
        response.headers["Link"] = f'</v1/jobs/{job.id}/results?after={end - 1}>; rel="next"'
        response.headers["Retry-After"] = _RETRY_AFTER
    return response


def _document(job: catalogue.JobView) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "items": {"total": job.items, "done": job.done, "failed": job.failed, "dead": job.dead},
        **{name: _time(getattr(job, name)) for name in ("created", "started", "finished", "expires")},
        "results": f"/v1/jobs/{job.id}/results",
    }


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _idempotency_key() -> str | None:
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return None
    found = _KEY.match(given)
    if found is None:
        detail = "An Idempotency-Key has 1 to 255 visible characters."
        raise unreadable(detail, {"parameter": "Idempotency-Key", "detail": detail})
    return found[1]


def _problem(refused: Refused, settings: JobSettings) -> Problem:
    status, slug, title, detail = _REFUSED[type(refused)]
    return Problem(status, slug, title, detail.format(settings=settings))


_REFUSED: dict[type[Refused], tuple[int, str, str, str]] = {
    InFlight: (409, "request-in-flight", "The same request is being received", "Another request with this Idempotency-Key has not ended yet."),
    KeyReused: (422, "idempotency-key-reused", "The Idempotency-Key is taken", "It belongs to a job of other items or options."),
    NoItems: (422, "invalid-request", "The request cannot be used", "The body holds no item."),
    TooManyItems: (413, "too-large", "The request is over a limit", "A job has at most {settings.items:,} items."),
    TooManyJobs: (429, "too-many-jobs", "There are too many unfinished jobs", "A caller has at most {settings.queued:,} at a time."),
}
