"""Works on the jobs in the database of `DATABASE_URL`, told by the broker of `JOBS_URL` where there is one. SIGTERM stops it between two items."""

from __future__ import annotations

import argparse
import logging
import os
import sys

from service.cli.errors import Unusable

SUMMARY = "work on jobs until it is stopped"


def arguments(parser: argparse.ArgumentParser) -> None:
    processors = len(os.sched_getaffinity(0))
    parser.add_argument("--processes", type=_positive, default=processors, help="how many processes; as many as processors by default")
    parser.add_argument("--threads", type=_positive, default=1, help="threads in each; the work is done by one processor, so 1 by default")


def run(namespace: argparse.Namespace) -> int:
    # Flask, SQLAlchemy and the engine's tables are of no use to the other subcommands.
    from service import database
    from service.jobs import delivery, processes
    from service.jobs.settings import JobSettings

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    try:
        settings = JobSettings.from_environment(os.environ)
        delivery.check(settings.jobs_url)
        database.parsed(settings.database_url)
    except database.BadAddress as error:
        raise Unusable(f"DATABASE_URL: {error}") from None
    except ValueError as error:
        raise Unusable(str(error)) from None
    return processes.serve(settings, namespace.processes, namespace.threads)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 256):
        raise argparse.ArgumentTypeError(f"a number from 1 to 256 is expected, not {text!r}")
    return int(text)
