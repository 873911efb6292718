"""Server programs that have an official image of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from service.image.model import BaseImage


@dataclass(frozen=True, slots=True)
class Server:
    """`package` is the distribution's; `conflicts` are words in a configuration that only the distribution's package understands; `roots` the
    directives that name folders it serves; `companions` globs of packages that only fit the distribution's package. The official image
    reads nothing in the folders `unread`, unless a `main` configuration of the author's own says so. Source and date: servers.json."""

    program: str
    package: str
    family: str
    musl: str
    glibc: str
    configuration: tuple[str, ...]
    roots: tuple[str, ...]
    conflicts: tuple[str, ...]
    companions: tuple[str, ...]
    unread: tuple[str, ...]
    main: str

    def reference(self, base: BaseImage) -> str | None:
        """The official image on the same distribution as `base`; None where its suite is not known."""
        if base.libc == "musl":
            return self.musl
        return self.glibc.format(suite=base.suite) if base.libc == "glibc" and base.suite else None


_ROWS = json.loads(files(__package__).joinpath("servers.json").read_text())["servers"]


def _server(row: Mapping[str, Any]) -> Server:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Server(**values)


SERVERS: tuple[Server, ...] = tuple(map(_server, _ROWS))
