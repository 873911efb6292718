"""What answers the items of each kind of job.

A handler yields one answer an item, in their order. Between two answers the lease is renewed, so the time for one item is bounded by
`lease_seconds`. A handler may run twice over the same items, and its answers are kept once; what it does elsewhere has to bear a repetition.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from service.http.problems import deadline_exceeded, pointer, too_large
from service.http.problems import document as document_of
from service.http.settings import Settings
from service.jobs.items import answer_line
from service.jobs.leases import Lease
from service.jobs.packing import OVERSIZED


@dataclass(frozen=True)
class Answer:
    """One line of JSON. `problem`: it says what is wrong with the item."""

    line: bytes
    problem: bool = False


Handler = Callable[[Lease], Iterator[Answer]]
_OVERDUE = document_of(deadline_exceeded())["type"]
# Behind the second failure an item is alone (`splitting`), and what it meets then is its own.
_OVERDUE_ATTEMPTS = 3


class Overdue(Exception):
    """An item came to its deadline. The machine may be loaded: it is tried again after a pause before that is its answer."""


def refactor(lease: Lease) -> Iterator[Answer]:
    """Raises Overdue in an attempt that is not the last for it."""
    settings = _limits()
    last = lease.attempt >= min(_OVERDUE_ATTEMPTS, settings.jobs_attempts)
    for index, item in enumerate(lease.items, lease.first):
        if item == OVERSIZED:
            detail = f"An item has at most {settings.body_bytes:,} bytes."
            document = {"index": index, **document_of(too_large(detail, pointer()))}
        else:
            document = answer_line(_with_options(item, lease.options), index, settings)
        if document.get("type") == _OVERDUE and not last:
            raise Overdue
        # Only a problem has a status (RFC 9457).
        yield Answer(json.dumps(document, ensure_ascii=False).encode(), "status" in document)


@cache
def _limits() -> Settings:
    return Settings.from_environment(os.environ)


def _with_options(item: bytes, options: Mapping[str, Any]) -> bytes:
    """The job's options under the item's own. What is no request stays as it is, and is answered by what is wrong with it."""
    if not options:
        return item
    try:
        document = json.loads(item)
    except (ValueError, RecursionError):
        return item
    own = document.get("options", {}) if isinstance(document, dict) else None
    if not isinstance(own, dict):
        return item
    return json.dumps({**document, "options": {**options, **own}}).encode()


HANDLERS: Mapping[str, Handler] = {"refactor": refactor}
