"""Programs that install themselves by a script which a shell or an interpreter reads from a download (`curl ... | bash -`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Installer:
    """`addresses` are beginnings of the script's address; `phase` is an effect's; paths are like a rule's (`~/.x`, `${NAME:-default}`). Of `scratch`
    nothing ships; `serves` names packages that are the only reason for it; `bases` the families it is described for, empty for all. A `plain` one is
    described without arguments only, since they say where it writes. Source and date: installers.json."""

    addresses: tuple[str, ...]
    step: str
    ecosystem: str
    phase: str
    writes: tuple[str, ...] = ()
    scratch: tuple[str, ...] = ()
    caches: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    plain: bool = False


_ROWS = json.loads(files(__package__).joinpath("installers.json").read_text())["installers"]


def _installer(row: Mapping[str, Any]) -> Installer:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Installer(**values)


INSTALLERS: tuple[Installer, ...] = tuple(map(_installer, _ROWS))
BY_STEP: Mapping[str, Installer] = {row.step: row for row in INSTALLERS}


def installer_at(address: str) -> Installer | None:
    """The installer behind a download's address; None for a script that nobody described."""
    return next((row for row in INSTALLERS if any(_is(address, start) for start in row.addresses)), None)


def _is(address: str, start: str) -> bool:
    """A beginning that is a host alone ends there: `https://sh.rustup.rs.example.org` is somebody else's."""
    host_alone = start.count("/") == 2
    return address.startswith(start) and (not host_alone or address[len(start) :][:1] in ("", "/", "?"))
