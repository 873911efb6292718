"""Programs that came with packages which only served building: build-essential brings perl, and the program may be one in Perl."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

from service.ecosystems import ECOSYSTEMS
from service.image.effects import Act, Phase
from service.image.files import FileView
from service.image.history import below
from service.image.mentions import mentioned
from service.image.model import BaseImage
from service.image.program import Program
from service.image.toolchains import called, explained
from service.image.unpacked import UNPACKING
from service.knowledge import apt
from service.knowledge.programs import package_of

_WITH_COMPILERS = next(one for one in ECOSYSTEMS if apt.WITH_COMPILERS in one.interpreters)


def company(
    gone: Iterable[str], stays: Iterable[str], bases: tuple[BaseImage, BaseImage], acts: Iterable[Act], program: Program, view: FileView
) -> Mapping[str, str]:
    """Packages that Debian installs with those that are `gone` alone and that hold what the program is started with, each with the program.
    `stays` are the packages that are installed all the same, `bases` the old image and the new one."""
    gone, (old, new) = sorted(gone), bases
    names = sorted(_started(acts, program, view) - new.programs)
    wanted = {package: name for name in names if (package := package_of(name, "apt")) is not None}
    there = (new.packages or frozenset()) | frozenset(stays)
    wanted = {package: name for package, name in wanted.items() if package not in there and package not in (old.packages or ())}
    if not gone or not wanted or new.libc != "glibc":
        return {}
    table = apt.table(old.suite) or apt.table(apt.NEIGHBOUR)
    assert table is not None
    left = frozenset(table.closure(gone)) - frozenset(table.closure(sorted(there)))
    return {package: name for package, name in wanted.items() if package in left}


def _started(acts: Iterable[Act], program: Program, view: FileView) -> frozenset[str]:
    """What the program calls, and the interpreters of the languages whose packages it has and uses."""
    acts = tuple(acts)
    installed = {act.ecosystem for act in acts if act.phase is Phase.INSTALL}
    languages = (one.interpreters for one in ECOSYSTEMS if one.name in installed and called(one, program, view, acts))
    # A program that was unpacked may be in the one language that compilers come with.
    made = {posixpath.basename(write.path) for act in acts if act.step not in UNPACKING for write in act.writes}
    untold = any(call.name not in made and not explained(call, view, acts, _WITH_COMPILERS) for call in program.calls)
    unpacked = {apt.WITH_COMPILERS} if untold and _unpacked(acts) else set()
    return mentioned(program, view) | {name for names in languages for name in names} | unpacked


def _unpacked(acts: tuple[Act, ...]) -> bool:
    """Whether an archive was unpacked that nothing is compiled in."""
    built = [act.cwd for act in acts if act.phase is Phase.BUILD]
    trees = (write.path for act in acts if act.step in UNPACKING for write in act.writes)
    return any(not any(below(folder, path) for folder in built) for path in trees)
