"""Bringing a database to the schema of this version: Alembic over `migrations/`, where keys and jobs both have their revisions."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from service import database

_MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do that no other program locks in the same database; this one spells "restage".
_LOCK = int.from_bytes(b"restage", "big")
# Alembic keeps what it is doing in its modules.
_ONE_THREAD = threading.Lock()


def upgrade(address: str) -> None:
    """Runs what is missing, in one transaction; processes that start together wait for each other. Makes an SQLite file and its folder."""
    file = database.sqlite_file(address)
    if file is not None:
        _make(file)
    with _ONE_THREAD, database.engine(address).begin() as connection:
        _lock(connection)
        command.upgrade(_config(connection), "heads")


def _make(file: Path) -> None:
    """An empty file, where there is none. A file that exists is not touched, and the descriptor of a new one stays open: to close any descriptor of
    a file drops all of the process's locks on it, those of other threads' connections too, and without them SQLite's other processes delete a log
    that is in use (https://sqlite.org/howtocorrupt.html, 2.2)."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        # Nobody else on the machine needs to read hashes of keys, or the files of jobs.
        os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _lock(connection: Connection) -> None:
    """Held until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
