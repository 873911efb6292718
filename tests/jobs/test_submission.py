"""From items to a job: chunks, limits, and the same request twice."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, func, select, update

from service.jobs import catalogue, leases, submission, sweep
from service.jobs.model import Chunk, Input, Job
from service.jobs.settings import JobSettings
from service.jobs.submission import InFlight, KeyReused, NoItems, Request, TooManyItems, TooManyJobs, submit
from service.jobs.transactions import now, reading, writing

REQUEST = Request("refactor", "somebody", {"runtime": "slim"})
KEYED = replace(REQUEST, idempotency_key="k")


def rows(engine: Engine) -> list[tuple[int, int]]:
    with reading(engine) as connection:
        return [(first, size) for first, size in connection.execute(select(Chunk.first, Chunk.size).order_by(Chunk.first))]


def jobs(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(Job)).scalar_one()


def test_items_are_cut_by_number_and_by_size(engine: Engine, settings: JobSettings) -> None:
    submit(engine, replace(settings, chunk_items=3, chunk_bytes=10), REQUEST, [b"1", b"2", b"3", b"4", b"x" * 20, b"5", b"y" * 10])
    assert rows(engine) == [(0, 3), (3, 2), (5, 2)]


def test_a_worker_gets_what_was_sent(engine: Engine, settings: JobSettings) -> None:
    id = submit(engine, settings, REQUEST, [b'{"a": 1}', "ü".encode(), b""])
    lease = leases.claim_next(engine, settings)
    assert lease is not None
    assert (lease.job, lease.kind, lease.options, lease.first) == (id, "refactor", {"runtime": "slim"}, 0)
    assert lease.items == [b'{"a": 1}', "ü".encode(), b""]


def test_nobody_works_on_a_job_that_is_still_received(engine: Engine, settings: JobSettings) -> None:
    seen = []
    written: list[object] = []

    def items() -> Iterator[bytes]:
        for _ in range(120):
            yield b"x"
            written.append(rows(engine))
            seen.append((leases.claim_next(engine, settings), sweep.take_unsent(engine, settings), catalogue.jobs(engine)))

    submit(engine, replace(settings, chunk_bytes=1), REQUEST, items())
    assert seen == [(None, [], [])] * 120
    assert written[-1], "some of it was written before the end"
    assert len(catalogue.jobs(engine)) == 1


@pytest.mark.parametrize(("items", "reason"), [([], NoItems), ([b"x"] * 6, TooManyItems)])
def test_what_is_refused_leaves_no_trace(engine: Engine, settings: JobSettings, items: list[bytes], reason: type[Exception]) -> None:
    with pytest.raises(reason):
        submit(engine, replace(settings, items=5), KEYED, items)
    assert (jobs(engine), rows(engine)) == (0, [])


def test_a_caller_that_goes_away_leaves_no_trace(engine: Engine, settings: JobSettings) -> None:
    def items() -> Iterator[bytes]:
        yield b"x"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        submit(engine, settings, KEYED, items())
    assert jobs(engine) == 0


def test_a_service_that_dies_while_it_receives_leaves_nothing_for_long(engine: Engine, settings: JobSettings) -> None:
    stay, gone = threading.Event(), threading.Event()
    refused: list[BaseException] = []

    def items() -> Iterator[bytes]:
        yield b"x"
        gone.set()
        stay.wait(20)
        yield b"y"

    def receive() -> None:
        try:
            submit(engine, settings, KEYED, items())
        except InFlight as error:
            refused.append(error)

    thread = threading.Thread(target=receive)
    thread.start()
    gone.wait(20)
    with pytest.raises(InFlight):
        submit(engine, settings, KEYED, [b"x"])
    with writing(engine) as connection:
        connection.execute(update(Job).values(lease_until=now() - 1))
    taken_over = submit(engine, settings, KEYED, [b"x"])
    stay.set()
    thread.join()
    assert len(refused) == 1
    assert [job.id for job in catalogue.jobs(engine)] == [taken_over]
    assert rows(engine) == [(0, 1)]


def test_what_comes_slowly_is_held_and_the_key_of_a_dead_process_is_soon_free(
    engine: Engine, settings: JobSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, "_HELD_SECONDS", 2.0)
    monkeypatch.setattr(submission, "_BEAT_SECONDS", 0.1)
    leases_seen: list[float] = []

    def left() -> float:
        with reading(engine) as connection:
            return connection.execute(select(Job.lease_until - now())).scalar_one()

    def items() -> Iterator[bytes]:
        yield b"x"
        leases_seen.append(left())
        # Longer than it is held: without a beat it would have lapsed.
        threading.Event().wait(3.0)
        leases_seen.append(left())
        yield b"y"

    submit(engine, settings, KEYED, items())
    assert leases_seen[1] > 0 and leases_seen[0] <= 2.0
    assert jobs(engine) == 1


def test_a_caller_that_says_nothing_is_not_held_for_ever(engine: Engine, settings: JobSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "_HELD_SECONDS", 0.5)
    monkeypatch.setattr(submission, "_BEAT_SECONDS", 0.1)
    monkeypatch.setattr(submission, "QUIET", 0.3)

    def items() -> Iterator[bytes]:
        yield b"x"
        threading.Event().wait(1.5)
        assert submit(engine, settings, KEYED, [b"z"])
        yield b"y"

    with pytest.raises(InFlight):
        submit(engine, settings, KEYED, items())
    assert jobs(engine) == 1


def test_an_abandoned_upload_is_swept(engine: Engine, settings: JobSettings) -> None:
    submit(engine, settings, REQUEST, [b"x"])
    with writing(engine) as connection:
        connection.execute(update(Job).values(state="received", lease_until=now() - 1))
    assert sweep.sweep(engine, settings) == 1
    assert jobs(engine) == 0


def test_the_same_key_and_items_give_the_same_job(engine: Engine, settings: JobSettings) -> None:
    first = submit(engine, settings, KEYED, [b"x", b"y"])
    assert submit(engine, settings, KEYED, [b"x", b"y"]) == first
    while lease := leases.claim_next(engine, settings):
        leases.finish(engine, settings, lease, lease.items, 0)
    assert submit(engine, settings, KEYED, [b"x", b"y"]) == first
    assert jobs(engine) == 1
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(Input)).scalar_one() == 0


@pytest.mark.parametrize(
    ("request_", "items"),
    [(KEYED, [b"x", b"z"]), (KEYED, [b"x"]), (KEYED, [b"x", b"y", b"z"]), (KEYED, [b"xy"]), (replace(KEYED, options={}), [b"x", b"y"])],
)
def test_the_same_key_with_another_request_is_refused(engine: Engine, settings: JobSettings, request_: Request, items: list[bytes]) -> None:
    submit(engine, settings, KEYED, [b"x", b"y"])
    with pytest.raises(KeyReused):
        submit(engine, settings, request_, items)


def test_keys_of_two_owners_have_nothing_to_do_with_each_other(engine: Engine, settings: JobSettings) -> None:
    assert submit(engine, settings, KEYED, [b"x"]) != submit(engine, settings, replace(KEYED, owner="another"), [b"y"])


def test_a_key_that_many_send_at_once_makes_one_job(engine: Engine, settings: JobSettings) -> None:
    made: list[str] = []

    def send() -> None:
        for _ in range(200):
            try:
                made.append(submit(engine, settings, KEYED, [b"x"]))
                return
            except InFlight:
                threading.Event().wait(0.01)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), len(set(made)), jobs(engine)) == (6, 1, 1)


def test_unfinished_jobs_of_one_owner_are_bounded(engine: Engine, settings: JobSettings) -> None:
    few = replace(settings, queued=2)
    submit(engine, few, REQUEST, [b"x"])
    submit(engine, few, KEYED, [b"x"])
    with pytest.raises(TooManyJobs):
        submit(engine, few, REQUEST, [b"x"])
    assert submit(engine, few, KEYED, [b"x"])
    assert submit(engine, few, replace(REQUEST, owner="another"), [b"x"])
    lease = leases.claim_next(engine, few)
    assert lease is not None
    leases.finish(engine, few, lease, lease.items, 0)
    assert submit(engine, few, REQUEST, [b"x"])


def test_a_large_job_does_not_lie_in_memory(settings: JobSettings, engine: Engine) -> None:
    items = (b"%09d" % number * 2_000 for number in range(2_000))
    tracemalloc.start()
    try:
        submit(engine, replace(settings, chunk_items=50, chunk_bytes=1 << 20), REQUEST, items)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # 36 MB went through.
    assert peak < 8 << 20
