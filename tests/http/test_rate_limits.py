"""Rate limits: whom a request counts for, what the headers say, and what happens without the store."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.access import keys, store
from service.http import Settings, create_app
from service.http.access import access_for


def client_of(settings: Settings) -> FlaskClient:
    client: FlaskClient = create_app(settings, access_for(settings)).test_client()
    return client


def get(client: FlaskClient, address: str = "192.0.2.1", path: str = "/v1/passes", **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers=named, environ_overrides={"REMOTE_ADDR": address}).status_code


@pytest.fixture
def three(tmp_path: Path) -> FlaskClient:
    return client_of(Settings(state=str(tmp_path), rate_limit="3/hour;100/day"))


def test_an_address_has_its_share(three: FlaskClient) -> None:
    assert [get(three) for _ in range(4)] == [200, 200, 200, 429]
    assert get(three, "192.0.2.2") == 200
    assert [get(three, path=path) for path in ("/healthz", "/readyz", "/metrics", "/docs", "/openapi.yaml")] == [200] * 5


def test_the_headers(three: FlaskClient) -> None:
    replies = [three.get("/v1/passes") for _ in range(4)]
    policies = [reply.headers["RateLimit-Policy"] for reply in replies]
    # What is used up is alone: the others were not asked.
    assert policies == ['"per-hour";q=3;w=3600, "per-day";q=100;w=86400'] * 3 + ['"per-hour";q=3;w=3600']
    left = [reply.headers["RateLimit"].split(";")[:2] for reply in replies]
    assert left == [['"per-hour"', "r=2"], ['"per-hour"', "r=1"], ['"per-hour"', "r=0"], ['"per-hour"', "r=0"]]
    assert "Retry-After" not in replies[2].headers
    assert 0 < int(replies[3].headers["Retry-After"]) <= 3_600
    assert replies[3].content_type == "application/problem+json"
    assert replies[3].get_json()["type"] == "urn:restage:problem:too-many-requests"


def test_neighbours_of_an_ipv6_address_are_one_caller(three: FlaskClient) -> None:
    assert [get(three, f"2001:db8:0:1::{number}") for number in range(4)] == [200, 200, 200, 429]
    assert get(three, "2001:db8:0:2::1") == 200
    assert get(three, "::ffff:192.0.2.9") == 200


def test_a_key_has_its_share_wherever_it_is_used(tmp_path: Path) -> None:
    settings = Settings(state=str(tmp_path), rate_limit="3/hour")
    one, two = (keys.make(name, frozenset({"refactor"}), 1) for name in "ab")
    store.add(settings.database, one[1])
    store.add(settings.database, two[1])
    client = client_of(settings)
    assert [get(client, f"192.0.2.{number}", Authorization=f"Bearer {one[0]}") for number in range(4)] == [200, 200, 200, 429]
    assert get(client, "192.0.2.1", Authorization=f"Bearer {two[0]}") == 200


def test_wrong_credentials_count_for_the_address(tmp_path: Path) -> None:
    settings = Settings(state=str(tmp_path), rate_limit="3/hour")
    store.add(settings.database, keys.make("a", frozenset({"refactor"}), 1)[1])
    client = client_of(settings)
    guesses = [keys.make("x", frozenset({"refactor"}), 1)[0] for _ in range(4)]
    assert [get(client, Authorization=f"Bearer {guess}") for guess in guesses] == [401, 401, 401, 429]


@pytest.mark.parametrize(
    ("proxies", "given", "counted"),
    [
        (0, "198.51.100.1", "192.0.2.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1", "203.0.113.9"),
    ],
)
def test_a_proxy_is_believed_as_far_as_it_is_known(tmp_path: Path, proxies: int, given: str, counted: str) -> None:
    """What a caller writes into X-Forwarded-For stands to the left of what our own proxies add."""
    client = client_of(Settings(state=str(tmp_path), rate_limit="1/hour", trusted_proxies=proxies))
    assert get(client, X_Forwarded_For=given) == 200
    assert get(client, counted) == 429
    assert get(client, "203.0.113.77") == 200


def test_no_limit_no_headers(client: FlaskClient) -> None:
    reply = client.get("/v1/passes")
    assert "RateLimit" not in reply.headers and "RateLimit-Policy" not in reply.headers


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Redis:
    """A server that a test can stop and start again at the same port."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        pytest.fail("redis-server does not listen")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed")
    server = Redis(tmp_path)
    yield server
    server.stop()


def test_processes_behind_one_redis_share_a_limit(tmp_path: Path, redis: Redis) -> None:
    settings = Settings(state=str(tmp_path), rate_limit="3/hour", rate_limit_url=redis.url)
    one, two = client_of(settings), client_of(settings)
    assert [get(one), get(two), get(one), get(two), get(one)] == [200, 200, 200, 429, 429]
    assert one.get("/readyz").get_json() == {"status": "ready", "checks": {"rate_limit": "ok"}}


def test_without_its_redis_the_service_goes_on_and_says_so(
    tmp_path: Path, redis: Redis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(Settings(state=str(tmp_path), rate_limit="3/hour", rate_limit_url=redis.url))
    assert get(client) == 200
    redis.stop()
    # Each process counts for itself: a limit still, and not none.
    assert [get(client) for _ in range(4)] == [200, 200, 200, 429]
    assert "unreachable" in caplog.text and "127.0.0.1" not in caplog.text
    assert "restage_rate_limit_store_down 1.0" in client.get("/metrics").text
    assert client.get("/readyz").get_json() == {"status": "degraded", "checks": {"rate_limit": "failed"}}
    assert client.get("/readyz").status_code == 200
    redis.start()
    later = time.time() + 60
    monkeypatch.setattr("flask_limiter._extension.time.time", lambda: later)
    assert get(client, "192.0.2.8") == 200
    assert "restage_rate_limit_store_down 0.0" in client.get("/metrics").text
