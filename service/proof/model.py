"""What a proof asks for and what it found. Times are seconds, sizes bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["equal", "licensed", "different", "unprovable"]
Outcome = Literal["equivalent", "different", "unproved"]
EXIT: Mapping[Outcome, int] = {"equivalent": 0, "different": 1, "unproved": 2}


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """A request to a port inside the container's network namespace, and what the original must answer for the probe to count."""

    port: int
    path: str = "/"
    method: str = "GET"
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    contains: str = ""

    @property
    def name(self) -> str:
        return f"{self.method} :{self.port}{self.path}"


@dataclass(frozen=True, slots=True)
class RunProbe:
    """One run of the image with these arguments behind its name, and what the original must answer for the probe to count."""

    arguments: tuple[str, ...] = ()
    exit: int | None = None
    contains: str = ""

    @property
    def name(self) -> str:
        return f"run {' '.join(self.arguments)}".strip()


Probe = HttpProbe | RunProbe


@dataclass(frozen=True)
class Plan:
    """How a pair of images is to be asked. `edit` is a source file of the context that a developer would touch, `comment` how a comment starts
    in it; without it no rebuild is timed. `settle` is how long an image without HTTP probes is watched, `ready` how long a port may take."""

    probes: tuple[Probe, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    build_args: Mapping[str, str] = field(default_factory=dict)
    edit: str = ""
    comment: str = "#"
    settle: float = 3.0
    ready: float = 30.0


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a build as BuildKit's plain progress names it: `[build 3/6] RUN make`."""

    name: str
    cached: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Build:
    """One `docker build`. `image` is its name in the engine, empty where it failed; `log` the last lines of its output."""

    image: str
    seconds: float
    steps: tuple[Step, ...]
    log: str = ""
    note: str = ""

    @property
    def ok(self) -> bool:
        return bool(self.image)

    @property
    def rebuilt(self) -> tuple[str, ...]:
        """The steps that ran, neither cached nor internal; a base image is only looked up."""
        ran = (step.name for step in self.steps if not step.cached and not step.name.startswith(("[internal]", "exporting")))
        return tuple(name for name in ran if not name.partition("] ")[2].startswith("FROM "))


@dataclass(frozen=True, slots=True)
class Answer:
    """What one probe got: an HTTP status or an exit code, the body or output, the content type and the other headers, in lower case; `error` where
    nothing answered."""

    code: int | None
    body: bytes = b""
    kind: str = ""
    error: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison. `unprovable` says that the original itself gives nothing to compare with."""

    name: str
    level: Level
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Weight:
    """An image's size: unpacked, compressed layer by layer (None where it was not measured), and its number of layers."""

    unpacked: int
    layers: int
    compressed: int | None = None


@dataclass(frozen=True, slots=True)
class Estimated:
    """What was estimated before anything was built: the whole image's (low, mid, high) and the part of `mid` that is its base image."""

    low: int
    mid: int
    high: int
    base: int


@dataclass(frozen=True)
class Proof:
    """Everything that was measured. `before` and `after` are cold builds, `rebuilds` the pairs after an edited source file, `weights`,
    `bases` and `estimates` are (before, after). `bases` are the unpacked sizes of the base images, None where the engine does not list one."""

    outcome: Outcome
    checks: tuple[Check, ...]
    before: Build | None = None
    after: Build | None = None
    rebuilds: tuple[tuple[Build, Build], ...] = ()
    weights: tuple[Weight, Weight] | None = None
    bases: tuple[int | None, int | None] = (None, None)
    estimates: tuple[Estimated, Estimated] | None = None
    opened: int | None = None
    """How many of the original's files its program opened, where that was traced."""


def outcome_of(checks: tuple[Check, ...]) -> Outcome:
    """A difference outweighs a doubt."""
    levels = {check.level for check in checks}
    return "different" if "different" in levels else "unproved" if "unprovable" in levels or not levels else "equivalent"
