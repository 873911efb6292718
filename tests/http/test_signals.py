"""Stops, reloads and deaths, with real signals and requests in flight: no accepted request is lost."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections import Counter
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.http.conftest import PLAIN
from tests.http.gunicorn import Service, ask, serving, wait_until

BODY = PLAIN.encode()
HEAD = b"POST /v1/refactor HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(BODY)


def half(port: int) -> socket.socket:
    """A request in flight: the server has its head and half of its body."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(HEAD + BODY[:5])
    time.sleep(0.3)
    return connection


def rest(connection: socket.socket) -> bytes:
    connection.sendall(BODY[5:])
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    connection.close()
    return b"".join(parts)


class Load:
    """Clients that send one request after the other, each over a connection that it keeps as long as the server does.

    `lost` are requests that were sent over an open connection and got no answer. A refused connection is the balancer's matter, and ends a client.
    With `anew` each request has a connection of its own, which is what a closing door can lose.
    """

    def __init__(self, service: Service, clients: int = 6, anew: bool = False) -> None:
        self._anew = anew
        self.answers: Counter[int] = Counter()
        self.lost: list[str] = []
        self.refused = 0
        self._end = Event()
        self._service = service
        self._threads = [Thread(target=self._run) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _run(self) -> None:
        connection = self._service.connect()
        while not self._end.is_set():
            try:
                connection.connect()
            except ConnectionError:
                self.refused += 1
                return
            if not self._speak(connection):
                return

    def _speak(self, connection: http.client.HTTPConnection) -> bool:
        """Over one connection, until the server says that it is the last answer."""
        while not self._end.is_set():
            try:
                status, headers, _ = ask(connection, "POST", "/v1/refactor", BODY)
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(f"{type(error).__name__}: {error}")
                return False
            self.answers[status] += 1
            if self._anew or headers.get("connection") == "close":
                break
        connection.close()
        return True


def test_hup_loses_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        before = service.workers()
        load = Load(service)
        for _ in range(2):
            time.sleep(0.7)
            service.send(signal.SIGHUP)
        wait_until(lambda: len(service.workers()) == 2 and not set(before) & set(service.workers()))
        time.sleep(0.5)
        load.stop()
        assert load.lost == [] and load.refused == 0
        assert set(load.answers) == {200} and load.answers[200] > 50


def test_term_answers_what_was_accepted_and_ends(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        waiting = half(service.port)
        load = Load(service)
        time.sleep(1)
        service.send(signal.SIGTERM)
        time.sleep(0.5)
        assert rest(waiting).startswith(b"HTTP/1.1 200 ")
        assert service.wait() == 0
        load.stop()
        assert load.lost == []
        assert set(load.answers) == {200}


def test_term_answers_who_has_just_come_in(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        load = Load(service, clients=24, anew=True)
        time.sleep(1)
        service.send(signal.SIGTERM)
        assert service.wait() == 0
        load.stop()
        assert load.lost == []
        assert set(load.answers) == {200}


def test_draining_is_announced_before_the_door_closes(tmp_path: Path) -> None:
    with serving(tmp_path, RESTAGE_DRAIN_SECONDS="3") as service:
        kept = service.connect()
        assert ask(kept, "GET", "/readyz")[0] == 200
        service.send(signal.SIGTERM)
        wait_until(lambda: service.get("/readyz")[0] == 503)
        # New requests are still answered, and every connection that was kept ends with its next answer.
        assert service.get("/readyz")[2] == b'{"status":"draining","checks":{}}\n'
        status, headers, _ = ask(kept, "POST", "/v1/refactor", BODY)
        assert (status, headers["connection"]) == (200, "close")
        assert service.get("/healthz")[0] == 200
        assert service.wait() == 0


def test_a_second_term_does_not_wait_and_nothing_is_left_in_memory(tmp_path: Path) -> None:
    with serving(tmp_path, RESTAGE_DRAIN_SECONDS="600") as service:
        folders = [folder for folder in Path("/dev/shm").glob("restage-metrics-*") if list(folder.glob(f"*_{service.process.pid}.db"))]
        service.send(signal.SIGTERM)
        wait_until(lambda: service.get("/readyz")[0] == 503)
        service.send(signal.SIGTERM)
        assert service.wait() == 0
        assert len(folders) == 1 and not folders[0].exists()


def test_a_killed_worker_takes_nobody_with_it(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        assert service.get("/v1/passes")[0] == 200
        victim = service.workers()[0]
        os.kill(victim, signal.SIGKILL)
        answers = [service.get("/healthz")[0] for _ in range(20)]
        assert answers == [200] * 20
        wait_until(lambda: len(service.workers()) == 2 and victim not in service.workers())
        assert service.get("/v1/passes")[0] == 200


def test_counts_are_of_all_workers_and_outlive_them(tmp_path: Path) -> None:
    folder = tmp_path / "counts"
    folder.mkdir()
    (folder / "counter_1.db").write_bytes(b"left by an earlier service")
    with serving(tmp_path, PROMETHEUS_MULTIPROC_DIR=str(folder)) as service:

        def counted() -> int:
            text = service.get("/metrics")[2].decode()
            found = re.search(r'restage_requests_total\{method="GET",route="/v1/passes",status="200"\} ([0-9.]+)', text)
            seconds = re.search(r'restage_request_seconds_count\{route="/v1/passes"\} ([0-9.]+)', text)
            assert found and seconds and found.group(1) == seconds.group(1)
            return int(float(found.group(1)))

        for _ in range(30):
            assert service.get("/v1/passes")[0] == 200
        assert counted() == 30
        before = service.workers()
        os.kill(before[0], signal.SIGKILL)
        service.send(signal.SIGHUP)
        wait_until(lambda: len(service.workers()) == 2 and not set(before) & set(service.workers()))
        wait_until(lambda: not any(re.fullmatch(rf"\w+_{worker}\.db", file.name) for file in folder.iterdir() for worker in before))
        assert counted() == 30
        assert service.get("/v1/passes")[0] == 200
        assert counted() == 31
        assert "restage_requests_in_flight 1.0" in service.get("/metrics")[2].decode()


def test_what_is_no_http_is_a_problem_and_not_logged(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        for sent, status in (
            (b"s3cret nonsense\r\n\r\n", b"400"),
            (b"GET /?s3cret HTTP/1.1\r\ns3cret header: 1\r\n\r\n", b"400"),
            (b"GET /?s3cret=" + b"x" * 9_000 + b" HTTP/1.1\r\n\r\n", b"414"),
            (b"POST /v1/refactor HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: s3cret\r\n\r\n", b"501"),
        ):
            with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
                connection.sendall(sent)
                answer = connection.recv(65_536)
            assert answer.split(b" ")[1] == status and b"application/problem+json" in answer and b"s3cret" not in answer
        assert service.get("/v1/s3cret?s3cret=1")[0] == 404
        # Every line is JSON, gunicorn's own too, and none quotes what was sent.
        assert {line["logger"] for line in service.lines()} == {"gunicorn.error", "restage.request"}
        assert "s3cret" not in service.log.read_text()


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
def test_wrk_sees_no_error_over_a_reload(tmp_path: Path) -> None:
    script = tmp_path / "post.lua"
    script.write_text(f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "text/plain"\nwrk.body = [==[{PLAIN}]==]\n')
    with serving(tmp_path) as service:
        command = ["wrk", "-t1", "-c8", "-d6s", "--timeout", "10s", "-s", str(script), f"http://127.0.0.1:{service.port}/v1/refactor"]
        wrk = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for _ in range(3):
            time.sleep(1.2)
            service.send(signal.SIGHUP)
        output = wrk.communicate(timeout=60)[0]
        assert "Socket errors" not in output and "Non-2xx" not in output, output
        assert int(re.search(r"(\d+) requests in", output).group(1)) > 50  # type: ignore[union-attr]
