"""What a refactoring asks for and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from service.image.image import Image
from service.image.verdict import Difference, LeftBehind, Level, Verdict
from service.quick import quick

__all__ = ["Difference", "LeftBehind", "Level", "Options", "Outcome", "Refactoring", "Remark", "StageSummary", "Verdict"]

Outcome = Literal["split", "improved", "unchanged"]


@dataclass(frozen=True)
class Options:
    """What the caller may choose. `only`, `skip` and `also` are pass names, `also` those that run only when asked for; `build_args` fill ARGs;
    `builder` `any` allows no mounts or heredocs; `digests` maps a base image as written to the digest that a registry gave for it."""

    runtime: Literal["auto", "same", "slim", "alpine", "distroless", "scratch"] = "auto"
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    strict: bool = False
    builder: Literal["buildkit", "any"] = "buildkit"
    build_args: Mapping[str, str] = field(default_factory=dict)
    platform: str = "linux/amd64"
    filename: str = "Dockerfile"
    digests: Mapping[str, str] = field(default_factory=dict)


@quick
@dataclass(frozen=True, slots=True)
class Remark:
    """Why something was or was not done. `before` and `after` are line ranges (1-based, inclusive) in the two files.
    `kind`: `passed` an edit, `missed` a decline, `analysis` an observation, `reverted` a candidate that did not verify."""

    kind: Literal["passed", "missed", "analysis", "reverted"]
    by: str
    code: str
    because: str
    before: tuple[int, int] | None = None
    after: tuple[int, int] | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageSummary:
    name: str
    base: str
    role: Literal["build", "runtime"]
    first_line: int
    last_line: int


@dataclass(frozen=True)
class Refactoring:
    """The answer. `source` and `dockerfile` are the texts before and after; `before` and `after` their interpretations, for the report."""

    outcome: Outcome
    source: str
    dockerfile: str
    stages: tuple[StageSummary, ...]
    remarks: tuple[Remark, ...]
    missing_context: tuple[str, ...]
    verdict: Verdict
    before: Image
    after: Image
    options: Options
