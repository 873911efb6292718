"""The running service against its own description."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http.test_server import ROOT, wait

PROGRAM = shutil.which("schemathesis", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(free), "WORKERS": "1"}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:service.http.server"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait(free)
        yield free
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.mark.skipif(PROGRAM is None, reason="schemathesis is not installed")
def test_no_request_that_is_made_from_the_description_finds_a_fault(port: int) -> None:
    command = [str(PROGRAM), "run", f"http://127.0.0.1:{port}/openapi.yaml", "--checks", "all", "--max-examples", "5", "--no-color", "--seed", "1"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500)
    assert found.returncode == 0, found.stdout[-6_000:]
