"""Rate limits for `/v1`, by caller, with the headers of draft-ietf-httpapi-ratelimit-headers and `Retry-After` on a 429."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from service.http import metrics
from service.http.access import account
from service.http.settings import Settings

if TYPE_CHECKING:
    from flask_limiter import Limiter, RequestLimit

_log = logging.getLogger("restage")
# A store that does not answer must not make every request wait, in seconds.
_TIMEOUTS: Mapping[str, Any] = {"socket_connect_timeout": 0.25, "socket_timeout": 0.5}


def install(app: Flask, settings: Settings) -> None:
    """While the store is down each process counts for itself: a limit that is too generous for a while is better than a service that is down.
    The log says so once, and `restage_rate_limit_store_down` as long as it lasts."""
    if not settings.rate_limit:
        return
    from flask_limiter import Limiter

    limiter = Limiter(
        lambda: account(request),
        app=app,
        application_limits=[settings.rate_limit],
        storage_uri=settings.rate_limit_url or "memory://",
        storage_options=dict(_TIMEOUTS) if settings.rate_limit_url else {},
        strategy="fixed-window",
        key_prefix="restage",
        headers_enabled=False,
        in_memory_fallback_enabled=bool(settings.rate_limit_url),
    )
    limiter.request_filter(_exempt)
    app.after_request(lambda response: _tell(limiter, response))


def _exempt() -> bool:
    return request.method == "OPTIONS" or not request.path.startswith("/v1/")


def _tell(limiter: Limiter, response: Response) -> Response:
    metrics.RATE_LIMIT_STORE_DOWN.set(limiter.limiter.storage is not limiter.storage)
    try:
        states = [_state(limit) for limit in limiter.current_limits]
    except Exception as error:  # Whatever the store's library raises: the answer itself is ready and good.
        _log.warning("the rate limit's state cannot be read: %s", type(error).__name__)
        return response
    if states:
        response.headers["RateLimit-Policy"] = ", ".join(f'"{state["name"]}";q={state["quota"]};w={state["window"]}' for state in states)
        response.headers["RateLimit"] = ", ".join(f'"{state["name"]}";r={state["left"]};t={state["reset"]}' for state in states)
    if response.status_code == 429:
        spent = [int(state["reset"]) for state in states if state["left"] == 0]
        response.headers["Retry-After"] = str(max([1, *spent]))
    return response


def _state(limit: RequestLimit) -> Mapping[str, int | str]:
    """Seconds and requests. A name stands for the policy in both headers."""
    item = limit.limit
    name = f"per-{item.multiples if item.multiples > 1 else ''}{item.GRANULARITY.name}"
    # The store rounds the end of a window up: no window takes longer than itself.
    reset = min(item.get_expiry(), max(0, round(limit.reset_at - time.time())))
    return {"name": name, "quota": item.amount, "window": item.get_expiry(), "left": max(0, limit.remaining), "reset": reset}


