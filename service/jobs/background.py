"""A web process's own work on jobs, begun when there may be any: until then it loads neither the database's library nor the broker's."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from service.jobs.bell import BELL
from service.jobs.settings import JobSettings

if TYPE_CHECKING:
    from service.jobs.runner import Running

_log = logging.getLogger("restage.jobs")
_FILE = "sqlite:///"


class Background:
    """`threads` work on jobs; 0: the process only sweeps, and sends to a broker. To be started after any fork."""

    def __init__(self, settings: JobSettings, threads: int) -> None:
        self._settings, self._count = settings, threads
        self._stopping = threading.Event()
        self._running: Running | None = None
        self._thread = threading.Thread(target=self._begin, name="jobs-background", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Gives back what is at work, and waits until that is done."""
        self._stopping.set()
        BELL.ring()
        self._thread.join()
        if self._running is not None:
            self._running.stop()

    def _begin(self) -> None:
        heard = BELL.rings
        while not self._stopping.is_set() and not wanted(self._settings):
            BELL.wait(heard, self._settings.poll_seconds)
            heard = BELL.rings
        if self._stopping.is_set():
            return
        from service.jobs import delivery, runner

        try:
            self._running = runner.start(self._settings, self._count)
        except delivery.BadAddress as error:
            _log.error("JOBS_URL: %s", error)


def wanted(settings: JobSettings) -> bool:
    """Whether there may be jobs: with an SQLite file that nobody has made yet there are none."""
    address = settings.database_url
    return bool(settings.jobs_url) or not address.startswith(_FILE) or Path(address.removeprefix(_FILE)).exists()
