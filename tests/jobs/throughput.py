"""Items a second of one job by 1, 2 and 4 worker processes, from the first lease to the last answer, and the workers' processor time for it.

python -m tests.jobs.throughput --on sqlite|redis|rabbitmq [--items 1000] [--workers 1 2 4]
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from service.jobs import catalogue
from service.jobs.settings import JobSettings
from service.jobs.submission import Request, submit
from service.jobs.transactions import opened
from tests.jobs.chaos import BACKENDS, backend
from tests.jobs.service import Service, children_of, item, wait_for

_TICKS = os.sysconf("SC_CLK_TCK")


def seconds(environment: dict[str, str], workers: int, items: int) -> tuple[float, float]:
    """By the clock, and of processors."""
    settings = JobSettings.from_environment(environment)
    engine = opened(settings.database_url)
    service = Service(environment)
    try:
        service.start_workers(workers)
        # All of them are up before there is work: a small job a worker may do.
        _wait(engine, submit(engine, settings, Request("refactor"), (item(f"w{number}") for number in range(50 * workers * 2))))
        before = _processor(service)
        job = submit(engine, settings, Request("refactor"), (item(f"i{number}") for number in range(items)))
        _wait(engine, job)
        processor = _processor(service) - before
    finally:
        service.stop()
    view = catalogue.job(engine, job)
    assert view is not None and view.finished is not None and view.started is not None and view.done == items
    return view.finished - view.started, processor


def _processor(service: Service) -> float:
    """What the workers have used, in seconds."""
    used = (Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13] for process in children_of(service.workers))
    return sum(int(ticks) for both in used for ticks in both) / _TICKS


def _wait(engine: object, job: str) -> None:
    wait_for(lambda: catalogue.job(engine, job).state == "done", "the job is done", 900)  # type: ignore[arg-type, union-attr]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--on", choices=BACKENDS, default="sqlite")
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    arguments = parser.parse_args()
    with backend(arguments.on) as environment:
        for workers in arguments.workers:
            taken, processor = seconds(environment, workers, arguments.items)
            rate = f"{arguments.items / taken:.0f} items/s, {1000 * processor / arguments.items:.2f} ms of a processor an item"
            print(f"{arguments.on}, {workers} workers: {rate}; load {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
