"""The keys in the database. A missing SQLite file is an empty store: nothing is made until the first key is added.

Every function raises Unavailable where the database cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from service import database
from service.access.keys import Key
from service.access.model import SCOPES, Scope, Unavailable
from service.database import schema

_KEYS = sa.Table(
    "api_keys",
    sa.MetaData(),
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("scopes", sa.String(200), nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger),
    sa.Column("revoked", sa.BigInteger),
)


def add(address: str, key: Key) -> None:
    row = {"id": key.id, "digest": key.digest, "name": key.name, "scopes": " ".join(sorted(key.scopes))}
    with _answering():
        schema.upgrade(address)
    with _answering(), database.engine(address).begin() as connection:
        connection.execute(_KEYS.insert().values(**row, created=key.created, expires=key.expires, revoked=key.revoked))


def revoke(address: str, identity: str, now: int) -> bool:
    """False where there is no such key that is not revoked yet."""
    change = _KEYS.update().where(_KEYS.c.id == identity, _KEYS.c.revoked.is_(None)).values(revoked=now)
    with _answering():
        if not _made(address):
            return False
        with database.engine(address).begin() as connection:
            return connection.execute(change).rowcount == 1


def every(address: str) -> list[Key]:
    """All keys, the oldest first."""
    return _select(address, _KEYS.select().order_by(_KEYS.c.created, _KEYS.c.id))


def find(address: str, identity: str) -> Key | None:
    return next(iter(_select(address, _KEYS.select().where(_KEYS.c.id == identity))), None)


def any_usable(address: str, now: float) -> bool:
    return any(key.usable(now) for key in every(address))


def _select(address: str, query: sa.Select[tuple[object, ...]]) -> list[Key]:
    with _answering():
        if not _made(address):
            return []
        with database.engine(address).connect() as connection:
            return [_key(row) for row in connection.execute(query)]


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (sa.exc.SQLAlchemyError, OSError):
        # The error's text may hold the address, with its password.
        raise Unavailable("the database does not answer") from None


def _made(address: str) -> bool:
    return database.exists(address) and sa.inspect(database.engine(address)).has_table(_KEYS.name)


def _key(row: sa.Row[tuple[object, ...]]) -> Key:
    stored = row._mapping
    scopes: frozenset[Scope] = frozenset(scope for scope in SCOPES if scope in stored["scopes"].split())
    return Key(stored["id"], stored["digest"], stored["name"], scopes, stored["created"], stored["expires"], stored["revoked"])
