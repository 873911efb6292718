"""A PostgreSQL server of this test run's own, where Debian's package is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").is_dir() else []


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Its address."""
    if not _PROGRAMS or not shutil.which("runuser") or os.geteuid() != 0:
        pytest.skip("postgresql is not installed, or cannot be started as its own user")
    programs = _PROGRAMS[-1]
    # Its socket's path may have 107 characters, so pytest's own folder is too deep.
    folder = Path(tempfile.mkdtemp(prefix="restage-pg-"))
    shutil.chown(folder, "postgres", "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    become = ["runuser", "-u", "postgres", "--"]
    initialised = [*become, programs / "initdb", "-D", folder / "data", "-A", "trust", "-N", "-U", "postgres"]
    subprocess.run(initialised, check=True, capture_output=True, cwd="/", timeout=120)
    options = ["-c", f"port={port}", "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    server = subprocess.Popen(
        [*become, programs / "postgres", "-D", folder / "data", *options], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            if subprocess.run([programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False).returncode == 0:
                break
            time.sleep(0.1)
        else:
            pytest.fail("postgresql does not answer")
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)
