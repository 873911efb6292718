"""What a web process holds: what requests let go of goes back to the system, and a process that has grown all the same is replaced.

Sizes are bytes. Both need Linux with glibc; elsewhere they do nothing.
"""

from __future__ import annotations

import ctypes
import resource
from typing import Any

# malloc.h of glibc, and mallopt(3).
_MMAP_THRESHOLD, _TRIM_THRESHOLD, _ARENA_MAX = -3, -1, -8
_SETTINGS = (
    # One heap: threads take turns at computing, and each one's own would keep its largest request.
    (_ARENA_MAX, 1),
    # Else glibc raises it with the first large text that is freed, and those that follow lie among small things.
    (_MMAP_THRESHOLD, 256 << 10),
    (_TRIM_THRESHOLD, 1 << 20),
)
# What a process may grow by before free pages in the middle of the heap are looked for: that takes milliseconds.
_STEP = 4 << 20
# A new process is cheap, a copy of one that has read all tables, but not so cheap as a request.
_LEAST_REQUESTS = 200


def settle() -> None:
    """How this process, and those that are forked of it, ask the system for memory."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        for name, value in _SETTINGS:
            libc.mallopt(name, value)


class Watch:
    """One worker's. `most`: what it may hold once it has answered a few hundred requests."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        self._settled = resident()

    def answered(self, worker: Any) -> None:
        """After a request. A worker that holds too much counts as one that has answered its `max_requests`: the next is its last."""
        held = resident()
        if self._trim is not None and held > self._settled + _STEP:
            self._trim(0)
            held = self._settled = resident()
        if held > self._most and worker.nr >= _LEAST_REQUESTS:
            worker.nr = max(worker.nr, worker.max_requests)


def resident() -> int:
    """What the process holds, its share of what others hold too included; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0
