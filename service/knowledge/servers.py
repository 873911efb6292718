"""Server programs that have an official image of their own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

from service.image.model import BaseImage


@dataclass(frozen=True, slots=True)
class Server:
    """`package` is the distribution's; `conflicts` are words in a configuration that only the distribution's package understands; `roots` the
    directives that name folders it serves. Source and date: servers.json."""

    program: str
    package: str
    family: str
    musl: str
    glibc: str
    configuration: tuple[str, ...]
    roots: tuple[str, ...]
    conflicts: tuple[str, ...]

    def reference(self, base: BaseImage) -> str | None:
        """The official image on the same distribution as `base`; None where its suite is not known."""
        if base.libc == "musl":
            return self.musl
        return self.glibc.format(suite=base.suite) if base.libc == "glibc" and base.suite else None


_ROWS = json.loads(files(__package__).joinpath("servers.json").read_text())["servers"]
SERVERS: tuple[Server, ...] = tuple(
    Server(
        **{name: row[name] for name in ("program", "package", "family", "musl", "glibc")},
        **{name: tuple(row[name]) for name in ("configuration", "roots", "conflicts")},
    )
    for row in _ROWS
)
