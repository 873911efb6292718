"""Which ecosystems an application of `tests/proof/apps` proves by real builds: proven.json, printed by `python -m service.proof.proven`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files

PROVEN: Mapping[str, tuple[str, ...]] = {
    name: tuple(apps) for name, apps in json.loads(files(__package__).joinpath("proven.json").read_text())["apps"].items()
}
"""Names of ecosystems to those of the applications; an ecosystem without one rests on analysis alone."""
