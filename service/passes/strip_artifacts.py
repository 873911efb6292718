"""Leave symbols and debug information out of compiled programs.

Why: they are a quarter or more of a compiled program, and only a debugger reads them. Who debugs in production wants them, so this runs only
when asked for.

Not where: the build has link options of its own, the program is not built in a stage of its own, or it is not copied by its own path.

Source: https://pkg.go.dev/cmd/link and https://sourceware.org/binutils/docs/binutils/strip.html

before:
    FROM golang:1.22-bookworm AS build
    WORKDIR /src
    COPY . .
    RUN go build -o /bin/api .

    FROM debian:bookworm-slim
    COPY --from=build /bin/api /bin/api
    CMD ["api"]

after:
    FROM golang:1.22-bookworm AS build
    WORKDIR /src
    COPY . .
    RUN go build -ldflags="-s -w" -o /bin/api .

    FROM debian:bookworm-slim
    COPY --from=build /bin/api /bin/api
    CMD ["api"]
"""

from __future__ import annotations

from collections.abc import Iterator

from service.dockerfile.model import Instruction
from service.ecosystems import ECOSYSTEMS
from service.image.effects import Act, Kind, Layer, Phase
from service.image.history import below, stage_source
from service.image.image import Scope, StageImage
from service.image.runs import run_script
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts

_BY = "strip_artifacts"
_BY_NAME = {one.name: one for one in ECOSYSTEMS}
_LINKING = ("ldflags", "LDFLAGS", "GOFLAGS", "debug", "strip")
"""Words of builds that already say how to link."""


def strip_artifacts(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """By the linker's option where the ecosystem has one, else by `strip` at the end of the build stage."""
    if facts.oversized:
        return
    edited = draft
    for stage in (one for one in facts.image.stages if one.state.stage.index != facts.image.final):
        for index, item, layer in facts.layers(stage):
            if layer is not None and item.keyword == "RUN":
                text = _linked(item, layer, stage.state.scopes[index])
                if text is not None:
                    because = f"`{layer.acts[-1].step or item.rest[:40]}` links a program that only a debugger would read more of"
                    edited = edited.rewrite(facts.offset(stage) + index, text, Reason(_BY, "link-option", because))
    for stage in reversed(facts.image.stages[: facts.image.final]):
        paths = _programs(stage, facts)
        if paths:
            at = facts.offset(stage) + len(stage.state.stage.instructions)
            because = f"{', '.join(paths)} keeps its code, not what only a debugger reads"
            word = "run" if stage.state.stage.instructions[0].word.islower() else "RUN"
            edited = edited.insert(at, f"{word} strip {' '.join(paths)}", Reason(_BY, "stripped", because))
    if edited is not draft:
        yield edited


def _linked(item: Instruction, layer: Layer, scope: Scope) -> str | None:
    """The RUN with the linker's option behind the words of each build; None where there is none to give it to."""
    script = run_script(item, scope)
    if any(word in item.rest for word in _LINKING) or any(word in scope.env or word in scope.args for word in _LINKING):
        return None
    if item.heredocs or item.json is not None or len(item.offsets) != len(script.text) + 1:
        return None
    text = item.text
    for act in reversed(layer.acts):
        owner = _BY_NAME.get(act.ecosystem)
        if owner is not None and act.step and act.step == owner.strip_option[0] and _named(act):
            command = script.commands[act.index]
            count = len(act.step.split())
            if [word.value for word in command.words[:count]] != act.step.split():
                return None
            at = item.offsets[command.words[count - 1].end - 1] + 1
            text = f"{text[:at]} {owner.strip_option[1]}{text[at:]}"
    return text if text != item.text else None


def _named(act: Act) -> bool:
    return act.phase is Phase.BUILD and not act.opaque


def _programs(stage: StageImage, facts: Facts) -> tuple[str, ...]:
    """Programs that a compiler without a linker option made in a stage, that the last stage copies by their own path, and that the image runs."""
    ships = [write for layer in facts.final.layers for write in layer.writes if write.path in facts.program.started() or _called(write.path, facts)]
    taken = [source[1] for write in ships if (source := stage_source(write)) is not None and source[0] == stage.state.stage.index]
    acts = [act for layer in stage.layers for act in layer.acts]
    made = [write.path for act in acts if act.phase is Phase.BUILD and _by_strip(act) for write in act.writes if write.kind is not Kind.CACHE]
    done = any("strip" in " ".join(word or "" for word in act.words) for act in acts)
    tools = bool(stage.state.base.programs & {"rustc", "gcc", "cargo"}) and stage.state.base.libc == "glibc"
    if done or not tools or any(layer.opaque for layer in stage.layers):
        return ()
    return tuple(path for path in dict.fromkeys(taken) if any(below(path, place) for place in made))


def _by_strip(act: Act) -> bool:
    """Whether a compiler made it that has no link option of its own, and whose programs `strip` understands."""
    owner = _BY_NAME.get(act.ecosystem)
    return owner is not None and owner.compiled and not owner.strip_option[1] and not owner.portable


def _called(path: str, facts: Facts) -> bool:
    return any(call.words and call.words[0] == path.rpartition("/")[2] for call in facts.program.calls)
