"""Delete package lists in the RUN that fetched them.

Why: `apt-get update` leaves about 20 MB of package lists, which a later RUN cannot take out of the layer again.

Not where: a later RUN installs from the same lists, they are on a mount, the RUN is a heredoc or cannot be read, or the stage is not shipped.

Source: https://docs.docker.com/build/building/best-practices/#apt-get

before:
    FROM debian:bookworm
    RUN apt-get update && apt-get install -y curl
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
from service.image.runs import run_script
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts
from service.shell.edit import append_command

_BY = "clean_package_lists"
_CLEANING = "rm -rf /var/lib/apt/lists/*"


def clean_package_lists(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """Only in the stage that ships, only where no later RUN installs from the lists."""
    offset = facts.offset(facts.final)
    lines = [(index, item, layer) for index, item, layer in facts.layers(facts.final) if layer is not None and item.keyword == "RUN"]
    edited = draft
    for place, (index, item, layer) in enumerate(lines):
        if not _leaves_lists(item, layer) or _needed_later([other for _, _, other in lines[place + 1 :]]):
            continue
        script = run_script(item, facts.final.state.scopes[index])
        # Lists that sudo has fetched are root's.
        by = "sudo " if any(command.name in ("apt-get", "apt", "aptitude") and "sudo" in command.wrappers for command in script.commands) else ""
        text = append_command(item.text, item.offsets, script, by + _CLEANING)
        if text is not None:
            because = "apt-get update leaves about 20 MB of package lists, which nothing reads once the packages are installed"
            edited = edited.rewrite(offset + index, text, Reason(_BY, "package-lists", because))
    if edited is not draft:
        yield edited


def _leaves_lists(item: Instruction, layer: Layer) -> bool:
    """Whether a RUN fetches lists and installs, and neither deletes nor mounts them."""
    if item.heredocs or item.json is not None or layer.opaque or item.flag("mount") is not None:
        return False
    updates = any(_is(act, "update") for act in layer.acts)
    return updates and any(_is(act, "install") for act in layer.acts) and not any(change.lists_removed for change in layer.packages)


def _is(act: Act, word: str) -> bool:
    return act.phase is Phase.PACKAGES and act.step == f"apt-get {word}"


def _needed_later(layers: list[Layer]) -> bool:
    """A later install without an update of its own reads the lists; a command that cannot be told might."""
    for layer in layers:
        if layer.opaque:
            return True
        for act in layer.acts:
            if _is(act, "update"):
                return False
            if _is(act, "install"):
                return True
    return False
