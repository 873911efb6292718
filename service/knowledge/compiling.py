"""What starts a compiler while it runs, by language."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Compiling:
    """`tools` are `cc` (any C compiler) and `nvcc` (CUDA's toolkit): one of them is needed by `packages` when they are used, and by `calls` where
    the sources have them. Source and date: compiling.json."""

    language: str
    tools: tuple[str, ...]
    packages: tuple[str, ...]
    calls: tuple[str, ...]


@cache
def rows() -> tuple[Compiling, ...]:
    found = json.loads(files(__package__).joinpath("compiling.json").read_text())["rows"]
    return tuple(Compiling(row["language"], tuple(row["tools"]), tuple(row["packages"]), tuple(row["calls"])) for row in found)
