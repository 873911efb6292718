"""gunicorn's settings: `gunicorn -c python:service.http.server`. `HOST`, `PORT`, `WORKERS` and `THREADS` come from the environment."""

from __future__ import annotations

import os
from pathlib import Path

wsgi_app = "service.http.app:configured()"
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8080')}"
workers = int(os.environ.get("WORKERS", "2"))
worker_class = "gthread"
# The tables are read once and shared by the workers.
preload_app = True
threads = int(os.environ.get("THREADS", "4"))
timeout = 30
graceful_timeout = 10
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


def when_ready(server: object) -> None:
    """Before the first worker is forked: the tables are read, and what is there stays out of the workers' garbage collections."""
    from service.warm import warm

    warm()
