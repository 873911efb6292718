"""The running service against its own description."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http.gunicorn import ROOT, serving

PROGRAM = shutil.which("schemathesis", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(tmp_path_factory.mktemp("service"), 1_200, WORKERS="1") as service:
        yield service.port


@pytest.mark.skipif(PROGRAM is None, reason="schemathesis is not installed")
def test_no_request_that_is_made_from_the_description_finds_a_fault(port: int) -> None:
    command = [str(PROGRAM), "run", f"http://127.0.0.1:{port}/openapi.yaml", "--checks", "all", "--max-examples", "5", "--no-color", "--seed", "1"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500)
    assert found.returncode == 0, found.stdout[-6_000:]
