"""The service's database: one engine for each address and process, and the schema that its migrations make.

What is kept: API keys (`service.access`) and jobs. `sqlite:///file` and `postgresql://user:password@host/name` are taken.
"""

from __future__ import annotations

import os
import sqlite3
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

# How long a writer waits for another one, and a client for a server that does not answer, in seconds.
BUSY_SECONDS = 5
CONNECT_SECONDS = 3
# `postgres://` is what many platforms hand out; the driver is psycopg 3 whatever the address says.
_DRIVERS = {"sqlite": "sqlite", "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


class BadAddress(ValueError):
    """An address that names no database this service can use. The message never shows the address: it may hold a password."""


def parsed(address: str) -> URL:
    """The address with its driver. Raises BadAddress."""
    try:
        url = make_url(address)
        return url.set(drivername=_DRIVERS[url.get_backend_name()])
    except (ArgumentError, KeyError, ValueError):
        raise BadAddress("a database's address starts with sqlite:/// or postgresql://") from None


def engine(address: str) -> Engine:
    """The engine for an address: the same one within a process, another one after a fork, since no two processes may share a socket."""
    return _engine(address, os.getpid())


@lru_cache(maxsize=8)
def _engine(address: str, process: int) -> Engine:
    url = parsed(address)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    return create_engine(url, pool_pre_ping=True, pool_size=4, max_overflow=8, connect_args={"connect_timeout": CONNECT_SECONDS})


def _sqlite(url: URL) -> Engine:
    # Opening a file costs next to nothing, and a connection that nobody holds is a lock that nobody holds.
    found = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})
    event.listen(found, "connect", _prepare)
    return found


def _prepare(connection: Any, record: object) -> None:
    """Readers beside one writer (WAL), and a writer that waits instead of failing. FULL: what was committed, as a job that was accepted, outlives
    a power cut (https://sqlite.org/pragma.html#pragma_synchronous); with NORMAL the last transactions before one are lost."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    _write_ahead(cursor)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """WAL, which the file remembers. SQLite does not wait for others where it changes this, but fails at once: processes that make a database
    together try again (https://sqlite.org/wal.html, "Sometimes Queries Return SQLITE_BUSY In WAL Mode")."""
    until = time.monotonic() + BUSY_SECONDS
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            # A file system that cannot do it answers with another mode.
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def exists(address: str) -> bool:
    """False where it is an SQLite file that nobody has made yet."""
    file = sqlite_file(address)
    return file is None or file.exists()


def sqlite_file(address: str) -> Path | None:
    url = parsed(address)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
