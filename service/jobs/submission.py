"""From items to a job: they are cut into chunks and written as they come, so a job never lies in memory; the last write makes it visible.

`Idempotency-Key` as in the IETF's draft (draft-ietf-httpapi-idempotency-key-header): the same key with the same items gives the job that exists.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from service.jobs.deletion import delete_job, forget
from service.jobs.model import Chunk, Input, Job
from service.jobs.packing import packed
from service.jobs.settings import JobSettings
from service.jobs.states import ACTIVE, QUEUED, RECEIVED, VISIBLE
from service.jobs.transactions import UNAVAILABLE, now, writing

# A chunk ranks by its job's making, and each further one of the job this many seconds later: a small job that comes while a large one is at work
# goes before most of it, and no job waits for ever.
PACE = 0.2
# A caller that sends nothing for so long is gone, in seconds.
QUIET = 60.0
# What is received is ours for so long, and said to be still so that often: when the process dies the key is soon free again.
_HELD_SECONDS = 6.0
_BEAT_SECONDS = 1.5
# Chunks are written together up to so many bytes, and so many: each transaction costs a wait for the disk.
_TOGETHER = 4 << 20
_CHUNKS_TOGETHER = 100


class Refused(Exception):
    """No job was made."""


class InFlight(Refused):
    """Another request with the same key is being received."""


class KeyReused(Refused):
    """The key belongs to a job of other items."""


class TooManyJobs(Refused):
    """The owner has as many unfinished jobs as one may have."""


class TooManyItems(Refused):
    pass


class NoItems(Refused):
    pass


@dataclass(frozen=True)
class Request:
    """`owner`: the id of the caller's key, or empty."""

    kind: str
    owner: str = ""
    options: Mapping[str, object] | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class _Piece:
    """A chunk to be written. It holds the compressed bytes only."""

    first: int
    size: int
    body: bytes


def submit(engine: Engine, settings: JobSettings, request: Request, items: Iterable[bytes]) -> str:
    """The job's id. `items` are lines without a line end; what it raises leaves no trace, and neither does a `Refused`."""
    fingerprint = hashlib.sha256(json.dumps([request.kind, request.options], sort_keys=True).encode())
    heart = _Heart(engine)
    counted = _counted(items, fingerprint, settings.items, heart)
    try:
        opened = _open(engine, settings, request)
    except IntegrityError:
        raise InFlight from None
    if opened.fingerprint is not None:
        for _ in counted:
            pass
        if opened.fingerprint != fingerprint.hexdigest():
            raise KeyReused
        return opened.id
    try:
        with heart.beating(opened.id):
            _receive(engine, settings, opened, counted, fingerprint)
    except BaseException:
        delete_job(engine, opened.id)
        raise
    return opened.id


