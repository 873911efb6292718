"""What verification answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["proved", "assumed", "failed"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One key of the image configuration that differs (`ENV GOLANG_VERSION`, `WorkingDir`), and the licence for it."""

    key: str
    before: str | None
    after: str | None
    because: str


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A path, package or user that the new image lacks, and the reason from the closed list."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`failures` is empty unless `level` is `failed`."""

    level: Level
    differences: tuple[Difference, ...] = ()
    left_behind: tuple[LeftBehind, ...] = ()
    assumptions: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
