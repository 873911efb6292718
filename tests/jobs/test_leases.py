"""Chunks and who works on them: claims, retries, the end of a job, zombies."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from service.http.settings import Settings
from service.jobs import catalogue, handlers, leases, results, sweep
from service.jobs.deletion import delete_job
from service.jobs.leases import Lease
from service.jobs.model import Chunk, Input, Job, Result
from service.jobs.settings import JobSettings
from service.jobs.submission import Request, submit
from service.jobs.transactions import now, reading, trouble, writing
from service.jobs.work import work

ITEMS = [b"item %d" % index for index in range(7)]


def make(engine: Engine, settings: JobSettings, items: list[bytes] = ITEMS) -> str:
    return submit(engine, settings, Request("refactor"), items)


def answer(engine: Engine, settings: JobSettings, lease: Lease) -> bool:
    return leases.finish(engine, settings, lease, [b"answer to " + item for item in lease.items], 0)


def read(engine: Engine, job: str, start: int = 0) -> list[bytes]:
    return b"".join(results.lines(engine, job, start, results.answered(engine, job))).splitlines()


def count(engine: Engine, table: type[Chunk] | type[Input] | type[Result] | type[Job]) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def lapse(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(Chunk).where(Chunk.state == "running").values(lease_until=now() - 1))


def claimed(engine: Engine, settings: JobSettings) -> Lease:
    found = leases.claim_next(engine, settings)
    assert found is not None
    return found


def test_a_job_is_done_with_its_last_chunk_and_its_items_are_gone(engine: Engine, settings: JobSettings) -> None:
    id = make(engine, settings)
    states = []
    while lease := leases.claim_next(engine, settings):
        states.append(catalogue.job(engine, id).state)  # type: ignore[union-attr]
        assert answer(engine, settings, lease)
    job = catalogue.job(engine, id)
    assert job is not None
    assert (states, job.state, job.items, job.done, job.dead) == (["running"] * 3, "done", 7, 7, 0)
    assert job.started is not None and job.finished is not None and job.expires is not None
    assert job.created <= job.started <= job.finished < job.expires
    assert read(engine, id) == [b"answer to " + item for item in ITEMS]
    assert count(engine, Input) == 0


def test_answers_come_in_order_up_to_the_first_gap(engine: Engine, settings: JobSettings) -> None:
    id = make(engine, settings)
    first, second, third = (claimed(engine, settings) for _ in range(3))
    answer(engine, settings, third)
    assert read(engine, id) == []
    answer(engine, settings, first)
    assert read(engine, id) == [b"answer to item 0", b"answer to item 1", b"answer to item 2"]
    answer(engine, settings, second)
    assert read(engine, id, 5) == [b"answer to item 5", b"answer to item 6"]


def test_a_chunk_is_claimed_once_however_many_ask(engine: Engine, settings: JobSettings) -> None:
    make(engine, settings, [b"x"] * 60)
    found: list[Lease] = []

    def ask() -> None:
        while lease := leases.claim_next(engine, settings):
            found.append(lease)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(lease.first for lease in found) == list(range(0, 60, 3))
    assert len({lease.token for lease in found}) == 20


def test_a_message_that_comes_twice_or_late_claims_nothing(engine: Engine, settings: JobSettings) -> None:
    make(engine, settings, [b"x"])
    lease = claimed(engine, settings)
    assert leases.claim(engine, settings, lease.chunk) is None
    answer(engine, settings, lease)
    assert leases.claim(engine, settings, lease.chunk) is None
    assert leases.claim(engine, settings, 10**9) is None


def test_a_zombie_writes_nothing(engine: Engine, settings: JobSettings) -> None:
    id = make(engine, settings, [b"x"])
    zombie = claimed(engine, settings)
    lapse(engine)
    assert sweep.sweep(engine, settings) == 1
    assert not leases.renew(engine, settings, zombie)
    assert not leases.finish(engine, settings, zombie, [b"late"], 0)
    heir = _next(engine, settings)
    assert not leases.finish(engine, settings, zombie, [b"later"], 0)
    leases.fail(engine, settings, zombie, "Late")
    leases.give_back(engine, settings, zombie)
    assert (heir.attempt, leases.renew(engine, settings, heir)) == (2, True)
    assert leases.finish(engine, settings, heir, [b"in time"], 0)
    assert read(engine, id) == [b"in time"]


def _next(engine: Engine, settings: JobSettings) -> Lease:
    """The chunk is due after a backoff of about a millisecond."""
    for _ in range(1000):
        if lease := leases.claim_next(engine, settings):
            return lease
        threading.Event().wait(0.002)
    raise AssertionError("nothing is due")


def test_a_renewed_lease_is_not_swept(engine: Engine, settings: JobSettings) -> None:
    make(engine, settings, [b"x"])
    lease = claimed(engine, settings)
    lapse(engine)
    assert leases.renew(engine, settings, lease)
    assert sweep.sweep(engine, settings) == 0


def test_what_fails_is_tried_again_and_in_the_end_dead_with_its_reason(engine: Engine, settings: JobSettings) -> None:
    id = make(engine, settings, [b"x"])
    for attempt in range(1, settings.attempts + 1):
        lease = _next(engine, settings)
        assert lease.attempt == attempt
        leases.fail(engine, settings, lease, "ZeroDivisionError")
    job = catalogue.job(engine, id)
    assert job is not None
    assert (job.state, job.done, job.dead) == ("failed", 0, 1)
    assert [(one.first, one.attempts, one.error) for one in catalogue.dead(engine, id)] == [(0, 3, "ZeroDivisionError")]
    assert b'"urn:restage:problem:abandoned"' in read(engine, id)[0]
    assert catalogue.retry(engine, settings, id) == 1
    assert catalogue.job(engine, id).state == "running"  # type: ignore[union-attr]
    answer(engine, settings, claimed(engine, settings))
    job = catalogue.job(engine, id)
    assert job is not None
    assert (job.state, job.done, job.dead, read(engine, id)) == ("done", 1, 0, [b"answer to x"])
    assert catalogue.retry(engine, settings, id) == 0


def test_a_pause_comes_before_another_attempt(engine: Engine, settings: JobSettings) -> None:
    slow = replace(settings, backoff_seconds=60)
    make(engine, slow, [b"x"])
    leases.fail(engine, slow, claimed(engine, slow), "X")
    assert leases.claim_next(engine, slow) is None
    with reading(engine) as connection:
        pause = connection.execute(select(Chunk.not_before - now())).scalar_one()
    assert 25 < pause <= 60


def test_an_item_that_kills_its_worker_takes_no_other_one_along(engine: Engine, settings: JobSettings) -> None:
    id = make(engine, settings, [b"good", b"deadly", b"good"])
    kills = 0
    for _ in range(1000):
        lease = leases.claim_next(engine, settings)
        if lease is None:
            if results.answered(engine, id) == 3:
                break
            threading.Event().wait(0.002)
        elif b"deadly" in lease.items:
            kills += 1
            lapse(engine)
            sweep.sweep(engine, settings)
        else:
            answer(engine, settings, lease)
    first, second, third = read(engine, id)
    assert (first, third) == (b"answer to good", b"answer to good")
    assert b'"index": 1' in second and b"worker-lost" in second
    job = catalogue.job(engine, id)
    assert job is not None
    assert (job.state, job.items, job.done, job.dead, kills) == ("failed", 3, 2, 1, settings.attempts)


def test_a_chunk_given_back_costs_no_attempt(engine: Engine, settings: JobSettings) -> None:
    make(engine, settings, [b"x"])
    for _ in range(settings.attempts + 2):
        lease = claimed(engine, settings)
        assert lease.attempt == 1
        leases.give_back(engine, settings, lease)


def test_a_small_job_goes_before_most_of_a_large_one(engine: Engine, settings: JobSettings) -> None:
    make(engine, settings, [b"large"] * 300)
    make(engine, settings, [b"small"])
    order = [claimed(engine, settings).items[0] for _ in range(100)]
    assert order.index(b"small") < 50


@pytest.mark.parametrize("ended", [False, True])
def test_a_deleted_job_leaves_nothing(engine: Engine, settings: JobSettings, ended: bool) -> None:
    id = make(engine, settings)
    lease = claimed(engine, settings)
    while ended and lease:
        answer(engine, settings, lease)
        lease = leases.claim_next(engine, settings)  # type: ignore[assignment]
    assert delete_job(engine, id)
    assert [count(engine, table) for table in (Job, Chunk, Input, Result)] == [0, 0, 0, 0]
    assert not delete_job(engine, id)
    if lease:
        assert not answer(engine, settings, lease)
        assert not leases.renew(engine, settings, lease)
    with pytest.raises(results.Vanished):
        list(results.lines(engine, id, 0, 3))


def test_a_job_that_is_being_deleted_does_not_come_back_as_done(engine: Engine, settings: JobSettings) -> None:
    id = make(engine, settings, [b"x"])
    lease = claimed(engine, settings)
    with writing(engine) as connection:
        connection.execute(update(Job).values(state="cancelled"))
    answer(engine, settings, lease)
    assert catalogue.job(engine, id) is None
    assert sweep.sweep(engine, settings) == 1
    assert count(engine, Job) == 0


def test_what_is_over_is_deleted(engine: Engine, settings: JobSettings) -> None:
    short = replace(settings, result_seconds=0.001)
    kept, gone = make(engine, settings, [b"x"]), make(engine, settings, [b"y"])
    answer(engine, settings, claimed(engine, settings))
    answer(engine, short, claimed(engine, short))
    threading.Event().wait(0.01)
    assert sweep.sweep(engine, settings) == 1
    assert [one.id for one in catalogue.jobs(engine)] == [kept]
    assert catalogue.job(engine, gone) is None


def test_messages_are_sent_once_in_order_and_as_many_as_the_window_takes(engine: Engine, settings: JobSettings) -> None:
    few = replace(settings, window=4)
    make(engine, few, [b"x"] * 30)
    first = sweep.take_unsent(engine, few)
    assert len(first) == 4
    assert sweep.take_unsent(engine, few) == []
    assert leases.claim(engine, few, first[0]) is not None
    second = sweep.take_unsent(engine, few)
    assert len(second) == 1 and second[0] > max(first)
    sweep.not_sent(engine, second)
    assert sweep.take_unsent(engine, few) == second


def test_a_message_that_nobody_acts_on_is_sent_again_after_ever_longer_pauses(engine: Engine, settings: JobSettings) -> None:
    quick = replace(settings, resend_seconds=0.01)
    make(engine, quick, [b"x"])
    pauses = []
    for _ in range(4):
        [chunk] = _sent(engine, quick)
        with reading(engine) as connection:
            pauses.append(connection.execute(select(Chunk.resend).where(Chunk.id == chunk)).scalar_one())
    assert pauses == [0.02, 0.04, 0.08, 0.16]


def _sent(engine: Engine, settings: JobSettings) -> list[int]:
    for _ in range(1000):
        if found := sweep.take_unsent(engine, settings):
            return found
        threading.Event().wait(0.002)
    raise AssertionError("nothing is sent")


def test_the_queue_in_figures(engine: Engine, settings: JobSettings) -> None:
    assert catalogue.queue(engine) == catalogue.Queue(0, 0, 0, 0.0, {})
    make(engine, settings)
    answer(engine, settings, claimed(engine, settings))
    claimed(engine, settings)
    found = catalogue.queue(engine)
    assert (found.waiting, found.running, found.dead, found.jobs) == (1, 1, 0, {"running": 1})
    assert 0 <= found.oldest_seconds < 60


def test_an_item_that_meets_its_deadline_is_tried_again_before_that_is_its_answer(
    engine: Engine, settings: JobSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a loaded machine, where the same item would do in a moment."""
    limits = [Settings(deadline_seconds=1e-9), Settings(deadline_seconds=1e-9), Settings(deadline_seconds=1e-9)]
    item = json.dumps({"dockerfile": 'FROM alpine:3.20\nCMD ["true"]\n'}).encode()
    monkeypatch.setattr(handlers, "_limits", lambda: limits.pop())
    job = make(engine, settings, [item, item])
    for attempt in (1, 2):
        lease = leases.claim_next(engine, settings)
        assert lease is not None and lease.attempt == attempt
        work(engine, settings, lease, threading.Event())
        assert read(engine, job) == []
        time.sleep(0.01)
    monkeypatch.setattr(handlers, "_limits", lambda: Settings(deadline_seconds=1e-9) if lease.first else Settings())
    while lease := leases.claim_next(engine, settings):
        work(engine, settings, lease, threading.Event())
    first, second = map(json.loads, read(engine, job))
    assert first["outcome"] == "unchanged"
    assert (second["status"], second["type"]) == (503, "urn:restage:problem:deadline-exceeded")
    found = catalogue.job(engine, job)
    assert found is not None and (found.state, found.failed, found.dead) == ("done", 1, 0)


def test_a_locked_database_is_not_told_as_one_that_is_away(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    holder, asker = sqlite3.connect(file), create_engine(f"sqlite:///{file}", connect_args={"timeout": 0})
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(SQLAlchemyError) as locked, asker.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE a (b)")
    holder.close()
    assert trouble(locked.value) == "is locked by others"
    away = create_engine(f"sqlite:///{tmp_path}/no/such/folder/a.db")
    with pytest.raises(SQLAlchemyError) as missing:
        away.connect()
    assert trouble(missing.value) == "does not answer"
    asker.dispose()
