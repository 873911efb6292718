"""Where a stage's build ends, and what each of its lines is for."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass

from service.dockerfile.model import Instruction
from service.image.effects import Act, Layer, Phase
from service.image.history import below, touches
from service.image.packagesources import only_sources
from service.image.removed import forced
from service.image.unpacked import UNPACKING
from service.refactoring.facts import Facts

BUILDING = frozenset({Phase.INSTALL, Phase.BUILD, Phase.PRUNE})
METADATA = frozenset({"LABEL", "EXPOSE", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "CMD", "ENTRYPOINT", "MAINTAINER"})
STATE = frozenset({"ENV", "ARG", "WORKDIR", "USER", "SHELL"})
IN_PLACE = frozenset({"mkdir", "install -d", "chmod", "chown", "touch", "ln", "sed", "setcap", "redirect", "tee", "truncate", "dos2unix"})
"""Steps of the files table that change a path where it lies: they run again; the others (cp, mv, tar) make something to copy."""

ARCHIVES = (".tar", ".tgz", ".tar.gz", ".txz", ".tar.xz", ".tar.bz2", ".tar.zst", ".zip", ".jar", ".war")


@dataclass(frozen=True, slots=True)
class Head:
    """The part of the stage up to its last build command: (index in the stage, instruction, layer)."""

    cut: int
    lines: tuple[tuple[int, Instruction, Layer | None], ...]
    tail: tuple[tuple[int, Instruction, Layer | None], ...]

    @property
    def runs(self) -> tuple[tuple[int, Layer], ...]:
        return tuple((index, layer) for index, item, layer in self.lines if layer is not None and item.keyword == "RUN")


def head_of(facts: Facts) -> Head | None:
    """None where nothing is built or installed: a download alone is no build. What is fetched, moved or copied out of a build's folder behind
    the last build command still belongs to the head."""
    lines = tuple(facts.layers(facts.final))
    cuts = [index for index, _, layer in lines if layer is not None and any(act.phase in BUILDING for act in layer.acts)]
    if not cuts:
        return None
    cut = cuts[-1]
    made = [
        write.path for index, _, layer in lines[: cut + 1] if layer is not None for act in layer.acts if act.phase in BUILDING for write in act.writes
    ]
    copied = [write.path for _, item, layer in lines[: cut + 1] if layer is not None and item.keyword in ("COPY", "ADD") for write in layer.writes]
    for index, _, layer in lines[cut + 1 :]:
        acts = layer.acts if layer is not None else ()
        made += [write.path for act in acts if act.phase is Phase.FETCH for write in act.writes]
        if any(_takes_out(act, made, copied) for act in acts):
            cut = index
    cut = _past_removing(lines, _past_looking(lines, cut), (*made, *copied))
    return Head(cut, lines[1 : cut + 1], lines[cut + 1 :])


def _past_looking(lines: tuple[tuple[int, Instruction, Layer | None], ...], cut: int) -> int:
    """The end of the RUNs right behind a build that only look at what it made (`ls target`, `pwd`): there it lies."""
    for index, item, layer in lines[cut + 1 :]:
        if item.keyword != "RUN" or layer is None or not layer.acts or any(act.phase is not Phase.CHECK or act.writes for act in layer.acts):
            return cut
        cut = index
    return cut


def _past_removing(lines: tuple[tuple[int, Instruction, Layer | None], ...], cut: int, made: Iterable[str]) -> int:
    """The last RUN behind a build that deletes what it or a COPY before it made, and cannot do without it: only the build stage has it. One that
    can (`rm -f`) goes along where nothing but state lies between: what it deletes need not be copied first."""
    made, near = tuple(made), True
    for index, item, layer in lines[cut + 1 :]:
        acts = layer.acts if layer is not None and item.keyword == "RUN" else ()
        if acts and all(act.phase in (Phase.CLEAN, Phase.CHECK) and not act.writes for act in acts):
            own = [act for act in acts if any(below(path, one) or below(one, path) for path in act.deletes for one in made)]
            if own and (near or not all(map(forced, own))):
                cut = index
        elif item.keyword not in STATE and item.keyword not in METADATA:
            near = False
    return cut


def _takes_out(act: Act, made: list[str], copied: list[str]) -> bool:
    """A download, a mv or cp of something that was built, fetched or that came with the sources, unpacking of what was built or fetched, a change
    of its owner or mode, or a removal of packages."""
    if act.phase is Phase.FETCH or (act.packages is not None and act.packages.removed):
        return True
    if act.step in ("chown", "chmod", "chgrp"):
        return any(below(write.path, path) or below(path, write.path) for write in act.writes for path in made)
    if act.phase is not Phase.FILES or act.step in IN_PLACE:
        return False
    if act.step in UNPACKING:
        return any(posixpath.normpath(posixpath.join(act.cwd, word)) in made or _in_build(word, act, made) for word in act.words[1:] if word)
    if len(act.words) < 3:
        return False
    sources = [word for word in act.words[1:-1] if word is not None and not word.startswith("-")]
    if None in act.words[1:-1] and any(touches(act.cwd, path) for path in made):
        # `cp target/*.jar app.jar`: a pattern in a folder that was built in.
        return True
    return any(touches(posixpath.normpath(posixpath.join(act.cwd, source)), path) for source in sources for path in (*made, *copied))


def _in_build(word: str, act: Act, made: Iterable[str]) -> bool:
    """Whether an archive lies in a folder that a build left."""
    path = posixpath.normpath(posixpath.join(act.cwd, word))
    return word.endswith(ARCHIVES) and any(below(path, folder) for folder in made if folder != "/")


def runs_again(act: Act, acts: Iterable[Act]) -> bool:
    """Whether an act of a line with these acts belongs into the runtime stage too, whatever it works on. What a script does cannot be taken
    apart: all of it runs again, or, where it builds, none."""
    together = [other for other in acts if other.index == act.index]
    if len(together) < 2:
        return _sets_up(act)
    return not any(other.phase in BUILDING for other in together) and any(_sets_up(other) for other in together)


def entangled(acts: Iterable[Act]) -> bool:
    """Whether one command of a line, a script, both builds and changes the system: it can be neither repeated nor left behind."""
    acts = tuple(acts)
    system = {act.index for act in acts if act.phase in (Phase.SETUP, Phase.PACKAGES)}
    return any(act.index in system and act.phase in BUILDING for act in acts)


def _sets_up(act: Act) -> bool:
    if act.phase is Phase.FETCH:
        # A repository's key comes before the packages that are signed with it, and copies come behind them.
        return only_sources(act)
    return act.phase in (Phase.SETUP, Phase.PACKAGES) or (act.phase is Phase.FILES and act.step in IN_PLACE)
