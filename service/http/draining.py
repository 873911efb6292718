"""Whether the service is about to stop, as all its processes see it: one byte of memory that is shared by a fork."""

from __future__ import annotations

import mmap

_FLAG = mmap.mmap(-1, 1)


def begin() -> None:
    _FLAG[0] = 1


def end() -> None:
    _FLAG[0] = 0


def on() -> bool:
    return _FLAG[0] == 1
