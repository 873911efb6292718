"""Real servers in temporary folders on free ports of the loopback address: PostgreSQL, Redis, RabbitMQ. A test skips where one is not installed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from service import database

_STARTED_WITHIN = 180.0


def free_port() -> int:
    """Below the ports that the kernel hands out to clients: a server that starts a little later would find one of those taken now and then."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def redis_server(port: int | None = None) -> Iterator[str]:
    """Its address."""
    program = _program("redis-server")
    port = port or free_port()
    with TemporaryDirectory() as folder:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"]
        with _running(command, lambda: _listens(port)):
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Its address; the database is empty. PostgreSQL refuses to run as root, so it runs as `postgres` then."""
    port = free_port()
    with TemporaryDirectory() as folder:
        as_user = _as_postgres(Path(folder))
        data = f"{folder}/data"
        initdb, postgres = _program("initdb"), _program("postgres")
        options = ["--auth=trust", "--username=restage", "--no-sync", "--encoding=UTF8", "--locale=C"]
        subprocess.run([*as_user, initdb, "-D", data, *options], check=True, stdout=subprocess.DEVNULL, cwd=folder)
        command = [*as_user, postgres, "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-c", "max_connections=100"]
        with _running(command, lambda: _accepts(port), stop=signal.SIGINT):
            address = f"postgresql://restage@127.0.0.1:{port}/postgres"
            yield address
            # What a test looked up there itself is closed before the server ends.
            database.engine(address).dispose()


@contextmanager
def rabbitmq_server() -> Iterator[str]:
    """Its address. It has a node name and a port mapper of its own, so that it meets no other one on the machine."""
    program, epmd = _program("rabbitmq-server"), _program("epmd")
    port, distribution, mapper = free_port(), free_port(), free_port()
    with TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "HOME": folder,
            "RABBITMQ_NODENAME": f"restage{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_CONFIG_FILE": f"{folder}/none",
            "ERL_EPMD_PORT": str(mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        }
        # Erlang would start a port mapper that outlives it.
        with (
            _running([epmd, "-address", "127.0.0.1", "-port", str(mapper)], lambda: _listens(mapper)),
            _running([program], lambda: _greets(port), environment=environment),
        ):
            yield f"amqp://guest:guest@127.0.0.1:{port}/"


def _program(name: str) -> str:
    # Debian's rabbitmq-server in /usr/sbin changes the user and the session; what it starts is here.
    databases = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    places = ["/usr/lib/rabbitmq/bin", *os.environ.get("PATH", "").split(os.pathsep), *databases]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def _as_postgres(folder: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres")
    return [_program("setpriv"), "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]


@contextmanager
def _running(
    command: list[str],
    ready: Callable[[], bool],
    *,
    environment: dict[str, str] | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[None]:
    """What it started, in its session, ends with it."""
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        began = time.monotonic()
        while not ready():
            if process.poll() is not None or time.monotonic() - began > _STARTED_WITHIN:
                raise RuntimeError(f"{command[0]} did not start: {process.poll()}")
            time.sleep(0.05)
        yield
    finally:
        _end(process, stop)


def _end(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    process.send_signal(stop)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _accepts(port: int) -> bool:
    """PostgreSQL listens before it takes connections."""
    import psycopg

    try:
        psycopg.connect(host="127.0.0.1", port=port, user="restage", dbname="postgres", connect_timeout=1).close()
    except psycopg.OperationalError:
        return False
    return True


def _greets(port: int) -> bool:
    """RabbitMQ listens before it speaks; it answers a header of another version with its own."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"AMQP\x00\x00\x00\x00")
            return connection.recv(4) == b"AMQP"
    except OSError:
        return False
