"""A service in a process of its own, as people start it, for tests that speak to it over a socket or send it signals."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_ATTEMPTS = 400


@dataclass
class Service:
    process: subprocess.Popen[str]
    port: int
    log: Path

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(word) for word in children.split()]

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        connection = self.connect()
        try:
            return ask(connection, "GET", path)
        finally:
            connection.close()

    def wait(self) -> int:
        return self.process.wait(timeout=40)


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    connection.request(method, path, body, {"Content-Type": "text/plain"} if body else {})
    reply = connection.getresponse()
    return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()


@contextmanager
def serving(folder: Path, attempts: int = _ATTEMPTS, **environment: str) -> Iterator[Service]:
    """Ends it, whatever a test has done to it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    given: Mapping[str, str] = {"HOST": "127.0.0.1", "PORT": str(port), "WORKERS": "2", "RESTAGE_STATE": str(folder / "state"), **environment}
    log = folder / "log"
    command = [sys.executable, "-m", "gunicorn", "-c", "python:service.http.server"]
    # What the tests themselves are told by the environment is no setting of the service, and it would say so.
    around = {name: value for name, value in os.environ.items() if not name.startswith("RESTAGE_")}
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env={**around, **given}, stderr=output, text=True)
    service = Service(process, port, log)
    try:
        wait_until(lambda: listens(port) or process.poll() is not None, attempts)
        yield service
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def wait_until(holds: Any, attempts: int = _ATTEMPTS) -> None:
    for _ in range(attempts):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")
