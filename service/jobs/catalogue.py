"""Looking at jobs, retrying what is dead, and figures of the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, Select, func, select, update

from service.jobs.leases import requeued
from service.jobs.model import Chunk, Job
from service.jobs.settings import JobSettings
from service.jobs.states import ACTIVE, DEAD, QUEUED, RUNNING, VISIBLE
from service.jobs.transactions import now, reading, writing


@dataclass(frozen=True)
class JobView:
    """A job as people see it. `items` of which `done` are answered, `failed` of these by a problem; `dead` have no answer and no attempt left.
    Times are seconds since 1970."""

    id: str
    kind: str
    state: str
    owner: str
    items: int
    done: int
    failed: int
    dead: int
    created: float
    started: float | None
    finished: float | None
    expires: float | None


@dataclass(frozen=True)
class DeadChunk:
    """Items that every attempt failed on. `error`: the class of what went wrong last."""

    job: str
    first: int
    size: int
    attempts: int
    error: str


@dataclass(frozen=True)
class Queue:
    """`waiting` and `running` chunks; `oldest_seconds`: how old the oldest job with a waiting one is; `dead` chunks; jobs by state."""

    waiting: int
    running: int
    dead: int
    oldest_seconds: float
    jobs: Mapping[str, int]


def job(engine: Engine, id: str, owner: str | None = None) -> JobView | None:
    """None where there is none, or where it is another one's; `owner` None asks for anybody's."""
    with reading(engine) as connection:
        row = connection.execute(_views(owner).where(Job.id == id)).first()
    return None if row is None else JobView(*row)


def jobs(engine: Engine, owner: str | None = None, states: tuple[str, ...] = VISIBLE, limit: int = 100) -> list[JobView]:
    """The newest first."""
    with reading(engine) as connection:
        query = _views(owner).where(Job.state.in_(states)).order_by(Job.created.desc(), Job.id).limit(limit)
        return [JobView(*row) for row in connection.execute(query)]


def _views(owner: str | None) -> Select[str, str, str, str, int, int, int, int, float, float | None, float | None, float | None]:
    dead = select(func.coalesce(func.sum(Chunk.size), 0)).where(Chunk.job_id == Job.id, Chunk.state == DEAD).scalar_subquery()
    query = select(
        Job.id,
        Job.kind,
        Job.state,
        Job.owner,
        Job.items,
        Job.items_done,
        Job.items_failed,
        dead,
        Job.created,
        Job.started,
        Job.finished,
        Job.expires,
    ).where(Job.state.in_(VISIBLE))
    return query if owner is None else query.where(Job.owner == owner)


def dead(engine: Engine, id: str | None = None, limit: int = 100) -> list[DeadChunk]:
    query = select(Chunk.job_id, Chunk.first, Chunk.size, Chunk.attempts, Chunk.error).where(Chunk.state == DEAD)
    if id is not None:
        query = query.where(Chunk.job_id == id)
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(Chunk.id).limit(limit)).all()
    return [DeadChunk(row.job_id, row.first, row.size, row.attempts, row.error or "") for row in rows]


def retry(engine: Engine, settings: JobSettings, id: str) -> int:
    """Gives a job's dead chunks all their attempts again; how many there were."""
    with writing(engine) as connection:
        found = select(Chunk.id).where(Chunk.job_id == id, Chunk.state == DEAD).order_by(Chunk.id).with_for_update()
        ids = list(connection.execute(found).scalars())
        for chunk in ids:
            connection.execute(update(Chunk).where(Chunk.id == chunk).values(attempts=0, error=None, **requeued(settings)))
        if ids:
            again = {"state": RUNNING, "chunks_left": Job.chunks_left + len(ids), "chunks_dead": Job.chunks_dead - len(ids)}
            connection.execute(update(Job).where(Job.id == id, Job.state.in_(VISIBLE)).values(finished=None, expires=None, **again))
    return len(ids)


def queue(engine: Engine) -> Queue:
    """For metrics, from the database: the same from any process."""
    counted = select(Chunk.state, func.count()).join(Job, Job.id == Chunk.job_id).where(Chunk.state.in_((QUEUED, RUNNING, DEAD)))
    oldest = select(func.max(now() - Job.created)).join(Chunk, Chunk.job_id == Job.id)
    with reading(engine) as connection:
        chunks = dict(connection.execute(counted.where(Job.state.in_(VISIBLE)).group_by(Chunk.state)).all())
        age = connection.execute(oldest.where(Chunk.state == QUEUED, Job.state.in_(ACTIVE))).scalar_one()
        by_state = select(Job.state, func.count()).where(Job.state.in_(VISIBLE)).group_by(Job.state)
        states = dict(connection.execute(by_state).all())
    return Queue(chunks.get(QUEUED, 0), chunks.get(RUNNING, 0), chunks.get(DEAD, 0), max(0.0, age or 0.0), states)
