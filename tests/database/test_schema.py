"""The database: its addresses, and the migrations, which several processes may start at once."""

from __future__ import annotations

import os
import subprocess
import sys
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
