"""The threads of one process: those that work, and the one that sweeps and sends."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service import database
from service.jobs import leases, sweep
from service.jobs.bell import BELL
from service.jobs.settings import JobSettings
from service.jobs.transactions import UNAVAILABLE, opened, trouble
from service.jobs.work import work

if TYPE_CHECKING:
    from dramatiq import Broker, Worker
    from sqlalchemy import Engine

_log = logging.getLogger("restage.jobs")
# Seconds between two looks for lost workers and expired jobs.
_SWEEP_EVERY = 1.0
# Rings of many jobs at once make one look into the queue, in seconds.
_SEND_EVERY = 0.1
_STOP_SECONDS = 20.0


@dataclass(frozen=True)
class Running:
    """What `start` started."""

    stopping: threading.Event
    threads: tuple[threading.Thread, ...]
    consumer: Worker | None
    broker: Broker | None

    def stop(self) -> None:
        """Gives back what is at work between two items, and waits until that is done."""
        self.stopping.set()
        BELL.ring()
        if self.consumer is not None:
            self.consumer.stop(timeout=int(_STOP_SECONDS * 1000))
        for thread in self.threads:
            thread.join(_STOP_SECONDS)
        if self.broker is not None:
            self.broker.close()


def start(settings: JobSettings, threads: int) -> Running:
    """Works with so many threads (0: sweeps and sends only). To be called after any fork; raises `delivery.BadAddress`."""
    stopping = threading.Event()
    if not settings.jobs_url:
        loops = [_thread(_loop, stopping, settings.poll_seconds, lambda: _work_next(settings, stopping)) for _ in range(threads)]
        return Running(stopping, (*loops, _thread(_loop, stopping, _SWEEP_EVERY, _sweeper(settings, None))), None, None)
    # A process without a broker has no use for its libraries.
    from service.jobs import delivery

    broker = delivery.broker(settings.jobs_url, lambda chunk: _deliver(settings, stopping, chunk))
    consumer = delivery.consumer(broker, threads) if threads else None
    if consumer is not None:
        consumer.start()
    return Running(stopping, (_thread(_loop, stopping, _SWEEP_EVERY, _sweeper(settings, broker)),), consumer, broker)


def _thread(target: Callable[..., None], *arguments: object) -> threading.Thread:
    found = threading.Thread(target=target, args=arguments, name="jobs", daemon=True)
    found.start()
    return found


def _loop(stopping: threading.Event, pause: float, step: Callable[[], bool]) -> None:
    """Steps until it has to stop; after one that found nothing to do, waits for a ring, or for the pause. Says once what the database lacks."""
    away = False
    while not stopping.is_set():
        heard = BELL.rings
        try:
            again, away = step(), False
        except UNAVAILABLE as error:
            if not away:
                _log.error("the database %s: %s", trouble(error), type(error).__name__)
            again, away = False, True
        if not again:
            BELL.wait(heard, pause)


def _work_next(settings: JobSettings, stopping: threading.Event) -> bool:
    engine = _engine(settings)
    lease = leases.claim_next(engine, settings) if engine is not None else None
    if engine is None or lease is None:
        return False
    work(engine, settings, lease, stopping)
    return True


def _deliver(settings: JobSettings, stopping: threading.Event, chunk: int) -> None:
    """What a message makes a worker do. Where the database cannot be used the message is over, and the sweep sends another one."""
    if stopping.is_set():
        return
    try:
        engine = opened(settings.database_url)
        lease = leases.claim(engine, settings, chunk)
        if lease is not None:
            work(engine, settings, lease, stopping)
            BELL.ring()
    except UNAVAILABLE as error:
        _log.error("chunk %d: the database %s: %s", chunk, trouble(error), type(error).__name__)


def _sweeper(settings: JobSettings, broker: Broker | None) -> Callable[[], bool]:
    """A step that sweeps once in a while, and sends what is unsent where there is a broker."""
    swept = 0.0

    def step() -> bool:
        nonlocal swept
        engine = _engine(settings)
        if engine is None:
            return False
        if time.monotonic() - swept >= _SWEEP_EVERY:
            swept = time.monotonic()
            sweep.sweep(engine, settings)
        if broker is not None:
            _send(engine, settings, broker)
            time.sleep(_SEND_EVERY)
        return False

    return step


def _engine(settings: JobSettings) -> Engine | None:
    """None where no process has made the database's file yet: then there are no jobs, and no need for one."""
    return opened(settings.database_url) if database.exists(settings.database_url) else None


def _send(engine: Engine, settings: JobSettings, broker: Broker) -> None:
    from service.jobs import delivery

    chunks = sweep.take_unsent(engine, settings)
    if not chunks:
        return
    try:
        delivery.send(broker, chunks)
    except delivery.UNAVAILABLE as error:
        _log.error("the broker is away: %s", type(error).__name__)
        sweep.not_sent(engine, chunks)
