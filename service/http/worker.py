"""gunicorn's worker, with four differences: while the service drains it closes connections after their answer; now and then it closes one, so that
callers spread over all workers; when the service stops it first takes what the kernel has already accepted for it; and what is no HTTP is answered
as a problem document and logged without a word of it.
"""

from __future__ import annotations

import json
from typing import Any

from gunicorn import util  # type: ignore[import-untyped]
from gunicorn.http import errors  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from service.http import draining
from service.http.problems import MEDIA_TYPE

# What cannot be read or answered, and the status for it; the first that fits.
_STATUS: tuple[tuple[type[Exception], int, str], ...] = (
    # A header that the application made is no fault of the client's, though it is of a kind with theirs.
    (errors.InvalidResponseHeader, 500, "Internal Server Error"),
    (errors.InvalidResponseHeaderName, 500, "Internal Server Error"),
    (errors.LimitRequestLine, 414, "URI Too Long"),
    (errors.LimitRequestHeaders, 431, "Request Header Fields Too Large"),
    (errors.UnsupportedTransferCoding, 501, "Not Implemented"),
    (errors.ExpectationFailed, 417, "Expectation Failed"),
    (errors.ConfigurationProblem, 500, "Internal Server Error"),
    (errors.ForbiddenProxyRequest, 403, "Forbidden"),
    (errors.ParseException, 400, "Bad Request"),
)


_SPREAD = 100
"""One answer in so many ends its connection. Callers that keep theirs for good would all stay with the worker that was there when another was
replaced."""


class Worker(ThreadWorker):
    @property
    def max_keepalived(self) -> int:
        """How many idle connections may stay open: none while draining, so that every answer says `Connection: close` and callers move on, and none
        for one answer in `_SPREAD`."""
        return 0 if draining.on() or self.nr % _SPREAD == 0 else self._max_keepalived

    @max_keepalived.setter
    def max_keepalived(self, value: int) -> None:
        self._max_keepalived = value

    def set_accept_enabled(self, enabled: bool) -> None:
        """Before a stopping service closes its door it takes in who stands there: the kernel accepted them, and closing would reset them."""
        leaving = not enabled and not self.alive and draining.on()
        if leaving:
            for listener in self.sockets:
                self._take_in(listener)
        super().set_accept_enabled(enabled)
        if leaving:
            for listener in self.sockets:
                listener.close()

    def _take_in(self, listener: Any) -> None:
        before = -1
        while before < self.nr_conns < self.worker_connections:
            before = self.nr_conns
            self.accept(listener)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """gunicorn's own would quote the request in the log and in the answer."""
        status, phrase = next(((code, text) for kind, code, text in _STATUS if isinstance(exc, kind)), (500, "Internal Server Error"))
        if status == 500:
            self.log.exception("a request failed outside the application")
        else:
            self.log.warning("a request that is no HTTP: %s", type(exc).__name__)
        slug = phrase.lower().replace(" ", "-")
        detail = "The server cannot read this as HTTP."
        body = json.dumps({"type": f"urn:restage:problem:{slug}", "title": phrase, "status": status, "detail": detail})
        head = f"HTTP/1.1 {status} {phrase}\r\nConnection: close\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body) + 1}\r\n\r\n"
        try:
            util.write_nonblock(client, f"{head}{body}\n".encode("latin-1"))
        except OSError:
            self.log.debug("the client went away")
