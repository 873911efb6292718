"""The database: its addresses, and the migrations, which several processes may start at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy

from service import database
from service.database import schema

ROOT = Path(__file__).parents[2]


def test_a_new_file_gets_its_folder_and_its_tables(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/a/b/restage.db"
    assert not database.exists(address)
    schema.upgrade(address)
    schema.upgrade(address)
    assert database.exists(address)
    assert "api_keys" in sqlalchemy.inspect(database.engine(address)).get_table_names()


def test_readers_and_a_writer_do_not_wait_for_each_other(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/restage.db"
    schema.upgrade(address)
    with database.engine(address).connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5_000


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    code = f"from service.database import schema; schema.upgrade('sqlite:///{tmp_path}/restage.db')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stderr=subprocess.PIPE) for _ in range(4)]
    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in started]
    assert ended == [(b"", 0)] * 4


def test_threads_that_start_together_migrate_once(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/restage.db"
    failed: list[BaseException] = []

    def upgrade() -> None:
        try:
            schema.upgrade(address)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_an_upgrade_leaves_the_locks_of_other_connections(tmp_path: Path) -> None:
    """Else another process that ends takes itself for the last one, and deletes the log under our connections: a corrupt file."""
    address = f"sqlite:///{tmp_path}/restage.db"
    schema.upgrade(address)
    with database.engine(address).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE mine (x)")
        connection.commit()
        schema.upgrade(address)
        code = f"import sqlite3; sqlite3.connect('{tmp_path}/restage.db').execute('SELECT * FROM mine').connection.close()"
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
        assert (tmp_path / "restage.db-wal").exists()


def test_what_was_committed_outlives_a_power_cut(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/restage.db"
    with database.engine(address).connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


@pytest.mark.parametrize("address", ["", "x", "mysql://u:secret@h/d", "postgresql://u:secret@h:port/d", "secret"])
def test_an_address_that_is_none_is_refused_and_not_shown(address: str) -> None:
    with pytest.raises(database.BadAddress) as caught:
        database.parsed(address)
    assert "secret" not in str(caught.value)


def test_postgres_is_spoken_to_by_psycopg() -> None:
    assert database.parsed("postgres://u:p@h/d").drivername == database.parsed("postgresql://u:p@h/d").drivername == "postgresql+psycopg"


def test_an_engine_belongs_to_one_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/restage.db"
    here = database.engine(address)
    assert database.engine(address) is here
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert database.engine(address) is not here
