"""ENV that base images set, in three classes: informational, toolchain, behaviour."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Literal

from service.dockerfile.patterns import glob_matches

_DATA = json.loads(files(__package__).joinpath("environment.json").read_text())

Class = Literal["informational", "toolchain", "behaviour", "unknown"]


def kind(name: str) -> Class:
    """`behaviour` is kept on a change of base; `toolchain` goes unless the program reads it; `informational` goes. Source: environment.json."""
    if name in _DATA["behaviour"]:
        return "behaviour"
    if name in _DATA["toolchain"]:
        return "toolchain"
    return "informational" if any(glob_matches(pattern, name) for pattern in _DATA["informational"]) else "unknown"
