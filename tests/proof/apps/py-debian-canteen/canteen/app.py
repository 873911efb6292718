"""The canteen's menus over HTTP, as a WSGI application."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    day = environ["PATH_INFO"].strip("/")
    file = Path("menus", f"{day or 'monday'}.yml")
    if not day.isalpha() and day or not file.is_file():
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"closed\n"]
    with file.open(encoding="utf-8") as text:
        menu = yaml.load(text, Loader=yaml.CSafeLoader)
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{meal}: {dish}\n".encode() for meal, dish in menu.items()]
