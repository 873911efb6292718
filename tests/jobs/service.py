"""The service as people run it, in processes of its own: gunicorn, and `restage worker`. Each is ended by its id."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.jobs.servers import free_port

ROOT = Path(__file__).parents[2]
_COMMAND = "import sys; from service.cli import main; sys.exit(main())"
# So short that a test need not wait long; an item takes milliseconds. The deadline is one that a busy machine keeps: 1 s was not.
QUICK = {
    "RESTAGE_JOBS_CHUNK_ITEMS": "5",
    "RESTAGE_DEADLINE_SECONDS": "3",
    "RESTAGE_JOBS_LEASE_SECONDS": "6",
    "RESTAGE_JOBS_BACKOFF_SECONDS": "0.2",
    "RESTAGE_JOBS_RESEND_SECONDS": "2",
    "RESTAGE_JOBS_POLL_SECONDS": "0.2",
    "RESTAGE_JOBS_ATTEMPTS": "50",
}


@dataclass
class Service:
    """One address, the processes behind it, and what they are told by their environment."""

    environment: Mapping[str, str]
    port: int = field(default_factory=free_port)
    log: IO[bytes] | int = subprocess.DEVNULL
    web: subprocess.Popen[bytes] | None = None
    workers: subprocess.Popen[bytes] | None = None

    def start_web(self, processes: int = 2) -> None:
        self.web = self._start(["-m", "gunicorn", "-c", "python:service.http.server"], PORT=str(self.port), HOST="127.0.0.1", WORKERS=str(processes))
        wait_for(self._answers, "gunicorn answers")

    def start_workers(self, processes: int = 2) -> None:
        self.workers = self._start(["-c", _COMMAND, "worker", "--processes", str(processes)])

    def _answers(self) -> bool:
        assert self.web is not None and self.web.poll() is None, "gunicorn did not start"
        return self.ask("GET", "/healthz")[0] == 200

    def stop(self) -> None:
        for process in (self.web, self.workers):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in (self.web, self.workers):
            if process is not None:
                try:
                    process.wait(timeout=60)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _start(self, words: list[str], **more: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **self.environment, **more}
        return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment, stdout=self.log, stderr=self.log)

    def ask(self, method: str, path: str, body: bytes | Iterator[bytes] | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status 0 where no answer came, or half of one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        except (OSError, http.client.HTTPException):
            return 0, {}, b""
        finally:
            connection.close()


def children_of(process: subprocess.Popen[bytes] | None) -> list[int]:
    """The ids of its direct children."""
    if process is None:
        return []
    try:
        return [int(word) for word in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    except OSError:
        return []


def wait_for(done: object, what: str, seconds: float = 180.0) -> None:
    assert callable(done)
    ends = time.monotonic() + seconds
    while not done():
        if time.monotonic() > ends:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)


def item(mark: str) -> bytes:
    """An item whose answer shows which one it was."""
    lines = ["FROM golang:1.22", "WORKDIR /src", f"LABEL mark={mark}", "COPY . .", "RUN go build -o /bin/api ./cmd/api", 'CMD ["/bin/api"]']
    return json.dumps({"dockerfile": "\n".join(lines) + "\n"}).encode()
