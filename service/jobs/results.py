"""A job's answers in the order of its items, as far as they go without a gap."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Engine, func, select

from service.jobs.model import Chunk, Job, Result
from service.jobs.packing import unpacked
from service.jobs.states import ACTIVE, DEAD, QUEUED, RUNNING
from service.jobs.transactions import reading


class Vanished(Exception):
    """The job was deleted while its answers were read."""


def answered(engine: Engine, job: str) -> int:
    """How many items from the first one on have an answer, or none to hope for, without a gap."""
    with reading(engine) as connection:
        gap = select(func.min(Chunk.first)).where(Chunk.job_id == job, Chunk.state.in_((QUEUED, RUNNING)))
        found = connection.execute(gap).scalar_one()
        return found if found is not None else connection.execute(select(Job.items).where(Job.id == job)).scalar_one_or_none() or 0


def lines(engine: Engine, job: str, start: int, end: int) -> Iterator[bytes]:
    """Blocks of lines with the items from `start` to before `end`, which is at most `answered`. One chunk lies in memory at a time, and no
    transaction lasts longer than reading it. Raises Vanished."""
    while start < end:
        with reading(engine) as connection:
            query = select(Chunk.first, Chunk.size, Chunk.state, Chunk.error, Result.body).outerjoin(Result, Result.chunk_id == Chunk.id)
            row = connection.execute(query.where(Chunk.job_id == job, Chunk.first <= start).order_by(Chunk.first.desc()).limit(1)).first()
        if row is None or start >= row.first + row.size or (row.body is None and row.state != DEAD):
            raise Vanished
        found = unpacked(row.body) if row.body is not None else [_abandoned(index, row.error) for index in range(row.first, row.first + row.size)]
        yield b"".join(line + b"\n" for line in found[start - row.first : end - row.first])
        start = row.first + row.size


def complete(state: str) -> bool:
    return state not in ACTIVE


def _abandoned(index: int, error: str | None) -> bytes:
    problem = {
        "index": index,
        "type": "urn:restage:problem:abandoned",
        "title": "The service gave up on this item",
        "status": 500,
        "detail": f"Every attempt at the items around this one failed, the last one by {error or 'an unknown error'}.",
    }
    return json.dumps(problem).encode()
