"""A chunk whose attempts fail again and again is taken apart, so that an item which kills its worker takes no other one along."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update

from service.jobs.model import Chunk, Input, Job
from service.jobs.packing import packed, unpacked

# The first failure is most often nobody's fault: a process was stopped, a server was away.
SPLIT_AFTER = 2


def split(connection: Connection, chunk: int, values: dict[str, Any]) -> None:
    """One chunk an item, all with `values`, in the place of a chunk that the caller has locked. It stays as the first of them."""
    columns = (Chunk.job_id, Chunk.first, Chunk.rank, Chunk.attempts, Input.body)
    row = connection.execute(select(*columns).join(Input, Input.chunk_id == Chunk.id).where(Chunk.id == chunk)).one()
    job, first, rank, attempts, body = row
    items = unpacked(body)
    connection.execute(update(Chunk).where(Chunk.id == chunk).values(size=1, **values))
    connection.execute(update(Input).where(Input.chunk_id == chunk).values(body=packed(items[:1])))
    for place, item in enumerate(items[1:], first + 1):
        own = {"job_id": job, "first": place, "size": 1, "rank": rank, "attempts": attempts, **values}
        id = connection.execute(insert(Chunk).values(**own).returning(Chunk.id)).scalar_one()
        connection.execute(insert(Input).values(chunk_id=id, body=packed([item])))
    more = len(items) - 1
    connection.execute(update(Job).where(Job.id == job).values(chunks=Job.chunks + more, chunks_left=Job.chunks_left + more))
