"""Where a stage's build ends, and what each of its lines is for."""

from __future__ import annotations

from dataclasses import dataclass

from service.dockerfile.model import Instruction
from service.image.effects import Act, Layer, Phase
from service.refactoring.facts import Facts

BUILDING = frozenset({Phase.INSTALL, Phase.BUILD, Phase.PRUNE, Phase.FETCH})
METADATA = frozenset({"LABEL", "EXPOSE", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "CMD", "ENTRYPOINT", "MAINTAINER"})
STATE = frozenset({"ENV", "ARG", "WORKDIR", "USER", "SHELL"})
IN_PLACE = frozenset({"mkdir", "chmod", "chown", "touch", "ln", "sed", "setcap", "redirect", "tee", "truncate", "dos2unix"})
"""Steps of the files table that change a path where it lies: they run again; the others (cp, mv, tar) make something to copy."""


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
    """None where nothing is built, installed or fetched."""
    lines = tuple(facts.layers(facts.final))
    cuts = [index for index, _, layer in lines if layer is not None and any(act.phase in BUILDING for act in layer.acts)]
    if not cuts:
        return None
    return Head(cuts[-1], lines[1 : cuts[-1] + 1], lines[cuts[-1] + 1 :])


def runs_again(act: Act) -> bool:
    """Whether an act belongs into the runtime stage too, whatever it works on."""
    return act.phase in (Phase.SETUP, Phase.PACKAGES) or (act.phase is Phase.FILES and act.step in IN_PLACE)
