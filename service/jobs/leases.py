"""Who works on a chunk: claimed with a new token, and every later change of it asks for that token.

A worker that was thought lost and comes back finds its token gone and writes nothing, so an answer is written once.
"""

from __future__ import annotations

import json
import os
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, case, delete, insert, select, update

from service.jobs.model import Chunk, Input, Job, Result
from service.jobs.packing import packed, unpacked
from service.jobs.settings import JobSettings
from service.jobs.splitting import SPLIT_AFTER, split
from service.jobs.states import ACTIVE, DEAD, DONE, FAILED, QUEUED, RUNNING
from service.jobs.transactions import now, reading, writing

# The longest pause between two attempts, in seconds.
_LONGEST_BACKOFF = 300.0
ATTEMPT = (Chunk.id, Chunk.job_id, Chunk.attempts, Chunk.size)


@dataclass(frozen=True)
class Lease:
    """A chunk that is ours until we stop renewing. `attempt` counts from 1."""

    chunk: int
    token: str
    job: str
    kind: str
    options: Mapping[str, Any]
    first: int
    items: Sequence[bytes]
    attempt: int


def claim(engine: Engine, settings: JobSettings, chunk: int) -> Lease | None:
    """None where somebody else has it, it is not due, or it is gone: a message may come late, twice, or for nothing."""
    return _claim(engine, settings, Chunk.id == chunk, skip=False)


def claim_next(engine: Engine, settings: JobSettings) -> Lease | None:
    """The chunk that is first in the queue, where there is one."""
    with reading(engine) as connection:
        # Asking costs a reader nothing, and no writer waits for us while there is no work.
        if connection.execute(_due().limit(1)).first() is None:
            return None
    return _claim(engine, settings, None, skip=True)


def due() -> tuple[ColumnElement[bool], ...]:
    """What makes a chunk ready for work, over chunks joined with their jobs."""
    return Chunk.state == QUEUED, Chunk.not_before <= now(), Job.state.in_(ACTIVE)


def _due() -> Any:
    return select(Chunk.id, Chunk.job_id).join(Job, Job.id == Chunk.job_id).where(*due()).order_by(Chunk.rank, Chunk.id)


def _claim(engine: Engine, settings: JobSettings, which: ColumnElement[bool] | None, *, skip: bool) -> Lease | None:
    token = uuid.uuid4().hex
    with writing(engine) as connection:
        query = (_due() if which is None else _due().where(which)).limit(1).with_for_update(of=Chunk, skip_locked=skip)
        found = connection.execute(query).first()
        if found is None:
            return None
        values = {"state": RUNNING, "lease": token, "lease_until": now() + settings.lease_seconds, "holder": _holder(), "sent_until": None}
        row = connection.execute(
            update(Chunk).where(Chunk.id == found.id).values(attempts=Chunk.attempts + 1, **values).returning(Chunk.first, Chunk.attempts)
        ).one()
        connection.execute(update(Job).where(Job.id == found.job_id, Job.state == QUEUED).values(state=RUNNING, started=now()))
        job = connection.execute(select(Job.kind, Job.options).where(Job.id == found.job_id)).one()
        body = connection.execute(select(Input.body).where(Input.chunk_id == found.id)).scalar_one()
    return Lease(found.id, token, found.job_id, job.kind, json.loads(job.options), row.first, unpacked(body), row.attempts)


def _holder() -> str:
    return f"{os.uname().nodename[:200]}:{os.getpid()}"


def renew(engine: Engine, settings: JobSettings, lease: Lease) -> bool:
    """False where it is no longer ours: it lapsed and another has it, or the job was deleted."""
    with writing(engine) as connection:
        renewed = update(Chunk).where(*_ours(lease)).values(lease_until=now() + settings.lease_seconds)
        return bool(connection.execute(renewed).rowcount)


def finish(engine: Engine, settings: JobSettings, lease: Lease, answers: Sequence[bytes], problems: int) -> bool:
    """Writes the answers; False, and nothing is written, where the lease is no longer ours. `problems`: how many of them are none."""
    body = packed(answers)
    with writing(engine) as connection:
        ended = {"state": DONE, "lease": None, "lease_until": None, "error": None}
        if not connection.execute(update(Chunk).where(*_ours(lease)).values(**ended)).rowcount:
            return False
        connection.execute(delete(Input).where(Input.chunk_id == lease.chunk))
        connection.execute(insert(Result).values(chunk_id=lease.chunk, body=body))
        counts = {"items_done": Job.items_done + len(answers), "items_failed": Job.items_failed + problems}
        connection.execute(update(Job).where(*_active(lease.job)).values(**counts, **_one_less(settings, Job.chunks_dead > 0)))
    return True


def fail(engine: Engine, settings: JobSettings, lease: Lease, error: str) -> None:
    """The attempt failed: another one after a pause, or none. `error` is the class of what went wrong, never a message, which may quote the input."""
    with writing(engine) as connection:
        row = connection.execute(select(*ATTEMPT).where(*_ours(lease)).with_for_update()).first()
        if row is not None:
            end_attempt(connection, settings, row, error)


def give_back(engine: Engine, settings: JobSettings, lease: Lease) -> None:
    """A worker that has to stop leaves its chunk to the others, as if it had not begun."""
    with writing(engine) as connection:
        connection.execute(update(Chunk).where(*_ours(lease)).values(attempts=Chunk.attempts - 1, **requeued(settings)))


def end_attempt(connection: Connection, settings: JobSettings, row: Row[int, str, int, int], error: str) -> None:
    """For a row of ATTEMPT that the caller has locked."""
    if row.attempts < settings.attempts:
        pause = min(settings.backoff_seconds * 2 ** (row.attempts - 1), _LONGEST_BACKOFF) * random.uniform(0.5, 1.0)
        values = {**requeued(settings), "not_before": now() + pause, "error": error[:64]}
        if row.attempts >= SPLIT_AFTER and row.size > 1:
            split(connection, row.id, values)
        else:
            connection.execute(update(Chunk).where(Chunk.id == row.id).values(**values))
        return
    dead = {"state": DEAD, "lease": None, "lease_until": None, "error": error[:64]}
    connection.execute(update(Chunk).where(Chunk.id == row.id).values(**dead))
    counts = {"chunks_dead": Job.chunks_dead + 1}
    connection.execute(update(Job).where(*_active(row.job_id)).values(**counts, **_one_less(settings, Job.chunks_dead >= 0)))


def requeued(settings: JobSettings) -> dict[str, Any]:
    cleared = dict.fromkeys(("lease", "lease_until", "holder", "sent_until"))
    return {"state": QUEUED, "not_before": 0.0, "resend": settings.resend_seconds, **cleared}


def _ours(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return Chunk.id == lease.chunk, Chunk.state == RUNNING, Chunk.lease == lease.token


def _active(job: str) -> tuple[ColumnElement[bool], ...]:
    """One that is being deleted does not come back as done."""
    return Job.id == job, Job.state.in_(ACTIVE)


def _one_less(settings: JobSettings, failed: ColumnElement[bool]) -> dict[str, Any]:
    """A chunk less to do; with the last one the job ends. Counted in the row itself, under its lock, so two last chunks cannot miss each other."""
    last = Job.chunks_left == 1
    return {
        "chunks_left": Job.chunks_left - 1,
        "state": case((last, case((failed, FAILED), else_=DONE)), else_=Job.state),
        "finished": case((last, now()), else_=Job.finished),
        "expires": case((last, now() + settings.result_seconds), else_=Job.expires),
    }
