"""The service as people start it: gunicorn in a process of its own, spoken to over a socket."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http.conftest import PLAIN

ROOT = Path(__file__).parents[2]
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(free), "WORKERS": "1", "RESTAGE_BODY_BYTES": "100000"}
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "python:service.http.server"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        wait(free)
        yield free
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    pytest.fail("gunicorn does not listen")


def send(port: int, method: str, path: str, body: bytes | Iterator[bytes] | None = None, **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


def test_what_curl_data_binary_sends(port: int) -> None:
    status, headers, body = send(port, "POST", "/v1/refactor", PLAIN.encode(), Content_Type="application/x-www-form-urlencoded")
    assert (status, body) == (200, PLAIN.encode())
    assert headers["restage-outcome"] == "unchanged"


def test_a_chunked_body(port: int) -> None:
    status, _, body = send(port, "POST", "/v1/refactor", iter([PLAIN[:9].encode(), PLAIN[9:].encode()]), Content_Type="text/plain")
    assert (status, body) == (200, PLAIN.encode())


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit(port: int, chunked: bool) -> None:
    content = b"#" * 150_000
    status, headers, _ = send(port, "POST", "/v1/refactor", iter([content[:75_000], content[75_000:]]) if chunked else content)
    assert (status, headers["content-type"]) == (413, "application/problem+json")


def test_health(port: int) -> None:
    status, headers, _ = send(port, "GET", "/healthz")
    assert (status, headers["content-type"]) == (200, "application/json")


def test_a_process_answers_like_a_client_in_memory(port: int) -> None:
    status, headers, _ = send(port, "GET", "/v1/refactor")
    assert status == 405
    assert "POST" in headers["allow"]
