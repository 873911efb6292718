"""Who may call what: keys and tokens, scopes, and the start that is refused."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.access import SCOPES, Scope, keys, store
from service.http import Settings, create_app
from service.http.access import NEEDS, Access, NotProtected, access_for, check_exposure, needed
from tests.http.conftest import PLAIN

Keys = dict[str, str]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(state=str(tmp_path_factory.mktemp("state")))


@pytest.fixture(scope="module")
def made(settings: Settings) -> Keys:
    """A key for each scope, one that is for nothing, one that has expired."""
    found: Keys = {}
    for name, scopes, expires in (*((scope, {scope}, None) for scope in SCOPES), ("none", set(), None), ("expired", {"admin"}, 1)):
        found[name], key = keys.make(name, frozenset(scopes), 1, expires)
        store.add(settings.database, key)
    return found


@pytest.fixture(scope="module")
def guarded(settings: Settings, made: Keys) -> FlaskClient:
    client: FlaskClient = create_app(settings, access_for(settings)).test_client()
    return client


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/v1/refactor", "refactor"),
        ("POST", "/v1/analyze", "refactor"),
        ("GET", "/v1/passes", "refactor"),
        ("GET", "/v1/ecosystems", "refactor"),
        ("GET", "/metrics", "metrics"),
    ],
)
def test_a_route_opens_to_its_scope_alone(guarded: FlaskClient, made: Keys, method: str, path: str, scope: Scope) -> None:
    opens = {"refactor": {"refactor", "jobs", "admin"}, "metrics": {"metrics", "admin"}}[scope]
    for name, key in made.items():
        reply = guarded.open(path, method=method, data=PLAIN, headers=bearer(key), environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
        assert reply.status_code == (200 if name in opens else 401 if name == "expired" else 403), (name, path)
        if reply.status_code == 403:
            assert reply.headers["WWW-Authenticate"] == f'Bearer realm="restage", error="insufficient_scope", scope="{scope}"'
            assert reply.get_json()["type"] == "urn:restage:problem:forbidden"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("", False),
        ("Basic dXNlcjpwYXNz", False),
        ("Bearer", False),
        ("Bearer ", False),
        ("Bearer x", True),
        ("Bearer rst_0123456789ab_" + "a" * 43, True),
        ("Bearer a.b.c", True),
        ("Bearer " + "x" * 5_000, True),
    ],
)
def test_without_a_credential_the_answer_says_what_is_needed(guarded: FlaskClient, value: str, error: bool) -> None:
    reply = guarded.post("/v1/refactor", data=PLAIN, headers={"Authorization": value} if value else {})
    assert (reply.status_code, reply.content_type) == (401, "application/problem+json")
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="restage"' + (', error="invalid_token"' if error else "")
    assert value[-20:] not in reply.text or len(value) < 10


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.yaml", "/docs", "/docs/passes", "/docs/passes/split_stages"])
def test_what_needs_no_credential(guarded: FlaskClient, path: str) -> None:
    assert guarded.get(path).status_code == 200


def test_routing_comes_before_access(guarded: FlaskClient) -> None:
    assert guarded.get("/no-such").status_code == 404
    assert guarded.get("/v1/refactor").status_code == 405


def test_metrics_are_for_this_machine_too_but_not_through_a_proxy(guarded: FlaskClient) -> None:
    assert guarded.get("/metrics").status_code == 200
    assert guarded.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401
    assert guarded.get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).status_code == 401


def test_every_route_needs_a_scope_unless_the_table_says_otherwise() -> None:
    assert needed("/v1/anything") == "refactor" and needed("/v1/jobs/<id>") == "jobs" and needed("/v1/jobs") == "jobs"
    assert needed("/docsish") == "refactor" and needed("/metricsx") == "refactor" and needed("/") == "refactor"
    assert {scope for scope in NEEDS.values() if scope} <= set(SCOPES)


def test_a_key_that_is_added_while_the_service_runs(settings: Settings, guarded: FlaskClient) -> None:
    text, key = keys.make("late", frozenset({"refactor"}), int(time.time()))
    assert guarded.get("/v1/passes", headers=bearer(text)).status_code == 401
    other, second = keys.make("later", frozenset({"refactor"}), int(time.time()))
    store.add(settings.database, second)
    assert guarded.get("/v1/passes", headers=bearer(other)).status_code == 200


def test_a_database_that_does_not_answer_is_a_503_and_no_way_in() -> None:
    settings = Settings(database_url="postgresql://u:s3cret@127.0.0.1:1/d")
    access = access_for(settings)
    assert access.required
    client = create_app(settings, access).test_client()
    text, _ = keys.make("x", frozenset({"refactor"}), 1)
    reply = client.post("/v1/refactor", data=PLAIN, headers=bearer(text))
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
    assert "s3cret" not in reply.text
    assert client.post("/v1/refactor", data=PLAIN).status_code == 401
    assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").get_json() == {"status": "unavailable", "checks": {"database": "failed"}}
    assert client.get("/healthz").status_code == 200


def test_access_control_is_off_on_this_machine_until_a_key_is_made(tmp_path: Path) -> None:
    settings = Settings(state=str(tmp_path))
    assert not access_for(settings).required
    text, key = keys.make("x", frozenset({"refactor"}), 1)
    store.add(settings.database, key)
    assert access_for(settings).required
    store.revoke(settings.database, key.id, 2)
    assert not access_for(settings).required
    wide = Settings(state=str(tmp_path), host="0.0.0.0")
    assert access_for(wide).required, "revoking the last key opens nothing to others"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_this_machine_may_be_served_without_keys(host: str) -> None:
    check_exposure(Access(Settings(host=host)), [host])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "example.com", "127.0.0.1.example.com"])
def test_others_may_not(host: str) -> None:
    with pytest.raises(NotProtected, match="RESTAGE_OPEN=1"):
        check_exposure(Access(Settings(host=host)), [host])
    check_exposure(Access(Settings(host=host, open=True)), [host])
    check_exposure(Access(Settings(host=host), required=True, protected=True), [host])


def test_open_means_open_only_without_keys(tmp_path: Path) -> None:
    settings = Settings(state=str(tmp_path), host="0.0.0.0", open=True)
    assert not access_for(settings).required
    store.add(settings.database, keys.make("x", frozenset({"refactor"}), 1)[1])
    assert access_for(settings).required
