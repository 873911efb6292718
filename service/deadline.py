"""The time that one request may take.

The engine's loops call `check()`; whoever answers a request sets the limit with `within(seconds)`. Without a limit `check()` does nothing, so the
command line and the library run as long as they need.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic, thread_time

_UNTIL: ContextVar[float] = ContextVar("until", default=math.inf)
_WORKED: ContextVar[float] = ContextVar("worked", default=math.inf)
_SHARE = 0.5
"""Of the time, that the thread must have had a processor for: work that only waited for its turn on a loaded machine goes on."""


class DeadlineExceeded(Exception):
    """The time that `within` allowed is over. It says nothing about the input but that it takes too long."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Limits everything inside to `seconds` from now, of which it must have worked half; a limit around it that ends earlier stays. Limits are the
    thread's own."""
    token = _UNTIL.set(min(_UNTIL.get(), monotonic() + seconds))
    worked = _WORKED.set(min(_WORKED.get(), thread_time() + _SHARE * seconds))
    try:
        yield
    finally:
        _UNTIL.reset(token)
        _WORKED.reset(worked)


def over() -> bool:
    """Whether the time is over, for code of others that takes a callback to be stopped by."""
    return monotonic() > _UNTIL.get() and thread_time() > _WORKED.get()


def check() -> None:
    """Raises `DeadlineExceeded` when the time is over. It takes a tenth of a microsecond: any loop over the caller's lines, commands, paths or
    packages can afford it."""
    if monotonic() > _UNTIL.get() and thread_time() > _WORKED.get():
        raise DeadlineExceeded
