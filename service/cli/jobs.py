"""Shows the jobs in the database of `DATABASE_URL`, gives dead ones another chance, or deletes them."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from service.cli.errors import Unusable

if TYPE_CHECKING:
    from service.jobs.catalogue import JobView
    from service.jobs.settings import JobSettings
    from service.jobs.transactions import Engine

SUMMARY = "show, retry or delete jobs"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="the newest jobs, and the queue").add_argument("--limit", type=int, default=20)
    actions.add_parser("show", help="one job").add_argument("job")
    actions.add_parser("dead", help="chunks that every attempt failed on").add_argument("job", nargs="?")
    actions.add_parser("retry", help="give a job's dead chunks all their attempts again").add_argument("job")
    actions.add_parser("delete", help="cancel a job, and delete all that is kept of it").add_argument("job")


def run(namespace: argparse.Namespace) -> int:
    # SQLAlchemy is of no use to the other subcommands.
    from service.database import BadAddress
    from service.jobs.settings import JobSettings
    from service.jobs.transactions import UNAVAILABLE, opened

    try:
        settings = JobSettings.from_environment(os.environ)
        found = _ACTIONS[namespace.action](opened(settings.database_url), settings, namespace)
    except BadAddress as error:
        raise Unusable(f"DATABASE_URL: {error}") from None
    except ValueError as error:
        raise Unusable(str(error)) from None
    except UNAVAILABLE as error:
        raise Unusable(f"the database cannot be used: {type(error).__name__}") from None
    lines = [json.dumps(found, indent=2)] if namespace.json else _TEXTS[namespace.action](found)
    print(*lines, sep="\n")
    return 0


def _list(engine: Engine, settings: JobSettings, namespace: argparse.Namespace) -> Any:
    from service.jobs import catalogue

    return {"queue": asdict(catalogue.queue(engine)), "jobs": [_document(one) for one in catalogue.jobs(engine, limit=max(1, namespace.limit))]}


def _show(engine: Engine, settings: JobSettings, namespace: argparse.Namespace) -> Any:
    from service.jobs import catalogue

    found = catalogue.job(engine, namespace.job)
    if found is None:
        raise Unusable(f"there is no job {namespace.job}")
    return _document(found)


def _dead(engine: Engine, settings: JobSettings, namespace: argparse.Namespace) -> Any:
    from service.jobs import catalogue

    return [asdict(one) for one in catalogue.dead(engine, namespace.job)]


def _retry(engine: Engine, settings: JobSettings, namespace: argparse.Namespace) -> Any:
    from service.jobs import catalogue

    return {"job": namespace.job, "chunks": catalogue.retry(engine, settings, namespace.job)}


def _delete(engine: Engine, settings: JobSettings, namespace: argparse.Namespace) -> Any:
    from service.jobs.deletion import delete_job

    if not delete_job(engine, namespace.job):
        raise Unusable(f"there is no job {namespace.job}")
    return {"job": namespace.job, "deleted": True}


def _document(found: JobView) -> dict[str, Any]:
    times = {name: _time(getattr(found, name)) for name in ("created", "started", "finished", "expires")}
    return {**asdict(found), **times}


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _list_lines(found: Any) -> Iterator[str]:
    queue = found["queue"]
    yield f"chunks: {queue['waiting']} waiting, {queue['running']} running, {queue['dead']} dead; oldest waiting {queue['oldest_seconds']:.0f} s"
    for job in found["jobs"]:
        yield f"{job['id']}  {job['state']:<8} {job['done']:>7}/{job['items']:<7} {job['failed']:>6} failed {job['dead']:>6} dead  {job['created']}"


def _show_lines(found: Any) -> Iterator[str]:
    return (f"{name:<9} {value}" for name, value in found.items() if value not in (None, ""))


def _dead_lines(found: Any) -> Iterator[str]:
    return (f"{row['job']}  items {row['first']} to {row['first'] + row['size'] - 1}  {row['attempts']} attempts  {row['error']}" for row in found)


def _retry_lines(found: Any) -> Iterator[str]:
    yield f"{found['chunks']} chunks of {found['job']} wait for another attempt"


def _delete_lines(found: Any) -> Iterator[str]:
    yield f"{found['job']} is deleted"


_ACTIONS: Mapping[str, Callable[..., Any]] = {"list": _list, "show": _show, "dead": _dead, "retry": _retry, "delete": _delete}
_TEXTS: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "list": _list_lines,
    "show": _show_lines,
    "dead": _dead_lines,
    "retry": _retry_lines,
    "delete": _delete_lines,
}
