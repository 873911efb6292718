"""The service as people start it: gunicorn in a process of its own, spoken to over a socket."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http.archives import GO
from tests.http.conftest import PLAIN
from tests.http.gunicorn import serving

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(tmp_path_factory.mktemp("service"), 1_200, WORKERS="1", RESTAGE_BODY_BYTES="100000") as service:
        yield service.port


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


@pytest.mark.parametrize("kind", ["text/plain", "image/png", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("route", ["/v1/refactor", "/v1/nothing"])
def test_an_error_reaches_who_sends_all_before_reading(port: int, kind: str, route: str) -> None:
    """http.client reads nothing before its 300 kB are away, which is more than the service takes."""
    status, headers, body = send(port, "POST", route, bytes(300_000), Content_Type=kind)
    assert status in (404, 413, 415)
    assert json.loads(body)["status"] == status and headers["content-type"] == "application/problem+json"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize("more", [[], ["-H", "Expect:"], ["-H", "Transfer-Encoding: chunked"]], ids=["expecting", "not-expecting", "chunked"])
def test_curl_sees_why_its_20_mb_are_too_much(port: int, tmp_path: Path, more: list[str]) -> None:
    (tmp_path / "large").write_bytes(b"x" * 20_000_000)
    url = f"http://127.0.0.1:{port}/v1/refactor"
    found = subprocess.run(["curl", "-sS", *more, "--data-binary", f"@{tmp_path}/large", url], capture_output=True, text=True)
    assert (found.returncode, json.loads(found.stdout)["status"]) == (0, 413), found.stderr


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("tar")), reason="curl or tar is not installed")
def test_the_commands_that_the_documentation_shows(port: int, tmp_path: Path) -> None:
    for name, text in {"Dockerfile": GO, "go.mod": "module x\n\ngo 1.22\n", "main.go": "package main\n"}.items():
        (tmp_path / name).write_text(text)
    url = f"http://127.0.0.1:{port}/v1/refactor"
    commands = (
        f"tar c . | curl -sSi -H 'Content-Type: application/x-tar' --data-binary @- {url}",
        f"tar cz . | curl -sSi --data-binary @- {url}",
        f"tar cz . | curl -sSi -H 'Content-Type: application/gzip' -T - -X POST {url}",
        f"curl -sSi -F dockerfile=@Dockerfile -F go.mod=@go.mod -F main.go=@main.go -F complete=true {url}",
        f"curl -sSi -F 'dockerfile=<Dockerfile' -F 'file=@go.mod;filename=go.mod' -F 'x=@main.go;filename=./main.go' -F complete=true {url}",
    )
    answers = [subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True).stdout for command in commands]
    assert all("FROM golang:1.22 AS build" in answer for answer in answers), answers
    results = [next(line for line in answer.splitlines() if line.startswith("Restage-Result")) for answer in answers]
    assert len(set(results[:3])) == 1 and len(set(results[3:])) == 1


def lines(count: int) -> bytes:
    return b"".join(json.dumps({"id": number, "dockerfile": PLAIN}).encode() + b"\n" for number in range(count))


@pytest.mark.parametrize("chunked", [False, True])
def test_a_batch_for_who_sends_all_before_reading(port: int, chunked: bool) -> None:
    """5 MB of answers: more than the sockets between both hold while the client does not read."""
    body = lines(2_000)
    status, headers, answer = send(port, "POST", "/v1/batch", iter([body[:9], body[9:]]) if chunked else body, Content_Type="application/x-ndjson")
    found = [json.loads(line) for line in answer.splitlines()]
    assert (status, headers["content-type"], "restage-result" in headers) == (200, "application/x-ndjson", False)
    assert [row["index"] for row in found] == [row["id"] for row in found] == list(range(2_000))


def test_a_client_that_leaves_ends_its_batch(port: int) -> None:
    """The one worker has four threads; twelve abandoned batches would hold all of them."""
    for _ in range(12):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            body = lines(3_000)
            head = f"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert send(port, "GET", "/healthz")[0] == 200


def test_a_batch_that_breaks_off_says_so(port: int) -> None:
    body = lines(2)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        head = "POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: 9999\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.count(b'"outcome"') == 2 and b"incomplete-body" in answer


def test_half_a_dockerfile_is_not_answered(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"POST /v1/refactor HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\nConnection: close\r\n\r\n" + PLAIN.encode())
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 400 ") and b"incomplete-body" in answer


def test_health(port: int) -> None:
    status, headers, _ = send(port, "GET", "/healthz")
    assert (status, headers["content-type"]) == (200, "application/json")


def test_a_process_answers_like_a_client_in_memory(port: int) -> None:
    status, headers, _ = send(port, "GET", "/v1/refactor")
    assert status == 405
    assert "POST" in headers["allow"]


def test_a_kept_connection_ends_now_and_then(tmp_path: Path) -> None:
    """Else callers that keep theirs would stay with one worker for good, when the other was replaced."""
    with serving(tmp_path, WORKERS="1") as service:
        ended, connection = [], http.client.HTTPConnection("127.0.0.1", service.port)
        for number in range(250):
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            assert answer.status == 200
            answer.read()
            ended += [number] if answer.getheader("Connection") == "close" else []
        connection.close()
    assert len(ended) == 2
