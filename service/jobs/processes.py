"""`restage worker`: processes that work on jobs, kept alive by one that does nothing else.

The engine is loaded before the fork, so its tables are shared. SIGTERM and SIGINT let each process give back its chunk; a second one kills.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from multiprocessing.process import BaseProcess

from service.jobs import runner
from service.jobs.settings import JobSettings

_log = logging.getLogger("restage.jobs")
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_LOOK_EVERY = 1.0
# A process that dies at once would otherwise be started in a loop, in seconds.
_RESTART_PAUSE = 1.0


def serve(settings: JobSettings, processes: int, threads: int) -> int:
    """Until a signal comes; the exit status."""
    # Signals are taken by `sigtimedwait`, in the parent and in the children: a handler could run in the middle of anything.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    children = [_started(settings, threads) for _ in range(processes)]
    _log.info("%d processes of %d threads work on jobs", processes, threads)
    while signal.sigtimedwait(_SIGNALS, _LOOK_EVERY) is None:
        for place, child in enumerate(children):
            if not child.is_alive():
                _log.error("worker %s ended with %s; another one takes its place", child.pid, child.exitcode)
                time.sleep(_RESTART_PAUSE)
                children[place] = _started(settings, threads)
    _stop(children)
    return 0


def _started(settings: JobSettings, threads: int) -> BaseProcess:
    child = multiprocessing.get_context("fork").Process(target=_child, args=(settings, threads, os.getpid()))
    child.start()
    return child


def _child(settings: JobSettings, threads: int, parent: int) -> None:
    running = runner.start(settings, threads)
    # Whoever lost its parent would never be told to stop.
    while signal.sigtimedwait(_SIGNALS, _LOOK_EVERY) is None and os.getppid() == parent:
        pass
    running.stop()


def _stop(children: list[BaseProcess]) -> None:
    for child in children:
        child.terminate()
    while any(child.is_alive() for child in children):
        if signal.sigtimedwait(_SIGNALS, 0.1) is not None:
            for child in children:
                child.kill()
    for child in children:
        child.join()
