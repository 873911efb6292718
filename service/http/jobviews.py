"""What the routes of `jobs` do: a request becomes a job, a job an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask import Response, current_app, g, jsonify, request

from service.http.answers import chosen
from service.http.bodies import JSON
from service.http.items import NDJSON, items_of
from service.http.jobs import RETRY_AFTER
from service.http.problems import Problem, unreadable
from service.jobs import catalogue, results
from service.jobs.bell import BELL
from service.jobs.deletion import delete_job
from service.jobs.settings import JobSettings
from service.jobs.states import VISIBLE
from service.jobs.submission import InFlight, KeyReused, NoItems, Refused, Request, TooManyItems, TooManyJobs, submit
from service.jobs.transactions import UNAVAILABLE, Engine, opened, trouble

_ID = re.compile(r"[0-9a-f]{32}\Z")
# Visible ASCII, with or without the quotes that a structured field's string has.
_KEY = re.compile(r'"?([!#-~]{1,255})"?\Z')


def post() -> Response:
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
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def listing(query: dict[str, Any]) -> dict[str, Any]:
    with _database(_settings()) as engine:
        states = (query["state"],) if "state" in query else VISIBLE
        return {"jobs": [_document(one) for one in catalogue.jobs(engine, _owner(), states, query["limit"])]}


def get(query: dict[str, Any], id: str) -> Response:
    with _database(_settings()) as engine:
        found = _found(engine, id)
        if chosen(request, [JSON, NDJSON]) == NDJSON:
            return _results(engine, found, query["after"])
    response = jsonify(_document(found))
    if not results.complete(found.state):
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def lines(query: dict[str, Any], id: str) -> Response:
    with _database(_settings()) as engine:
        found = _found(engine, id)
        chosen(request, [NDJSON])
        return _results(engine, found, query["after"])


def delete(id: str) -> Response:
    with _database(_settings()) as engine:
        delete_job(engine, _found(engine, id).id)
    return Response(status=204)


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
    except UNAVAILABLE as error:
        raise Problem(503, "jobs-unavailable", "Jobs cannot be reached", f"The database {trouble(error)}; try again later.") from None


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
        response.headers["Retry-After"] = RETRY_AFTER
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
