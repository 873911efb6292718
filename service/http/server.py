"""gunicorn's settings: `gunicorn -c python:service.http.server`. What may be chosen is in docs/configuration.md."""

from __future__ import annotations

import atexit
import gc
import logging
import os
import shutil
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from service.http import door, draining, memory
from service.http.metrics_folder import VARIABLE, prepare
from service.settings import BadSetting, Settings, unknown

try:
    SETTINGS = Settings.from_environment(os.environ)
except BadSetting as error:
    # A sentence instead of a traceback: what is wrong is not in the code.
    sys.exit(f"restage: {error}")

memory.settle()
# Before prometheus_client is loaded: it looks at the variable once.
os.environ[VARIABLE] = prepare(SETTINGS.metrics_folder)


def _remove_metrics(maker: int, folder: str) -> None:
    # A worker inherits this by its fork, and must not take the others' counts away.
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)


_ROUND_TRIP = 0.2
"""Seconds: more than a packet needs to any place on earth and back."""

if not SETTINGS.metrics_folder:
    atexit.register(_remove_metrics, os.getpid(), os.environ[VARIABLE])

wsgi_app = "service.http.server:application()"
bind = f"[{SETTINGS.host}]:{SETTINGS.port}" if ":" in SETTINGS.host and "[" not in SETTINGS.host else f"{SETTINGS.host}:{SETTINGS.port}"
workers = SETTINGS.workers
worker_class = "service.http.worker.Worker"
logger_class = "service.http.logs.GunicornLogger"
loglevel = SETTINGS.log_level
# The tables are read once and shared by the workers.
preload_app = True
threads = SETTINGS.threads
timeout = 30
graceful_timeout = max(1, round(SETTINGS.graceful_seconds))
keepalive = 5
max_requests = 10_000
max_requests_jitter = 1_000
# Build arguments in a query string may be long; this is the most that gunicorn takes.
limit_request_line = 8190
# The access log would write the query, which is the caller's input.
accesslog = None
# Heartbeat files belong in memory, and nothing may need a writable home folder.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
control_socket_disable = True


def application() -> Any:
    """What gunicorn serves. It is loaded while another thread unpacks the tables."""
    from service.warm import reading

    # `warm` turns it on again, when all that will stay is there.
    gc.disable()
    with reading():
        from service.http.app import configured

        return configured()


def on_starting(server: Any) -> None:
    """Before the door opens: it must not open to strangers, and every TERM but the last announces the end."""
    from service.http.access import NotProtected, check_exposure

    log = logging.getLogger("restage")
    for name in unknown(os.environ):
        log.warning("there is no setting %s; docs/configuration.md lists them", name)
    try:
        check_exposure(server.app.wsgi().config["RESTAGE_ACCESS"], [address[0] for address in server.cfg.address if isinstance(address, tuple)])
    except NotProtected as error:
        sys.exit(f"restage: {error}")
    server.handle_term = _drained(server, server.handle_term)


def _drained(server: Any, stop: Any) -> Any:
    """What the arbiter does on SIGTERM: says that it drains, lets a balancer see it for a while, and stops. A second SIGTERM does not wait."""

    def handle() -> None:
        waiting = SETTINGS.drain_seconds and not draining.on()
        draining.begin()
        if not waiting:
            _hold(server.LISTENERS)
            stop()
        # An alarm, not a thread or a sleep: the arbiter goes on to watch its workers, and may fork one.
        signal.signal(signal.SIGALRM, lambda number, frame: server.SIG_QUEUE.put_nowait(signal.SIGTERM))
        signal.setitimer(signal.ITIMER_REAL, SETTINGS.drain_seconds)

    return handle


def _hold(listeners: Any) -> None:
    held = [door.hold(listener.sock) for listener in listeners]
    if any(held):
        # Who had begun to connect needs one more round trip to be there.
        time.sleep(_ROUND_TRIP)


def child_exit(server: Any, worker: Any) -> None:
    from service.http import metrics

    metrics.bury(worker.pid)


def pre_fork(server: Any, worker: Any) -> None:
    """Where there may be jobs their libraries are read once, before the fork, as all tables are; elsewhere the start does not wait for them."""
    from service.jobs.background import wanted
    from service.jobs.settings import JobSettings

    if "service.http.jobviews" not in sys.modules and wanted(JobSettings.of(SETTINGS)):
        import_module("service.http.jobviews")
        import_module("service.jobs.runner")
        gc.freeze()


def post_worker_init(worker: Any) -> None:
    """What a fork has none of: threads that work on jobs or send them, and an account of its own memory."""
    from service.jobs.background import Background
    from service.jobs.settings import JobSettings

    worker.memory = memory.Watch(SETTINGS.worker_bytes)
    jobs = JobSettings.of(SETTINGS)
    worker.jobs = Background(jobs, 0 if jobs.jobs_url else jobs.threads)
    worker.jobs.start()


def post_request(worker: Any, request: Any, environment: Any, response: Any) -> None:
    worker.memory.answered(worker)


def worker_exit(server: Any, worker: Any) -> None:
    """What is at work goes back into the queue."""
    if hasattr(worker, "jobs"):
        worker.jobs.stop()


def when_ready(server: object) -> None:
    """Before the first worker is forked: the tables are read, and what is there stays out of the workers' garbage collections."""
    from service.warm import warm

    warm()
