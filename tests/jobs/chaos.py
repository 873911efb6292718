"""Kills processes of the service at random while it works on jobs, and holds every answer against what was asked.

python -m tests.jobs.chaos --on sqlite|redis|rabbitmq --rounds 100 [--at-once 3] [--minutes 30] [--seed 1] [--log FILE]

`kill -9` hits processes of gunicorn and of `restage worker`, their parents too, which are then started again as an orchestrator would. A round
is one job, posted under an Idempotency-Key until it is accepted, and its results, read on until the last one. Several rounds are under way at
once, so the wait for a lost worker's lease is not a wait of all.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from service import database
from service.jobs.model import Chunk, Input, Job, Result
from tests.jobs.servers import postgresql_server, rabbitmq_server, redis_server
from tests.jobs.service import QUICK, Service, children_of

ITEMS = 60
_KILLS = (1, 3)
# A parent takes seconds to start again, in which nothing is at work.
_VICTIMS = (*("web",) * 7, *("worker",) * 11, "web parent", "worker parent")
_WITHIN = 1.0
# Longer than any round may take on a machine that is busy with other things: what is not there by then is lost.
_ROUND_SECONDS = 900.0
BACKENDS = ("sqlite", "redis", "rabbitmq")


@dataclass
class Outcome:
    rounds: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    twice: int = 0
    wrong: int = 0
    # What became of a round that was not as it should be: enough to find out why.
    traces: list[str] = field(default_factory=list)
    # What the database says at the end.
    jobs: int = 0
    results: int = 0
    answers: int = 0
    chunks: int = 0
    inputs: int = 0
    repeated: int = 0
    unfinished: int = 0

    @property
    def clean(self) -> bool:
        whole = self.jobs == self.rounds and self.results == self.chunks and self.answers == self.rounds * ITEMS
        return whole and not (self.lost or self.twice or self.wrong or self.inputs or self.unfinished)


@contextmanager
def backend(name: str) -> Iterator[dict[str, str]]:
    """The environment that names real servers."""
    with ExitStack() as stack:
        if name == "sqlite":
            folder = stack.enter_context(TemporaryDirectory())
            yield {"DATABASE_URL": f"sqlite:///{folder}/restage.db", "JOBS_URL": ""}
            return
        address = stack.enter_context(postgresql_server())
        broker = stack.enter_context(redis_server() if name == "redis" else rabbitmq_server())
        yield {"DATABASE_URL": address, "JOBS_URL": broker}


def run(
    name: str,
    rounds: int,
    seed: int,
    report: Callable[[int, Outcome], None] = lambda number, outcome: None,
    *,
    seconds: float = 3600.0,
    at_once: int = 1,
    log_path: Path | None = None,
) -> Outcome:
    """So many rounds, or those that the time is enough for."""
    ends = time.monotonic() + seconds
    outcome = Outcome()
    with backend(name) as environment, TemporaryDirectory() as logs, (log_path or Path(logs, "log")).open("wb") as log:
        lane = _Lane(Service({**QUICK, **environment}, log=log), environment["DATABASE_URL"], outcome)

        def one(number: int) -> None:
            if time.monotonic() < ends:
                _round(lane, number, random.Random(f"{seed}:{number}"))
                with lane.counting:
                    outcome.rounds += 1
                    report(number, outcome)

        try:
            lane.service.start_web()
            lane.service.start_workers()
            with ThreadPoolExecutor(at_once) as threads:
                # The list: what a round raised is raised here.
                list(threads.map(one, range(rounds)))
            _count(lane.address, outcome)
        finally:
            lane.service.stop()
    return outcome


@dataclass
class _Lane:
    service: Service
    address: str
    outcome: Outcome
    counting: threading.Lock = field(default_factory=threading.Lock)
    # Two that kill the same parent would start it twice.
    killing: threading.Lock = field(default_factory=threading.Lock)


def _round(lane: _Lane, number: int, chance: random.Random) -> None:
    times = sorted(chance.uniform(0, _WITHIN) for _ in range(chance.randint(*_KILLS)))
    killer = threading.Thread(target=_kill, args=(lane, times, chance))
    began = time.monotonic()
    killer.start()
    marks = [f"r{number}i{index}" for index in range(ITEMS)]
    try:
        job = _post(lane.service, number, marks)
        _check(lane, f"round {number}, {time.monotonic() - began:.0f} s, job {job}", job, _results(lane.service, job), marks)
    finally:
        killer.join()


def _item(mark: str) -> bytes:
    """As small as can be: the engine is not what is tried here."""
    return json.dumps({"dockerfile": f'FROM alpine:3.20\nLABEL mark={mark}\nCMD ["true"]\n'}).encode()


def _post(service: Service, number: int, marks: list[str]) -> str:
    body = b"\n".join(_item(mark) for mark in marks)
    ends = time.monotonic() + _ROUND_SECONDS
    while time.monotonic() < ends:
        status, _, answer = service.ask("POST", "/v1/jobs", body, Content_Type="application/x-ndjson", Idempotency_Key=f"round-{number}")
        if status == 202:
            return str(json.loads(answer)["id"])
        if status not in (0, 409, 503):
            raise AssertionError(f"{status}: {answer!r}")
        time.sleep(0.1)
    raise AssertionError("the job was not accepted")


def _results(service: Service, job: str) -> list[dict[str, object]]:
    """Every line, read on from the last one that came whole."""
    found: list[dict[str, object]] = []
    ends = time.monotonic() + _ROUND_SECONDS
    while time.monotonic() < ends:
        after = found[-1]["index"] if found else -1
        status, headers, body = service.ask("GET", f"/v1/jobs/{job}/results?after={after}")
        if status == 200:
            found += [json.loads(line) for line in body.splitlines()]
            if 'rel="next"' not in headers.get("link", ""):
                return found
        elif status not in (0, 503):
            raise AssertionError(f"{status}: {body!r}")
        time.sleep(0.1)
    return found


def _check(lane: _Lane, name: str, job: str, found: list[dict[str, object]], marks: list[str]) -> None:
    indexes = [int(str(one["index"])) for one in found]
    lost = sorted(set(range(ITEMS)) - set(indexes))
    twice = len(indexes) - len(set(indexes))
    wrong = [one for one in found if f"mark={marks[int(str(one['index']))]}\n" not in str(one.get("dockerfile"))]
    unordered = indexes != sorted(indexes)
    with lane.counting:
        lane.outcome.lost += len(lost)
        lane.outcome.twice += twice
        lane.outcome.wrong += len(wrong) + unordered
        if lost or twice or wrong or unordered:
            lane.outcome.traces.append(f"{name}: lost {lost}, {twice} twice, wrong {wrong[:3]}, in order {not unordered}; {_rows(lane.address, job)}")


def _rows(address: str, job: str) -> str:
    """What the database says of a job and its chunks."""
    with database.engine(address).connect() as connection:
        row = connection.execute(select(Job.state, Job.items_done, Job.chunks_left, Job.chunks_dead).where(Job.id == job)).first()
        query = select(Chunk.id, Chunk.first, Chunk.state, Chunk.attempts, Chunk.sent_until, Chunk.resend, Chunk.holder, Chunk.error)
        return f"job {row}, chunks {connection.execute(query.where(Chunk.job_id == job).order_by(Chunk.first)).all()}"


def _kill(lane: _Lane, times: list[float], chance: random.Random) -> None:
    began = time.monotonic()
    for moment in times:
        time.sleep(max(0.0, began + moment - time.monotonic()))
        with lane.killing:
            _kill_one(lane, chance.choice(_VICTIMS), chance)


def _kill_one(lane: _Lane, kind: str, chance: random.Random) -> None:
    service = lane.service
    parent = service.web if kind.startswith("web") else service.workers
    victims = [parent.pid] if kind.endswith("parent") and parent is not None else children_of(parent)
    if not victims:
        return
    try:
        os.kill(chance.choice(victims), signal.SIGKILL)
    except ProcessLookupError:
        return
    with lane.counting:
        lane.outcome.kills[kind] += 1
    if kind.endswith("parent") and parent is not None:
        parent.wait()
        service.start_web() if kind == "web parent" else service.start_workers()


def _count(address: str, outcome: Outcome) -> None:
    with database.engine(address).connect() as connection:
        outcome.jobs = connection.execute(select(func.count()).select_from(Job)).scalar_one()
        outcome.unfinished = connection.execute(select(func.count()).where(Job.state != "done")).scalar_one()
        outcome.unfinished += connection.execute(select(func.count()).where(Job.items_done != ITEMS)).scalar_one()
        outcome.results = connection.execute(select(func.count()).select_from(Result)).scalar_one()
        outcome.answers = connection.execute(select(func.sum(Chunk.size)).join(Result, Result.chunk_id == Chunk.id)).scalar_one()
        outcome.inputs = connection.execute(select(func.count()).select_from(Input)).scalar_one()
        outcome.chunks = connection.execute(select(func.count()).select_from(Chunk)).scalar_one()
        outcome.repeated = connection.execute(select(func.sum(Chunk.attempts - 1))).scalar_one()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--on", choices=BACKENDS, required=True)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=3)
    parser.add_argument("--log", type=Path, help="what the service's processes write")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    began = time.monotonic()

    def report(number: int, outcome: Outcome) -> None:
        print(f"round {number}: {time.monotonic() - began:.0f} s, {outcome}", file=sys.stderr, flush=True)

    outcome = run(
        *(arguments.on, arguments.rounds, arguments.seed, report),
        seconds=arguments.minutes * 60,
        at_once=arguments.at_once,
        log_path=arguments.log,
    )
    print(f"{arguments.on}: {outcome.rounds} rounds of {ITEMS} items, {sum(outcome.kills.values())} kills: {dict(outcome.kills)}")
    print(f"  {outcome.lost} items lost, {outcome.twice} twice, {outcome.wrong} wrong, {outcome.unfinished} jobs unfinished")
    print(f"  {outcome.repeated} attempts more than chunks, {outcome.inputs} inputs left", *outcome.traces, sep="\n  ")
    return 0 if outcome.clean else 1


if __name__ == "__main__":
    sys.exit(main())
