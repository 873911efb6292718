"""A database for each test: SQLite always, PostgreSQL where it is installed. What the engine does is the same on both."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from service import database
from service.jobs.settings import JobSettings
from service.jobs.transactions import opened
from tests.jobs.servers import postgresql_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    with postgresql_server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobSettings]:
    """Small chunks and short times."""
    address = f"sqlite:///{tmp_path}/restage.db"
    if request.param == "postgresql":
        name = f"t{uuid.uuid4().hex}"
        server = request.getfixturevalue("postgresql")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        address = server.rpartition("/")[0] + f"/{name}"
    yield JobSettings(database_url=address, chunk_items=3, attempts=3, lease_seconds=30, backoff_seconds=0.001, resend_seconds=30)
    database.engine(address).dispose()


@pytest.fixture
def engine(settings: JobSettings) -> Engine:
    return opened(settings.database_url)
