"""One log line and one count for each request, when its last byte is handed over."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator

from flask import Flask, Request, Response, g, request

from service.http import metrics
from service.http.settings import Settings

_log = logging.getLogger("restage.request")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def install(app: Flask, settings: Settings) -> None:
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.perf_counter()
    metrics.IN_FLIGHT.inc()


def _end(response: Response) -> Response:
    """Neither the path nor any other word of the caller's is written: the route's rule says enough, and a path may be a secret typed wrongly."""
    began: float = g.pop("began", time.perf_counter())
    line = {
        "method": method_of(request),
        "route": route_of(request),
        "status": response.status_code,
        "bytes_in": request.content_length or 0,
        "outcome": response.headers.get("Restage-Outcome") or g.get("problem", ""),
        "request_id": g.request_id,
        "key": g.caller.id if "caller" in g else "",
    }

    def finish(sent: int) -> None:
        seconds = time.perf_counter() - began
        metrics.IN_FLIGHT.dec()
        metrics.REQUESTS.labels(line["method"], line["route"], str(line["status"])).inc()
        metrics.SECONDS.labels(line["route"]).observe(seconds)
        _log.info("request", extra={**line, "bytes_out": sent, "milliseconds": round(seconds * 1000, 3)})

    if response.is_streamed:
        # Its length is known, and its time over, when it ends.
        response.response = _Counted(response.response, finish)  # type: ignore[assignment]
    else:
        finish(0 if request.method == "HEAD" else response.calculate_content_length() or 0)
    return response


def method_of(asked: Request) -> str:
    return asked.method if asked.method in _METHODS else "_OTHER"


def route_of(asked: Request) -> str:
    return asked.url_rule.rule if asked.url_rule else "unmatched"


class _Counted:
    """A body that is made while it is sent. `close` comes from the server, at the end or where the caller went away."""

    def __init__(self, parts: Iterable[bytes | str], finish: Callable[[int], None]) -> None:
        self._parts, self._finish, self._sent = parts, finish, 0

    def __iter__(self) -> Iterator[bytes | str]:
        for part in self._parts:
            self._sent += len(part)
            yield part

    def close(self) -> None:
        close = getattr(self._parts, "close", None)
        if close:
            close()
        self._finish(self._sent)
