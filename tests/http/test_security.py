"""Headers for browsers: on every answer, whatever it is; and whose pages may read answers."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from service.access import keys, store
from service.http import Settings, create_app
from service.http.access import access_for
from service.http.security import HEADERS
from tests.http.conftest import PLAIN


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/docs", 200),
        ("GET", "/metrics", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/v1/refactor", 405),
        ("POST", "/v1/refactor", 200),
        ("OPTIONS", "/v1/refactor", 200),
        ("HEAD", "/v1/passes", 200),
    ],
)
def test_every_answer_has_them(client: FlaskClient, method: str, path: str, status: int) -> None:
    reply = client.open(path, method=method, data=PLAIN if method == "POST" else None)
    assert reply.status_code == status
    assert {name: reply.headers.get(name) for name in HEADERS} == dict(HEADERS)
    policy = dict(part.strip().partition(" ")[::2] for part in reply.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in reply.headers["Content-Security-Policy"] and "*" not in reply.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_an_error_of_ours_has_them_too(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.refactor", lambda *arguments: 1 / 0)
    reply = client.post("/v1/refactor", data=PLAIN)
    assert reply.status_code == 500 and "Content-Security-Policy" in reply.headers


def test_a_drawing_may_have_style_and_nothing_else(client: FlaskClient) -> None:
    reply = client.post("/v1/refactor", data=PLAIN, headers={"Accept": "image/svg+xml"})
    policy = reply.headers["Content-Security-Policy"]
    assert "style-src 'unsafe-inline'" in policy and "script-src" not in policy and "default-src 'none'" in policy and "sandbox" in policy


def test_https_is_for_ever_where_it_is_https() -> None:
    behind = create_app(Settings(trusted_proxies=1)).test_client()
    assert "Strict-Transport-Security" in behind.get("/healthz", headers={"X-Forwarded-Proto": "https"}).headers
    assert "Strict-Transport-Security" not in behind.get("/healthz").headers
    direct = create_app(Settings()).test_client()
    assert "Strict-Transport-Security" not in direct.get("/healthz", headers={"X-Forwarded-Proto": "https"}).headers


@pytest.fixture
def shared(tmp_path: object) -> FlaskClient:
    settings = Settings(cors_origins=("https://tools.example",), state=str(tmp_path))
    store.add(settings.database, keys.make("x", frozenset({"refactor"}), 1)[1])
    client: FlaskClient = create_app(settings, access_for(settings)).test_client()
    return client


def test_a_page_of_an_allowed_origin_may_ask_and_read(shared: FlaskClient) -> None:
    asked = {"Origin": "https://tools.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    preflight = shared.options("/v1/refactor", headers=asked)
    assert preflight.status_code == 200, "a preflight carries no credentials"
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://tools.example"
    assert "authorization" in preflight.headers["Access-Control-Allow-Headers"].lower()
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    refused = shared.post("/v1/refactor", data=PLAIN, headers={"Origin": "https://tools.example"})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == "https://tools.example"
    assert "Restage-Outcome" in refused.headers["Access-Control-Expose-Headers"]
    assert "Origin" in refused.headers["Vary"]


@pytest.mark.parametrize("origin", ["https://tools.example.evil", "http://tools.example", "https://evil-tools.example", "https://toolsXexample", ""])
def test_a_page_of_another_may_not(shared: FlaskClient, origin: str) -> None:
    reply = shared.get("/healthz", headers={"Origin": origin} if origin else {})
    assert "Access-Control-Allow-Origin" not in reply.headers and "Origin" in reply.headers["Vary"]
