"""Log lines as JSON, one an event, on standard error: ours, gunicorn's, and those of the libraries.

What a caller sent is in none of them. That is why an exception is written as its type and the places in the code, never with its message.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

Event = MutableMapping[str, Any]
_FRAMES = 12


def configure(level: str) -> None:
    """For a process that serves. What libraries say below a warning is left out: some of it quotes addresses or queries."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter())
    # What no line says is not found out for each (the Python documentation's "Optimization" of logging).
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in ("restage", "gunicorn.error"):
        logging.getLogger(name).setLevel(level.upper())


def _formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
        ],
        processors=[_placed, structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(ensure_ascii=False)],
    )


def _placed(logger: object, method: str, event: Event) -> Event:
    """The exception's type and where it came from."""
    found = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if isinstance(found, tuple) and found[0] is not None:
        event["exception"] = found[0].__name__
        event["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(traceback.extract_tb(found[2])[-_FRAMES:])]
    return event


class GunicornLogger(Logger):
    """gunicorn's lines through the same formatter; its access log stays off, since it would write the query."""

    def setup(self, cfg: Any) -> None:
        from service.http.server import SETTINGS

        super().setup(cfg)
        self.error_log.handlers = []
        self.error_log.propagate = True
        configure(SETTINGS.log_level)
