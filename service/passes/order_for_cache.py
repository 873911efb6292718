"""Install system packages before the sources are copied.

Why: a COPY of the sources changes with every edit, and all that follows it is made again: system packages that are installed after it are
fetched each time.

Not where: an instruction between the two may matter to the install (ENV, ARG, USER, SHELL, another RUN), the COPY brings something that the
install reads or writes (package sources, certificates), the RUN does more than install packages, or it stands in the last of several
stages.

Source: https://docs.docker.com/build/cache/optimize/#order-your-layers

before:
    FROM python:3.12-slim
    WORKDIR /app
    COPY . .
    RUN apt-get update && apt-get install -y --no-install-recommends libpq5
    CMD ["python", "main.py"]

after:
    FROM python:3.12-slim
    WORKDIR /app
    RUN apt-get update && apt-get install -y --no-install-recommends libpq5
    COPY . .
    CMD ["python", "main.py"]
"""

from __future__ import annotations

from collections.abc import Iterator

from service.dockerfile.model import Instruction
from service.image.effects import Act, Kind, Layer, Phase
from service.image.image import StageImage
from service.image.runs import run_script
from service.knowledge.folders import SYSTEM
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts

_BY = "order_for_cache"
_FREE = frozenset({"LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "MAINTAINER", "WORKDIR"})
"""Instructions that no package manager can notice; a WORKDIR is looked at for the folder that it makes."""
_OWN = ("/home/", "/opt/", "/srv/", "/usr/src/")
_PASSIVE = frozenset({"echo", "set", "true", ":", "export"})


def order_for_cache(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """The RUNs that install packages, first to last; each goes in front of the first COPY from the context that it can pass."""
    if facts.oversized:
        return
    edited = draft
    for stage in facts.image.stages:
        if stage.state.stage.index == facts.image.final != 0:
            # A split puts what is installed for the runtime where its copies allow it: moving it again would never settle.
            continue
        rows = list(facts.layers(stage))
        offset = facts.offset(stage)
        for place, (index, item, layer) in enumerate(rows):
            if layer is None or not _only_packages(item, layer, stage, index):
                continue
            target = _target(rows[:place])
            if target is not None and not edited.remarked_after(offset + place):
                sources = rows[target][1].rest.split()[0]
                because = f"an edit of what `COPY {sources[:40]}` brings no longer installs {_named(layer)} again"
                edited = edited.move(offset + place, offset + target, Reason(_BY, "packages-first", because))
                edited = edited.keep_paragraphs(offset + target, offset + place)
                rows.insert(target, rows.pop(place))
    if edited is not draft:
        yield edited


def _named(layer: Layer) -> str:
    names = [name for change in layer.packages for name in change.installed]
    return ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")


def _only_packages(item: Instruction, layer: Layer, stage: StageImage, index: int) -> bool:
    """A RUN that installs distribution packages by name and cleans up behind them; nothing in it reads a file or a variable."""
    if item.keyword != "RUN" or item.flags or item.heredocs or item.json is not None or layer.opaque:
        return False
    script = run_script(item, stage.state.scopes[index])
    if any(command.redirects or command.operator in ("|", "&") or command.nesting for command in script.commands) or "$" in script.text:
        return False
    return all(map(_harmless, layer.acts)) and any(change.installed for change in layer.packages)


def _harmless(act: Act) -> bool:
    if act.phase is Phase.PACKAGES:
        return not any(word is None or "/" in word and not word.startswith("-") or word in ("-a", "--arg-file") for word in act.words)
    if act.phase is Phase.CLEAN:
        return all(path.startswith(("/var/", "/tmp", "/usr/share/doc", "/usr/share/man")) for path in act.deletes)
    return act.phase is Phase.CHECK and bool(act.words) and act.words[0] in _PASSIVE


def _target(rows: list[tuple[int, Instruction, Layer | None]]) -> int | None:
    """The place of the first COPY from the context in the run of instructions that commute with an install, read backwards."""
    found = None
    for place in range(len(rows) - 1, -1, -1):
        _, item, layer = rows[place]
        if not _commutes(item, layer):
            break
        if layer is not None and any(write.kind is Kind.CONTEXT for write in layer.writes) and item.keyword != "WORKDIR":
            found = place
    return found


def _commutes(item: Instruction, layer: Layer | None) -> bool:
    """Whether an install before an instruction does the same as after it."""
    if item.keyword in ("COPY", "ADD"):
        known = layer is not None and not layer.opaque and bool(layer.writes) and item.flag("from") is None
        return known and layer is not None and all(write.kind is Kind.CONTEXT and _apart(write.path) for write in layer.writes)
    if item.keyword == "WORKDIR":
        return layer is None or all(_apart(write.path) for write in layer.writes)
    return item.keyword in _FREE


def _apart(path: str) -> bool:
    """Whether a folder is one that distribution packages neither write to nor read."""
    top = path.split("/")[1]
    return path != "/" and (top not in SYSTEM or path.startswith(_OWN))
