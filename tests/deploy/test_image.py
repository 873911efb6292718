"""The service's own image, built from the Dockerfile of this repository and run as docker-compose.yml runs it: nothing to write to but its state."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

ROOT = Path(__file__).parents[2]
IMAGE = "restage-deploy-test"
# What runs inside: the container has no network but its own loopback.
CLIENT = """
import sys, urllib.request
path, kind = sys.argv[1:]
body = sys.stdin.buffer.read() if kind else None
request = urllib.request.Request("http://127.0.0.1:8080" + path, body, {"Content-Type": kind, "Accept": "application/json"} if kind else {})
sys.stdout.write(urllib.request.urlopen(request, timeout=20).read().decode())
"""
DOCKERFILE = 'FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app .\nCMD ["/app"]\n'


def docker(*words: str, given: str = "") -> str:
    return subprocess.run(["docker", *words], input=given, capture_output=True, text=True, check=True, timeout=500).stdout.strip()


def why_not() -> str:
    if shutil.which("docker") is None:
        return "there is no docker command"
    asked = subprocess.run(["docker", "image", "inspect", "python:3.12-slim"], capture_output=True, text=True, timeout=60)
    return "" if asked.returncode == 0 else "no Docker engine that has python:3.12-slim"


@pytest.fixture(scope="module")
def image() -> str:
    if reason := why_not():
        pytest.skip(reason)
    docker("build", "--quiet", "--network=host", "--provenance=false", "--tag", IMAGE, str(ROOT))
    return IMAGE


@pytest.fixture
def volume(image: str) -> Iterator[str]:
    name = f"restage-{uuid4().hex[:12]}"
    yield name
    docker("volume", "rm", "--force", name)


class Container:
    def __init__(self, volume: str) -> None:
        hardened = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true")
        around = ("--network", "none", "--env", "RESTAGE_OPEN=1", "--volume", f"{volume}:/var/lib/restage", "--health-interval", "1s")
        self.name = docker("run", "--detach", *hardened, *around, IMAGE)

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(docker("inspect", "--format", "{{json .State}}", self.name))
        return state

    def ask(self, path: str, kind: str = "", body: str = "") -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(docker("exec", "--interactive", self.name, "python", "-c", CLIENT, path, kind, given=body))
        return answer

    def wait(self, holds: Any) -> None:
        for _ in range(240):
            if holds():
                return
            assert self.state()["Running"], docker("logs", self.name)
            time.sleep(0.25)
        raise AssertionError("it did not happen in time")

    def stop(self) -> int:
        docker("stop", self.name)
        status: int = self.state()["ExitCode"]
        docker("rm", self.name)
        return status


@pytest.fixture
def container(volume: str) -> Iterator[Container]:
    made = Container(volume)
    yield made
    subprocess.run(["docker", "rm", "--force", made.name], capture_output=True, timeout=60)


def test_the_image_serves_and_keeps_jobs(container: Container, volume: str) -> None:
    container.wait(lambda: container.state()["Health"]["Status"] == "healthy")
    answer = container.ask("/v1/refactor", "text/plain", DOCKERFILE)
    assert answer["outcome"] == "split" and answer["verdict"]["level"] == "assumed"
    path = f"/v1/jobs/{container.ask('/v1/jobs', 'application/x-ndjson', json.dumps({'id': 'a', 'dockerfile': DOCKERFILE}))['id']}"
    container.wait(lambda: container.ask(path)["state"] == "done")
    assert docker("exec", container.name, "id", "-u") == "10001"
    assert container.stop() == 0
    again = Container(volume)
    try:
        again.wait(lambda: again.state()["Health"]["Status"] == "healthy")
        assert again.ask(path)["items"] == {"total": 1, "done": 1, "failed": 0, "dead": 0}
    finally:
        assert again.stop() == 0


def test_every_data_file_is_in_the_package() -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    data = [path for path in (ROOT / "service").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc", ".so")]
    assert data and [path.name for path in data if not any(fnmatch(path.name, pattern) for pattern in patterns)] == []
