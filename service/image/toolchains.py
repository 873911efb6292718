"""System packages that are one language's toolchain, in an image that ends up running another language: Debian's npm under a PHP program."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from service.ecosystems import ECOSYSTEMS, Ecosystem
from service.image.effects import Act, Phase
from service.image.files import FileView
from service.image.mentions import mentioned
from service.image.model import BaseImage
from service.image.program import Program

_WORKING = frozenset({Phase.INSTALL, Phase.BUILD})


def idle(package: str, base: BaseImage, acts: Iterable[Act], program: Program, view: FileView) -> str | None:
    """Why a package only served the build, though it is no compiler; None where the program may need it. `acts` are those of the original."""
    owner = next((one for one in ECOSYSTEMS if any(fnmatchcase(package, pattern) for pattern in one.toolchain)), None)
    acts = tuple(acts)
    if owner is not None and base.family in owner.images and not _by_path(owner, program, acts):
        return f"{base.reference} has its own {owner.name}: {package} only serves building"
    if owner is not None and _called(owner, program, view, acts):
        return None
    if owner is not None and any(act.ecosystem == owner.name and act.phase in _WORKING for act in acts):
        return f"{package} built something; nothing in the image runs {owner.name}"
    helped = next((one for one in ECOSYSTEMS if package in one.build_packages), None)
    installs = helped is not None and any(act.ecosystem == helped.name and act.phase is Phase.INSTALL for act in acts)
    if helped is not None and installs and (owner is None or not _has_sources(owner, view)):
        return f"{package} compiles native {helped.name} packages; nothing in the image runs it"
    return None


def _by_path(owner: Ecosystem, program: Program, acts: tuple[Act, ...]) -> bool:
    """Whether Debian's own interpreter is started by its path."""
    started = (*program.started(), *(act.words[0] or "" for act in acts if act.words))
    return any(path.startswith("/usr/bin/") and path.rsplit("/", 1)[-1].startswith(owner.interpreters) for path in started)


def _called(owner: Ecosystem, program: Program, view: FileView, acts: tuple[Act, ...]) -> bool:
    names = mentioned(program, view) | {(act.words[0] or "").rsplit("/", 1)[-1] for act in acts if act.phase is Phase.RUN and act.words}
    return any(name.startswith(owner.interpreters) for name in names) or bool(names & frozenset(owner.runners))


def _has_sources(owner: Ecosystem, view: FileView) -> bool:
    """Whether the context may hold a program in the package's language, which could be started without its interpreter's name."""
    return not view.context.complete or any(path.endswith(owner.source_endings) for path in view.context.files)