class _Heart:
    """A thread that holds a job while its items come, as long as they do: the caller may be slow, the process may not be dead."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ended = threading.Event()
        self.heard = time.monotonic()

    @contextmanager
    def beating(self, job: str) -> Iterator[None]:
        thread = threading.Thread(target=self._beat, args=(job,), name="jobs-receiving", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _beat(self, job: str) -> None:
        while not self._ended.wait(_BEAT_SECONDS) and time.monotonic() - self.heard < QUIET:
            # One that is away now may be back in time for the next beat.
            with suppress(*UNAVAILABLE), writing(self._engine) as connection:
                # What lapsed belongs to whoever asks first.
                held = update(Job).where(Job.id == job, Job.state == RECEIVED, Job.lease_until >= now())
                connection.execute(held.values(lease_until=now() + _HELD_SECONDS))


@dataclass(frozen=True)
class _Opened:
    """A fingerprint says that the job existed."""

    id: str
    created: float
    fingerprint: str | None = None


def _open(engine: Engine, settings: JobSettings, request: Request) -> _Opened:
    with writing(engine) as connection:
        if request.idempotency_key is not None:
            found = _same_key(connection, request.owner, request.idempotency_key)
            if found is not None:
                return found
        active = select(func.count()).where(Job.owner == request.owner, Job.state.in_((RECEIVED, *ACTIVE)))
        if connection.execute(active).scalar_one() >= settings.queued:
            raise TooManyJobs
        row = {
            "id": uuid.uuid4().hex,
            "kind": request.kind,
            "state": RECEIVED,
            "owner": request.owner,
            "options": json.dumps(request.options or {}),
            "idempotency_key": request.idempotency_key,
            "created": now(),
            "lease_until": now() + _HELD_SECONDS,
        }
        created = connection.execute(insert(Job).values(**row).returning(Job.created)).scalar_one()
        return _Opened(str(row["id"]), created)


def _same_key(connection: Connection, owner: str, key: str) -> _Opened | None:
    found = select(Job.id, Job.created, Job.state, Job.fingerprint, (Job.lease_until < now()).label("gone"))
    row = connection.execute(found.where(Job.owner == owner, Job.idempotency_key == key).with_for_update()).first()
    if row is None:
        return None
    if row.state == RECEIVED and not row.gone:
        raise InFlight
    if row.fingerprint is None or row.state not in VISIBLE:
        # Its caller went away in mid-upload, or it is being deleted: the key is free.
        forget(connection, row.id)
        return None
    return _Opened(row.id, row.created, row.fingerprint)


def _counted(items: Iterable[bytes], fingerprint: hashlib._Hash, most: int, heart: _Heart) -> Iterator[bytes]:
    for number, item in enumerate(items):
        heart.heard = time.monotonic()
        if number == most:
            raise TooManyItems
        fingerprint.update(b"%d:" % len(item))
        fingerprint.update(item)
        yield item


def _receive(engine: Engine, settings: JobSettings, job: _Opened, items: Iterable[bytes], fingerprint: hashlib._Hash) -> None:
    written, count, size = 0, 0, 0
    waiting: list[_Piece] = []
    for piece in _pieces(items, settings.chunk_items, settings.chunk_bytes):
        waiting.append(piece)
        size += len(piece.body)
        count = piece.first + piece.size
        if size >= _TOGETHER or len(waiting) == _CHUNKS_TOGETHER:
            _write(engine, settings, job, waiting, written)
            written, waiting, size = written + len(waiting), [], 0
    if not count:
        raise NoItems
    _write(engine, settings, job, waiting, written)
    chunks = written + len(waiting)
    values = {"items": count, "chunks": chunks, "chunks_left": chunks, "fingerprint": fingerprint.hexdigest()}
    with writing(engine) as connection:
        visible = update(Job).where(Job.id == job.id, Job.state == RECEIVED).values(state=QUEUED, lease_until=None, **values)
        if not connection.execute(visible).rowcount:
            raise InFlight


def _pieces(items: Iterable[bytes], most: int, most_bytes: int) -> Iterator[_Piece]:
    first, lines, size = 0, [], 0
    for item in items:
        lines.append(item)
        size += len(item)
        if len(lines) == most or size >= most_bytes:
            yield _Piece(first, len(lines), packed(lines))
            first, lines, size = first + len(lines), [], 0
    if lines:
        yield _Piece(first, len(lines), packed(lines))


def _write(engine: Engine, settings: JobSettings, job: _Opened, pieces: Sequence[_Piece], number: int) -> None:
    """Raises InFlight where another request took the key over, since this one had been silent for long."""
    if not pieces:
        return
    with writing(engine) as connection:
        alive = update(Job).where(Job.id == job.id, Job.state == RECEIVED).values(lease_until=now() + _HELD_SECONDS)
        if not connection.execute(alive).rowcount:
            raise InFlight
        for place, piece in enumerate(pieces, number):
            row = {
                "job_id": job.id,
                "first": piece.first,
                "size": piece.size,
                "state": QUEUED,
                "rank": job.created + place * PACE,
                "resend": settings.resend_seconds,
            }
            chunk = connection.execute(insert(Chunk).values(**row).returning(Chunk.id)).scalar_one()
            connection.execute(insert(Input).values(chunk_id=chunk, body=piece.body))
