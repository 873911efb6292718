"""POST /v1/jobs and GET, DELETE /v1/jobs/{id}: many Dockerfiles, worked on after the answer.

What the views do is in `jobviews`, loaded with the first request for jobs: the database's library takes as long to load as a third of the service.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import RAISE

from service.http import documented
from service.http.bodies import JSON
from service.http.items import NDJSON
from service.http.jobexamples import ERRORS, JOB, JSON_ITEMS, KEY_HEADER, LINES, PROBLEMS, results
from service.http.jobschemas import JobRequestSchema, JobSchema, JobsQuerySchema, JobsSchema, ResultsQuerySchema

blueprint = Blueprint("jobs", __name__, description="Work too long for one request")
_documented = partial(documented.errors, blueprint, texts=ERRORS, problems=PROBLEMS)
# When to look again, in seconds: a job takes as long, and a service that is full or without its database hardly less.
RETRY_AFTER = "2"

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
@_documented(statuses=(400, 409, 413, 415, 422, 429, 500, 503))
def post() -> Response:
    """Make a job of many Dockerfiles.

    The items are read as they come and are not held. The answer names the job; its results come in the items' order, also while it is at work.
    With an `Idempotency-Key` a repeated request gives the job that the first one made.
    """
    from service.http import jobviews

    return jobviews.post()


@blueprint.route("/v1/jobs")
@blueprint.arguments(JobsQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, JobsSchema, description="The jobs.", example={"jobs": [JOB]})
@_documented(statuses=(422, 500, 503))
def listing(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's jobs, the newest first."""
    from service.http import jobviews

    return jobviews.listing(query)


@blueprint.route("/v1/jobs/<id>")
@blueprint.arguments(ResultsQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, JobSchema, description="The job.", example=JOB)
@blueprint.alt_response(200, schema={"type": "string"}, content_type=NDJSON, success=True, description="Its results.", example=results)
@_documented(statuses=(404, 406, 422, 500, 503))
def get(query: dict[str, Any], id: str) -> Response:
    """Say how far a job is, or with `Accept: application/x-ndjson` give its results."""
    from service.http import jobviews

    return jobviews.get(query, id)


@blueprint.route("/v1/jobs/<id>/results")
@blueprint.arguments(ResultsQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, {"type": "string"}, content_type=NDJSON, description="One result or problem a line, with its `index`.", example=results)
@_documented(statuses=(404, 406, 422, 500, 503))
def lines(query: dict[str, Any], id: str) -> Response:
    """Give a job's results in the order of its items.

    While the job is at work these are the results up to the first item without one. A `Link` with `rel="next"` then says where to go on;
    without it there are no more.
    """
    from service.http import jobviews

    return jobviews.lines(query, id)


@blueprint.route("/v1/jobs/<id>", methods=["DELETE"])
@blueprint.response(204, description="There is no such job any more.")
@_documented(statuses=(404, 500, 503))
def delete(id: str) -> Response:
    """Cancel a job, and delete its items and results."""
    from service.http import jobviews

    return jobviews.delete(id)


@blueprint.after_request
def _label(response: Response) -> Response:
    response.vary.add("Accept")
    if response.status_code in (409, 429, 503):
        response.headers.setdefault("Retry-After", RETRY_AFTER)
    return response
