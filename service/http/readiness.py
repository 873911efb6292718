"""GET /readyz: whether a balancer should send requests here. What the service needs is asked at most once a second, and never waited for long."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from flask import Flask, Response, current_app, jsonify
from flask_smorest import Blueprint

from service.http import draining
from service.http.access import Access
from service.http.responses import ReadinessSchema
from service.http.settings import Settings

blueprint = Blueprint("readiness", __name__, description="Running the service")
_log = logging.getLogger("restage")
FRESH_SECONDS = 1.0
WAIT_SECONDS = 1.0
_EXAMPLE = {"status": "ready", "checks": {"database": "ok"}}


@dataclass(frozen=True)
class Check:
    """Something the service talks to. `ask` returns where it answers and raises where it does not; without one that is not `required` the
    service goes on, less well."""

    ask: Callable[[], object]
    required: bool = True


@dataclass
class Board:
    """The checks by name, and what they last said. Another room adds its own: `app.config["RESTAGE_CHECKS"].checks["broker"] = Check(...)`."""

    checks: dict[str, Check] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)
    _until: float = 0.0
    _lock: Lock = field(default_factory=Lock)
    _asking: dict[str, Future[object]] = field(default_factory=dict)
    _threads: ThreadPoolExecutor | None = None

    def look(self) -> Mapping[str, str]:
        """`ok` or `failed` by name. One thread asks; who comes meanwhile waits for it and takes what it heard."""
        if not self.checks:
            return {}
        with self._lock:
            if time.monotonic() >= self._until:
                self._said = self._ask()
                self._until = time.monotonic() + FRESH_SECONDS
            return self._said

    def _ask(self) -> dict[str, str]:
        # A check that hangs keeps its thread and is not started again until it ends. Threads start here, in the worker: none survives a fork.
        self._threads = self._threads or ThreadPoolExecutor(max_workers=8, thread_name_prefix="readiness")
        for name, check in self.checks.items():
            if name not in self._asking:
                self._asking[name] = self._threads.submit(check.ask)
        until = time.monotonic() + WAIT_SECONDS
        return {name: self._heard(name, until) for name in self.checks}

    def _heard(self, name: str, until: float) -> str:
        try:
            self._asking[name].result(timeout=max(0.0, until - time.monotonic()))
        except TooLate:
            return "failed"
        except Exception as error:  # Whatever its library raises: it does not answer.
            _log.warning("not ready: %s failed with %s", name, type(error).__name__)
            del self._asking[name]
            return "failed"
        del self._asking[name]
        return "ok"


@blueprint.route("/readyz")
@blueprint.response(200, ReadinessSchema, description="Requests are welcome.", example=_EXAMPLE)
@blueprint.alt_response(
    503,
    schema=ReadinessSchema,
    description="Send no requests: the service is about to stop, or something it needs does not answer.",
    example={"status": "draining", "checks": {}},
)
def readyz() -> Response:
    """Say whether requests are welcome."""
    board: Board = current_app.config["RESTAGE_CHECKS"]
    if draining.on():
        return _answer("draining", {}, 503)
    said = board.look()
    failed = {name for name, state in said.items() if state != "ok"}
    if any(board.checks[name].required for name in failed):
        return _answer("unavailable", said, 503)
    return _answer("degraded" if failed else "ready", said, 200)


def _answer(status: str, checks: Mapping[str, str], code: int) -> Response:
    response: Response = jsonify({"status": status, "checks": dict(checks)})
    response.status_code = code
    response.headers["Cache-Control"] = "no-store"
    return response


def install(app: Flask, settings: Settings, access: Access) -> None:
    """The database is needed where one is named or keys are checked. The rate limits' store is not: without it each process counts for itself."""
    board = Board()
    app.config["RESTAGE_CHECKS"] = board
    if settings.database_url or (access.required and not settings.oidc_issuer):
        board.checks["database"] = Check(lambda: _ask_database(settings.database))
    if settings.rate_limit and settings.rate_limit_url:
        board.checks["rate_limit"] = Check(lambda: _ask_redis(settings.rate_limit_url), required=False)


def _ask_database(address: str) -> None:
    from service import database

    with database.engine(address).connect() as connection:
        connection.exec_driver_sql("SELECT 1")


def _ask_redis(address: str) -> Any:
    import redis

    with redis.Redis.from_url(address, socket_connect_timeout=WAIT_SECONDS, socket_timeout=WAIT_SECONDS) as client:
        return client.ping()
