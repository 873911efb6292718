"""A client that speaks to the application without a socket."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.http import Settings, create_app

# A shell is the product: nothing to split, nothing to clean, so it comes back as it is.
PLAIN = 'FROM alpine:3.20\nCMD ["sh"]\n'

Ask = Callable[..., TestResponse]


@pytest.fixture(scope="session")
def app() -> Flask:
    return create_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def small_client() -> FlaskClient:
    """A service whose limits a test reaches with little."""
    return create_app(Settings(dockerfile_bytes=400, instructions=10, stages=3, context_paths=5, manifest_bytes=50, body_bytes=4_000)).test_client()


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """POST /v1/refactor: a mapping as JSON, anything else as a raw body."""

    def send(body: object, kind: str | None = "text/plain", query: str = "", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, dict):
            return client.post("/v1/refactor" + query, json=body, headers=named)
        return client.post("/v1/refactor" + query, data=body, content_type=kind, headers=named)

    return send
