"""The Flask application, put together."""

from __future__ import annotations

import os
import re
import uuid
from http import HTTPStatus

import flask_smorest
from flask import Flask, Response, g, request

from service.http import analyze, catalogue, docs, jobs, operations, problems, refactor
from service.http.openapi import as_yaml
from service.http.responses import ProblemSchema
from service.http.settings import Settings
from service.jobs.settings import JobSettings
from service.version import VERSION

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}\Z")
_DESCRIPTION = (
    "Restage rewrites a single-stage Dockerfile into a build stage and a runtime stage, says why each line changed, checks that the image "
    "still means the same, and estimates layers and sizes, without building anything. Every error is `application/problem+json` (RFC 9457)."
)


class _Api(flask_smorest.Api):
    """flask-smorest's, with our problem details in place of its own error bodies."""

    def _register_error_handlers(self) -> None:
        problems.register(self._app)

    def _register_responses(self) -> None:
        for name, description in (*((status.name, status.phrase) for status in HTTPStatus), ("DEFAULT_ERROR", "Any other error")):
            response = {"description": description, "content": {problems.MEDIA_TYPE: {"schema": ProblemSchema}}}
            self.spec.components.response(name, response, lazy=True)


def create_app(settings: Settings | None = None, job_settings: JobSettings | None = None) -> Flask:
    app = Flask("service.http", static_folder=None)
    app.config.update(
        RESTAGE=settings or Settings(),
        RESTAGE_JOBS=job_settings or JobSettings(),
        API_TITLE="Restage",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={"info": {"description": _DESCRIPTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}},
    )
    app.config["MAX_CONTENT_LENGTH"] = app.config["RESTAGE"].body_bytes
    app.json.sort_keys = False  # type: ignore[attr-defined]
    api = _Api(app)
    for blueprint in (refactor.blueprint, analyze.blueprint, jobs.blueprint, catalogue.blueprint, docs.blueprint, operations.blueprint):
        api.register_blueprint(blueprint)
    app.config["RESTAGE_OPENAPI"] = as_yaml(api.spec.to_dict())
    app.before_request(_name_request)
    app.after_request(_finish)
    return app


def configured() -> Flask:
    """The application with the limits that the environment sets: what gunicorn starts."""
    return create_app(Settings.from_environment(os.environ), JobSettings.from_environment(os.environ))


def _name_request() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.match(given) else uuid.uuid4().hex


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    # An answer that is streamed is not read into memory for the sake of its hash.
    if request.method in ("GET", "HEAD") and response.status_code == 200 and not response.is_streamed:
        response.add_etag()
        response.make_conditional(request)
    return response
