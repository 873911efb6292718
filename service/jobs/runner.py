"""The threads of one process: those that work, and the one that sweeps and sends."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from dramatiq import Broker, Worker
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from service.jobs import delivery, leases, sweep
from service.jobs.bell import BELL
from service.jobs.settings import JobSettings
from service.jobs.transactions import opened
from service.jobs.work import work

_log = logging.getLogger("restage.jobs")
# Jobs expire by the hour: looking for them seldom is often enough. In seconds.
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
        loops = [_thread(_work_loop, settings, stopping) for _ in range(threads)]
        return Running(stopping, (*loops, _thread(_sweep_loop, settings, stopping, None)), None, None)
    broker = delivery.broker(settings.jobs_url, lambda chunk: _deliver(settings, stopping, chunk))
    consumer = delivery.consumer(broker, threads) if threads else None
    if consumer is not None:
        consumer.start()
    return Running(stopping, (_thread(_sweep_loop, settings, stopping, broker),), consumer, broker)


def _thread(target: Callable[..., None], *arguments: object) -> threading.Thread:
    found = threading.Thread(target=target, args=arguments, name=f"jobs-{target.__name__.strip('_')}", daemon=True)
    found.start()
    return found


def _deliver(settings: JobSettings, stopping: threading.Event, chunk: int) -> None:
    """What a message makes a worker do. The database's errors are logged: the message is over, and the sweep sends another one."""
    if stopping.is_set():
        return
    try:
        engine = opened(settings.database_url)
        lease = leases.claim(engine, settings, chunk)
        if lease is not None:
            work(engine, settings, lease, stopping)
            BELL.ring()
    except SQLAlchemyError as error:
        _log.error("chunk %d: the database is away: %s", chunk, type(error).__name__)


def _work_loop(settings: JobSettings, stopping: threading.Event) -> None:
    while not stopping.is_set():
        heard = BELL.rings
        try:
            engine = opened(settings.database_url)
            lease = leases.claim_next(engine, settings)
            if lease is not None:
                work(engine, settings, lease, stopping)
                continue
        except SQLAlchemyError as error:
            _log.error("the database is away: %s", type(error).__name__)
        BELL.wait(heard, settings.poll_seconds)


def _sweep_loop(settings: JobSettings, stopping: threading.Event, broker: Broker | None) -> None:
    """Sweeps once in a while; where there is a broker, also sends when rung for."""
    swept = 0.0
    while not stopping.is_set():
        heard = BELL.rings
        try:
            engine = opened(settings.database_url)
            if time.monotonic() - swept >= _SWEEP_EVERY:
                swept = time.monotonic()
                sweep.sweep(engine, settings)
            if broker is not None:
                _send(engine, settings, broker)
        except SQLAlchemyError as error:
            _log.error("the database is away: %s", type(error).__name__)
        if broker is None:
            stopping.wait(_SWEEP_EVERY)
        elif not stopping.wait(_SEND_EVERY):
            BELL.wait(heard, _SWEEP_EVERY)


def _send(engine: Engine, settings: JobSettings, broker: Broker) -> None:
    chunks = sweep.take_unsent(engine, settings)
    if not chunks:
        return
    try:
        delivery.send(broker, chunks)
    except delivery.UNAVAILABLE as error:
        _log.error("the broker is away: %s", type(error).__name__)
        sweep.not_sent(engine, chunks)
