"""Join a RUN with the one it belongs to: package lists with the install, a clean-up with what it cleans.

Why: `apt-get update` in a layer of its own is cached, and a changed install then works on old lists and fails; what a later RUN deletes is
still stored in the layer that made it.

Not where: anything stands between the two, either has mounts or a heredoc, the second is more than one chain of `&&`, or a clean-up
names nothing that the RUN before it wrote.

Source: https://docs.docker.com/build/building/best-practices/#apt-get

before:
    FROM debian:bookworm
    RUN apt-get update
    RUN apt-get install -y curl
    RUN rm -rf /var/lib/apt/lists/*
    CMD ["curl", "--version"]

after:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
    CMD ["curl", "--version"]
"""

from __future__ import annotations

from collections.abc import Iterator

from service.dockerfile.model import Instruction
from service.image.effects import Act, Layer, Phase
from service.image.history import below, touches
from service.image.image import Scope, StageImage
from service.image.runs import run_script
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts, facts_of
from service.shell.edit import append_command, one_chain

_BY = "combine_runs"
_MOST = 8
_STATE = frozenset({"cd", "pushd", "exit", "exec", "trap", "return"})
"""After one of these a command that is added runs elsewhere, or not at all."""
Row = tuple[int, Instruction, Layer | None]


def combine_runs(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """Pairs that do not overlap, round by round, until nothing is left to join."""
    if facts.oversized:
        return
    edited, current = draft, facts
    for _ in range(_MOST):
        joined = edited
        for stage in reversed(current.image.stages):
            joined = _joined(joined, stage, current)
        if joined is edited:
            break
        edited, current = joined, facts_of(joined, facts.context, facts.options)
    if edited is not draft:
        yield edited


def _joined(draft: Draft, stage: StageImage, facts: Facts) -> Draft:
    """From the last pair to the first, so that the places of those before stay right."""
    rows = list(facts.layers(stage))
    offset = facts.offset(stage)
    place = len(rows) - 2
    while place >= 0:
        found = _pair(draft, rows[place], rows[place + 1], offset, stage, facts)
        place -= 1 if found is None else 2
        draft = found or draft
    return draft


def _pair(draft: Draft, one: Row, other: Row, offset: int, stage: StageImage, facts: Facts) -> Draft | None:
    (first, item, cause), (second, next_item, layer) = one, other
    if cause is None or layer is None or not _plain(item, cause) or not _plain(next_item, layer):
        return None
    if _refreshes(cause) and _installs(layer, cause):
        text = _in_front(item, next_item, stage.state.scopes[second])
        because = f"`{item.rest[:60]}` in a layer of its own is cached: a changed install would work on old lists"
        return None if text is None else draft.merge(offset + first, offset + second, text, Reason(_BY, "lists-with-install", because))
    if stage.state.stage.index == facts.image.final and _cleans(layer, cause, stage.layers):
        text = _behind(item, next_item, stage.state.scopes[first], stage.state.scopes[second])
        because = f"what `{next_item.rest[:60]}` deletes stays in the layer above it, unless the same RUN deletes it"
        return None if text is None else draft.merge(offset + second, offset + first, text, Reason(_BY, "cleanup-with-cause", because))
    return None


def _plain(item: Instruction, layer: Layer) -> bool:
    return item.keyword == "RUN" and not item.flags and not item.heredocs and item.json is None and not layer.opaque and bool(layer.acts)


def _refreshes(layer: Layer) -> bool:
    """Whether a RUN only fetches package lists."""
    return all(act.phase is Phase.PACKAGES and act.step.endswith(" update") for act in layer.acts)


def _installs(layer: Layer, lists: Layer) -> bool:
    """Whether a RUN installs from such lists, and does not fetch them itself."""
    managers = {change.manager for change in lists.packages}
    return not any(act.step.endswith(" update") for act in layer.acts) and any(
        change.installed and change.manager in managers for change in layer.packages
    )


def _cleans(layer: Layer, cause: Layer, layers: tuple[Layer, ...]) -> bool:
    """Whether a RUN only removes, and something of it was made by the RUN in front of it and is not stored further down anyway."""
    if not all(_removes(act) for act in layer.acts):
        return False
    made = [write.path for write in cause.writes]
    installed = {name for change in cause.packages for name in change.installed}
    removed = {name for change in layer.packages for name in change.removed}
    if installed & removed:
        return True
    # What unpacks an archive writes a whole folder; the archive that is deleted from there lies in the layer that fetched it.
    earlier = layers[: next(place for place, one in enumerate(layers) if one is cause)]
    stored = [write.path for one in earlier for write in one.writes]
    deletes = [gone for gone in layer.deletes if not any(below(path, gone) for path in stored) or any(below(path, gone) for path in made)]
    return any(touches(path, gone) for path in made for gone in deletes)


def _removes(act: Act) -> bool:
    change = act.packages
    return act.phase is Phase.CLEAN or (act.phase is Phase.PACKAGES and change is not None and not change.installed and bool(change.removed))


def _in_front(one: Instruction, other: Instruction, scope: Scope) -> str | None:
    script = run_script(other, scope)
    if not one_chain(script) or not script.commands or len(other.offsets) != len(script.text) + 1 or "#" in one.rest:
        return None
    at = other.offsets[script.commands[0].start]
    return f"{other.text[:at]}{_source(one)} && {other.text[at:]}"


def _behind(one: Instruction, other: Instruction, scope: Scope, after: Scope) -> str | None:
    first = run_script(one, scope)
    stateful = any(command.name in _STATE for command in first.commands)
    if not one_chain(run_script(other, after)) or stateful or "#" in other.text or "$" in other.rest:
        return None
    return append_command(one.text, one.offsets, first, _source(other))


def _source(item: Instruction) -> str:
    return item.text[item.offsets[0] :].strip()
