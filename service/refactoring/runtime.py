"""What the runtime stage is made of while it is put together, and the state that its lines stand in."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.dockerfile.model import Instruction
from service.image.model import BaseImage
from service.refactoring.cut import Head
from service.refactoring.facts import Facts
from service.refactoring.install import Install
from service.refactoring.packages import Choice

_FOLDED = ("SHELL", "USER", "WORKDIR")


@dataclass(frozen=True, slots=True)
class Carried:
    """A line of the runtime stage. `index` is the author's line (in the stage) that it comes from; `move` says that it leaves the build stage;
    else `text` is a new or repeated instruction. A line that installs names its `packages` and says how (`install`)."""

    index: int
    because: str
    code: str
    text: str = ""
    move: bool = False
    packages: tuple[str, ...] = ()
    install: Install | None = None


@dataclass(slots=True)
class Runtime:
    """What the runtime stage is made of. `owners` maps a kept path to its `user:group`; `programs` are called and `installed` are packages
    of the repeated lines; `runs` counts them. `late` lines follow the copies."""

    base: BaseImage
    carried: list[Carried] = field(default_factory=list)
    dropped: list[Choice] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    programs: set[str] = field(default_factory=set)
    installed: set[str] = field(default_factory=set)
    late: list[Carried] = field(default_factory=list)
    runs: int = 0
    removals: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """By an act's `id`: what it deletes of the base or of a package."""


def ensure(index: int, head: Head, facts: Facts, runtime: Runtime, emitted: dict[str, Instruction], skip: str = "") -> None:
    """SHELL, USER and WORKDIR as they stand before a line, repeated in the author's order where the runtime stage does not have them yet."""
    latest: dict[str, tuple[int, Instruction]] = {}
    for position, item, _ in head.lines:
        if position >= index:
            break
        if item.keyword in _FOLDED:
            latest[item.keyword] = (position, item)
    for position, item in sorted(latest.values(), key=lambda found: found[0]):
        if emitted.get(item.keyword) is item or item.keyword == skip:
            continue
        emitted[item.keyword] = item
        text = item.text
        if item.keyword == "WORKDIR" and not item.rest.strip().startswith(("/", "$")) and not _same_place(position, head, facts, runtime):
            text = f"{item.word} {folder_after(position, facts)}"
        runtime.carried.append(Carried(position, f"{item.keyword} belongs to the image that ships", "repeated-state", text))


def _same_place(position: int, head: Head, facts: Facts, runtime: Runtime) -> bool:
    """Whether a relative WORKDIR means the same folder in the runtime stage: the first of the file, where both bases are known to start there."""
    old, new = facts.final.state.base, runtime.base
    first = not any(item.keyword == "WORKDIR" for place, item, _ in head.lines if place < position)
    return first and bool(old.source and new.source) and old.config.workdir == new.config.workdir


def folder_after(position: int, facts: Facts) -> str:
    scopes = facts.final.state.scopes
    return scopes[position + 1].workdir if position + 1 < len(scopes) else facts.image.config.workdir
