"""Deleting a job with all it holds.

Rows are locked chunks first, the job last, as everywhere else: two transactions that lock in opposite orders would wait for each other.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, delete, select, update

from service.jobs.model import Chunk, Input, Job, Result
from service.jobs.states import CANCELLED
from service.jobs.transactions import writing

# Chunks in one transaction: SQLite has one writer, and the others wait.
_TOGETHER = 200


def delete_job(engine: Engine, job: str) -> bool:
    """Whether there was one. From the first transaction on nobody sees it or takes up its chunks, and `sweep` goes on where a process died."""
    with writing(engine) as connection:
        found = connection.execute(update(Job).where(Job.id == job).values(state=CANCELLED)).rowcount
    more = bool(found)
    while more:
        with writing(engine) as connection:
            more = _forget_chunks(connection, job)
    if found:
        with writing(engine) as connection:
            forget(connection, job)
    return bool(found)


def forget(connection: Connection, job: str) -> None:
    """All of it within the caller's transaction."""
    while _forget_chunks(connection, job):
        pass
    connection.execute(delete(Job).where(Job.id == job))


def _forget_chunks(connection: Connection, job: str) -> bool:
    ids = list(connection.execute(select(Chunk.id).where(Chunk.job_id == job).order_by(Chunk.id).limit(_TOGETHER).with_for_update()).scalars())
    if ids:
        connection.execute(delete(Input).where(Input.chunk_id.in_(ids)))
        connection.execute(delete(Result).where(Result.chunk_id.in_(ids)))
        connection.execute(delete(Chunk).where(Chunk.id.in_(ids)))
    return bool(ids)
