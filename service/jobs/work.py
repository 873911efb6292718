"""One leased chunk, from its items to its answers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping

from sqlalchemy import Engine

from service.jobs.handlers import HANDLERS, Answer, Handler
from service.jobs.leases import Lease, fail, finish, give_back, renew
from service.jobs.settings import JobSettings

_log = logging.getLogger("restage.jobs")
# A lease is renewed after this part of its time, between two items. `service.settings` makes sure that what is left is enough for an item.
_RENEWED_AT = 1 / 3


def work(
    engine: Engine, settings: JobSettings, lease: Lease, stopping: threading.Event, handlers: Mapping[str, Handler] = HANDLERS
) -> None:
    """Answers the chunk, or gives it back between two items once `stopping` is set. Raises what the database raises; the lease then lapses."""
    try:
        answers = _answered(engine, settings, lease, stopping, handlers)
    except Exception as error:
        _log.warning("chunk %d, attempt %d: %s", lease.chunk, lease.attempt, type(error).__name__)
        fail(engine, settings, lease, type(error).__name__)
        return
    if answers is not None and not finish(engine, settings, lease, [one.line for one in answers], sum(one.problem for one in answers)):
        _log.warning("chunk %d, attempt %d: the lease is over, what it found is dropped", lease.chunk, lease.attempt)


def _answered(
    engine: Engine, settings: JobSettings, lease: Lease, stopping: threading.Event, handlers: Mapping[str, Handler]
) -> list[Answer] | None:
    """None where the chunk is not ours any more."""
    answers: list[Answer] = []
    renewed = time.monotonic()
    for answer in handlers[lease.kind](lease):
        answers.append(answer)
        if stopping.is_set() and len(answers) < len(lease.items):
            give_back(engine, settings, lease)
            return None
        if time.monotonic() - renewed > settings.lease_seconds * _RENEWED_AT:
            if not renew(engine, settings, lease):
                return None
            renewed = time.monotonic()
    if len(answers) != len(lease.items):
        raise RuntimeError("a handler answers each item once")
    return answers
