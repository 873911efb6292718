"""The rows: jobs, their chunks, and apart from these the bytes of each chunk, so that a lease's renewal does not write them anew.

Times are seconds since 1970 by the database's clock. `service/database/migrations` makes the tables.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Job(Base):
    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("owner", "idempotency_key", name="uq_jobs_idempotency"),
        Index("ix_jobs_owner", "owner", "created"),
        Index("ix_jobs_state", "state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    # What handles its items: a row of `handlers.HANDLERS`.
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    # The id of the API key that posted it; empty where the service asks for none.
    owner: Mapped[str] = mapped_column(String(64), default="")
    # JSON, for the handler.
    options: Mapped[str] = mapped_column(Text, default="{}")
    idempotency_key: Mapped[str | None] = mapped_column(String(255))
    # SHA-256 of the kind, the options and the items.
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    items: Mapped[int] = mapped_column(Integer, default=0)
    items_done: Mapped[int] = mapped_column(Integer, default=0)
    # Of those that are done, the ones answered by a problem.
    items_failed: Mapped[int] = mapped_column(Integer, default=0)
    chunks: Mapped[int] = mapped_column(Integer, default=0)
    chunks_left: Mapped[int] = mapped_column(Integer, default=0)
    chunks_dead: Mapped[int] = mapped_column(Integer, default=0)
    created: Mapped[float] = mapped_column(Double)
    started: Mapped[float | None] = mapped_column(Double)
    finished: Mapped[float | None] = mapped_column(Double)
    expires: Mapped[float | None] = mapped_column(Double)
    # While it is received: when its caller counts as gone.
    lease_until: Mapped[float | None] = mapped_column(Double)


class Chunk(Base):
    __tablename__ = "job_chunks"
    __table_args__ = (
        UniqueConstraint("job_id", "first", name="uq_job_chunks_first"),
        Index("ix_job_chunks_queue", "state", "rank"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    # Its items are `size` from `first` on, counted from 0.
    first: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    # Lower goes first: the time its job was made, and later the further it lies within the job (`submission.PACE`).
    rank: Mapped[float] = mapped_column(Double)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    not_before: Mapped[float] = mapped_column(Double, default=0.0)
    # The token of who works on it, new with each claim, and for people the holder's machine and process.
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[float | None] = mapped_column(Double)
    holder: Mapped[str | None] = mapped_column(String(255))
    # A message about it is under way until then; how long the next one is waited for.
    sent_until: Mapped[float | None] = mapped_column(Double)
    resend: Mapped[float] = mapped_column(Double, default=0.0)
    # Why the last attempt failed.
    error: Mapped[str | None] = mapped_column(String(64))


class Input(Base):
    """A chunk's items: lines, compressed by zlib. Deleted with the chunk's end."""

    __tablename__ = "job_inputs"

    chunk_id: Mapped[int] = mapped_column(ForeignKey("job_chunks.id"), primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Result(Base):
    """A chunk's answers: lines, compressed by zlib. The primary key holds even where everything else fails: there is one."""

    __tablename__ = "job_results"

    chunk_id: Mapped[int] = mapped_column(ForeignKey("job_chunks.id"), primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary)
