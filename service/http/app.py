"""The Flask application, put together."""

from __future__ import annotations

import os
import re
import uuid
from http import HTTPStatus
from typing import Any

import flask_smorest
from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from service.http import access as access_control
from service.http import (
    analyze,
    batch,
    catalogue,
    docs,
    jobhealth,
    jobs,
    limits,
    metrics,
    observation,
    operations,
    problems,
    readiness,
    refactor,
    security,
    telemetry,
)
from service.http.access import Access, access_for
from service.http.description import Description, key_pattern
from service.http.responses import ProblemSchema
from service.http.settings import Settings
from service.http.stream import discard
from service.jobs.settings import JobSettings
from service.version import VERSION

BLUEPRINTS = (
    *(refactor.blueprint, analyze.blueprint, batch.blueprint, jobs.blueprint, catalogue.blueprint),
    *(docs.blueprint, operations.blueprint, readiness.blueprint, metrics.blueprint),
)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}\Z")
_DESCRIPTION = (
    "Restage rewrites a single-stage Dockerfile into a build stage and a runtime stage, says why each line changed, checks that the image "
    "still means the same, and estimates layers and sizes, without building anything. Every error is `application/problem+json` (RFC 9457)."
)

_BEARER = {"type": "http", "scheme": "bearer", "description": "An API key (`restage keys add NAME`), or a token of the configured issuer."}


class _Api(flask_smorest.Api):
    """flask-smorest's, with our problem details in place of its own error bodies, and routes that are described when somebody asks for it: that
    takes a tenth of a start."""

    def register_blueprint(self, blp: flask_smorest.Blueprint, **options: Any) -> None:
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp, **options)

    def described(self) -> dict[str, Any]:
        """The description of all routes, to be made once."""
        self.ma_plugin.converter.add_attribute_function(key_pattern)
        self.spec.components.security_scheme("bearer", _BEARER)
        for blueprint in BLUEPRINTS:
            blueprint.register_views_in_doc(self, self._app, self.spec, name=blueprint.name, parameters=None)
            self.spec.tag({"name": blueprint.name, "description": blueprint.description})
        document: dict[str, Any] = self.spec.to_dict()
        return document

    def _register_error_handlers(self) -> None:
        problems.register(self._app)

    def _register_responses(self) -> None:
        for name, description in (*((status.name, status.phrase) for status in HTTPStatus), ("DEFAULT_ERROR", "Any other error")):
            response = {"description": description, "content": {problems.MEDIA_TYPE: {"schema": ProblemSchema}}}
            self.spec.components.response(name, response, lazy=True)


def create_app(settings: Settings | None = None, access: Access | None = None, job_settings: JobSettings | None = None) -> Flask:
    """The application. Without `access` it answers anyone: what servers start is `configured`, which decides by the settings."""
    settings = settings or Settings()
    job_settings = job_settings or JobSettings.of(settings)
    app = Flask("service.http", static_folder=None)
    app.config.update(
        RESTAGE=settings,
        RESTAGE_JOBS=job_settings,
        # Metrics that are read at the time of asking: see `service.http.metrics.Collect`.
        RESTAGE_COLLECTORS=[],
        API_TITLE="Restage",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {"description": _DESCRIPTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
            # Access control is optional: a service without keys answers anyone.
            "security": [{}, {"bearer": []}],
        },
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    _install(app, settings, access or Access(settings))
    jobhealth.install(app, job_settings)
    api = _Api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.config["RESTAGE_DESCRIPTION"] = Description(api.described)
    return app


def configured() -> Flask:
    """The application as the environment sets it up: what gunicorn starts."""
    settings = Settings.from_environment(os.environ)
    return create_app(settings, access_for(settings))


def _install(app: Flask, settings: Settings, access: Access) -> None:
    """What surrounds every route. Flask calls what comes before a request in this order, and what comes after it in the reverse one: so the
    observer sees the first and the last of it, and a request is counted for its caller before it is refused."""
    app.before_request(_name_request)
    observation.install(app, settings)
    telemetry.install(app, settings)
    security.install(app, settings)
    app.after_request(_finish)
    access_control.install(app, access)
    limits.install(app, settings)
    access_control.install_checks(app, access)
    readiness.install(app, settings, access)
    app.after_request(discard)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)  # type: ignore[method-assign]


def _name_request() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.match(given) else uuid.uuid4().hex


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    # A tag is a hash of the whole answer, and one that is made while it is sent must not be held in memory for it.
    tagged = request.method in ("GET", "HEAD") and response.status_code == 200 and not response.cache_control.no_store
    if tagged and not response.is_streamed:
        response.add_etag()
        response.make_conditional(request)
    return response
