"""What starts a compiler while it runs, by language."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Compiling:
    """`tools` are `cc` (any C compiler) and `nvcc` (CUDA's toolkit): one of them is needed by `packages` when they are used, and by `calls` where
    the sources have them. Source and date: compiling.json."""

    language: str
    tools: tuple[str, ...]
    packages: tuple[str, ...]
    calls: tuple[str, ...]


@cache
def installing() -> frozenset[str]:
    """The ecosystems whose package managers call a compiler for packages that bring sources in C."""
    return frozenset(_data()["installing"]["ecosystems"])


@cache
def rows() -> tuple[Compiling, ...]:
    return tuple(Compiling(row["language"], tuple(row["tools"]), tuple(row["packages"]), tuple(row["calls"])) for row in _data()["rows"])


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files(__package__).joinpath("compiling.json").read_text())
    return found
