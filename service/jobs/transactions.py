"""Transactions, and the time by the database's clock, so that leases do not depend on the clocks of several machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Double
from sqlalchemy import Engine as Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from service import database


class SchemaUnusable(Exception):
    """Alembic could not bring the schema up to date: it may be that of a later version."""


# What any use of the database may raise while it is away, cannot be made, or has another schema.
UNAVAILABLE = (SQLAlchemyError, SchemaUnusable, OSError)
# SQLITE_BUSY and SQLITE_LOCKED (https://sqlite.org/rescode.html).
_LOCKED = frozenset({5, 6})
# PostgreSQL: lock_not_available, deadlock_detected, serialization_failure, too_many_connections (its manual, appendix A).
_BUSY = frozenset({"55P03", "40P01", "40001", "53300"})


def trouble(error: BaseException) -> str:
    """What one of UNAVAILABLE says of the database, for people: one that others keep busy is not one that is away."""
    cause = getattr(error, "orig", None)
    if getattr(cause, "sqlite_errorcode", 0) & 0xFF in _LOCKED or getattr(cause, "sqlstate", None) in _BUSY:
        return "is locked by others"
    return "has another version's schema" if isinstance(error, SchemaUnusable) else "does not answer"


@lru_cache(maxsize=8)
def _upgraded(address: str) -> None:
    # Alembic takes long to load, and a process needs it once.
    from alembic.util import CommandError

    from service.database import schema

    try:
        schema.upgrade(address)
    except CommandError as error:
        raise SchemaUnusable from error


def opened(address: str) -> Engine:
    """The engine for an address, its schema brought up to date the first time a process asks. Raises one of UNAVAILABLE."""
    _upgraded(address)
    return database.engine(address)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that changes rows. SQLite takes its one write lock at once: a reader that turns writer may not wait and would fail."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection


class now(FunctionElement[float]):
    """Seconds since 1970, and the same moment wherever a statement names it is not promised."""

    type = Double()
    inherit_cache = True


@compiles(now, "sqlite")
def _sqlite_now(element: now, compiler: Any, **rest: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _postgresql_now(element: now, compiler: Any, **rest: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)"
