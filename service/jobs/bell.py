"""What wakes the threads of a process that wait for work."""

from __future__ import annotations

import threading


class Bell:
    """Each ring has a number, so one that came before the waiting began is not missed."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.rings = 0

    def ring(self) -> None:
        with self._condition:
            self.rings += 1
            self._condition.notify_all()

    def wait(self, heard: int, seconds: float) -> None:
        """Until a ring after the number `heard`, at most so long."""
        with self._condition:
            self._condition.wait_for(lambda: self.rings != heard, seconds)


# One a process: whoever submits a job rings.
BELL = Bell()
