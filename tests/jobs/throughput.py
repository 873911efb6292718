"""Items a second of one job by 1, 2 and 4 worker processes, from the first lease to the last answer.

python -m tests.jobs.throughput --on sqlite|redis|rabbitmq [--items 1000] [--workers 1 2 4]
"""

from __future__ import annotations

import argparse
import os

from service.jobs import catalogue
from service.jobs.settings import JobSettings
from service.jobs.submission import Request, submit
from service.jobs.transactions import opened
from tests.jobs.chaos import BACKENDS, backend
from tests.jobs.service import Service, item, wait_for


def seconds(environment: dict[str, str], workers: int, items: int) -> float:
    settings = JobSettings.from_environment(environment)
    engine = opened(settings.database_url)
    service = Service(environment)
    try:
        service.start_workers(workers)
        # All of them are up before there is work: a small job a worker may do.
        _wait(engine, submit(engine, settings, Request("refactor"), (item(f"w{number}") for number in range(50 * workers * 2))))
        job = submit(engine, settings, Request("refactor"), (item(f"i{number}") for number in range(items)))
        _wait(engine, job)
    finally:
        service.stop()
    view = catalogue.job(engine, job)
    assert view is not None and view.finished is not None and view.started is not None and view.done == items
    return view.finished - view.started


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
            taken = seconds(environment, workers, arguments.items)
            print(f"{arguments.on}, {workers} workers: {arguments.items / taken:.0f} items/s; load {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
