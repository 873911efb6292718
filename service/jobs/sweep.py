"""What any process does now and then for all: chunks of lost workers go back into the queue, what is over goes away.

Each step is a transaction of its own and takes only rows that nobody else holds, so several processes may sweep at once.
"""

from __future__ import annotations

from sqlalchemy import Engine, and_, case, func, or_, select, update

from service.jobs.deletion import delete_job
from service.jobs.leases import ATTEMPT, due, end_attempt
from service.jobs.model import Chunk, Job
from service.jobs.settings import JobSettings
from service.jobs.states import CANCELLED, ENDED, QUEUED, RECEIVED, RUNNING
from service.jobs.transactions import now, reading, writing

LOST = "worker-lost"
_TOGETHER = 100
# The longest wait for a sign of life after a message, in seconds: a queue that stands still does not fill with repetitions.
_LONGEST_RESEND = 600.0


def sweep(engine: Engine, settings: JobSettings) -> int:
    """How many chunks and jobs it moved."""
    return _release_lapsed(engine, settings) + _delete_ended(engine)


def _release_lapsed(engine: Engine, settings: JobSettings) -> int:
    lapsed = select(*ATTEMPT).where(Chunk.state == RUNNING, Chunk.lease_until < now()).order_by(Chunk.id)
    with reading(engine) as connection:
        if connection.execute(lapsed.limit(1)).first() is None:
            return 0
    with writing(engine) as connection:
        rows = connection.execute(lapsed.limit(_TOGETHER).with_for_update(skip_locked=True)).all()
        # By job, so that two sweeps lock the same jobs in the same order.
        for row in sorted(rows, key=lambda row: (row.job_id, row.id)):
            end_attempt(connection, settings, row, LOST)
        return len(rows)


def _delete_ended(engine: Engine) -> int:
    over = or_(
        Job.state == CANCELLED,
        and_(Job.state == RECEIVED, Job.lease_until < now()),
        and_(Job.state.in_(ENDED), Job.expires < now()),
    )
    with reading(engine) as connection:
        ids = list(connection.execute(select(Job.id).where(over).limit(_TOGETHER)).scalars())
    return sum(delete_job(engine, job) for job in ids)


def take_unsent(engine: Engine, settings: JobSettings) -> list[int]:
    """Ids of due chunks about which no message is under way, marked as sent: as many as the window has room for, the first in the queue first."""
    unsent = (*due(), or_(Chunk.sent_until.is_(None), Chunk.sent_until < now()))
    query = select(Chunk.id).join(Job, Job.id == Chunk.job_id).where(*unsent).order_by(Chunk.rank, Chunk.id)
    with reading(engine) as connection:
        if connection.execute(query.limit(1)).first() is None:
            return []
    with writing(engine) as connection:
        under_way = connection.execute(select(func.count()).where(Chunk.state == QUEUED, Chunk.sent_until >= now())).scalar_one()
        room = max(0, settings.window - under_way)
        ids = list(connection.execute(query.limit(room).with_for_update(of=Chunk, skip_locked=True)).scalars())
        if ids:
            longer = Chunk.resend * 2
            resend = case((longer < _LONGEST_RESEND, longer), else_=_LONGEST_RESEND)
            connection.execute(update(Chunk).where(Chunk.id.in_(ids)).values(sent_until=now() + Chunk.resend, resend=resend))
        return ids


def not_sent(engine: Engine, ids: list[int]) -> None:
    """The broker took no message about these."""
    with writing(engine) as connection:
        connection.execute(update(Chunk).where(Chunk.id.in_(ids), Chunk.state == QUEUED).values(sent_until=None))
