"""Copy with `--link`, so that a layer does not depend on those below it.

Why: a COPY with `--link` makes its layer alone. When the base image or an earlier line changes, the layer is used again as it is, without being
copied or pushed again.

Not where: a folder above the destination may be a symbolic link, or belong to another user or have another mode (the layer would bring it anew,
as root's), the owner is a name (which is looked up in a file of the layers below), or a file would replace a folder.

Source: https://docs.docker.com/reference/dockerfile/#copy---link

before:
    FROM golang:1.22-bookworm AS build
    WORKDIR /src
    COPY . .
    RUN go build -o /bin/api .

    FROM debian:bookworm-slim
    COPY --from=build /bin/api /usr/local/bin/
    CMD ["api"]

after:
    FROM golang:1.22-bookworm AS build
    WORKDIR /src
    COPY . .
    RUN go build -o /bin/api .

    FROM debian:bookworm-slim
    COPY --from=build --link /bin/api /usr/local/bin/
    CMD ["api"]
"""

from __future__ import annotations

from collections.abc import Iterator

from service.dockerfile.arguments import sources_and_destination
from service.dockerfile.model import Instruction
from service.image.effects import Kind, Layer
from service.image.history import below, touches
from service.image.licences import ROOT
from service.knowledge.folders import PLAIN, SYSTEM, linked, nothing_below, parents
from service.passes.flags import with_flag
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts

_BY = "link_copies"
_MOVING = frozenset({"chown", "chmod", "ln", "install", "install -d", "useradd", "mv", "cp"})
"""Steps after which a folder may be a link, another's, or of another mode."""


def link_copies(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """The COPYs of the stage that ships, whose destinations are plain folders of root's."""
    if facts.oversized:
        return
    if facts.options.builder != "buildkit" or not facts.final.state.base.source or facts.final.state.parent is not None:
        return
    offset, edited = facts.offset(facts.final), draft
    earlier: list[Layer] = []
    for index, item, layer in facts.layers(facts.final):
        if layer is None:
            continue
        if facts.final.state.scopes[index].user.partition(":")[0] not in ROOT:
            break
        if item.keyword in ("COPY", "ADD") and not layer.opaque and _plain(item, layer, earlier, facts):
            targets = ", ".join(write.path for write in layer.writes[:2])
            because = f"{targets} needs nothing of the layers below: a new base no longer means copying it again"
            edited = edited.rewrite(offset + index, with_flag(item.text, draft.escape, "link"), Reason(_BY, "linked-copy", because))
        earlier.append(layer)
    if edited is not draft:
        yield edited


def _plain(item: Instruction, layer: Layer, earlier: list[Layer], facts: Facts) -> bool:
    owner = item.flag("chown")
    numbered = owner is None or all(part.isdigit() for part in owner.split(":"))
    target = sources_and_destination(item)[1]
    if not numbered or any(flag.name in ("link", "parents") for flag in item.flags) or not layer.writes:
        return False
    folder = target.endswith("/") or target in (".", "./")
    for write in layer.writes:
        known = folder or write.kind is Kind.CONTEXT and facts.view.is_folder(write.origin.removeprefix("context:").partition(" ")[0]) is True
        # A file to a path that a folder has already would go into it, or replace it with --link.
        if not known and any(below(one.path, write.path) for other in earlier for one in other.writes):
            return False
        above = (*parents(write.path), *((write.path,) if write.tree else ()))
        if not known and write.tree and write.path in PLAIN or linked(write.path):
            return False
        if write.tree and write.path not in PLAIN and not nothing_below(write.path, facts.final.state.base):
            return False
        if not all(_roots(path, earlier) for path in above):
            return False
    return True


def _roots(path: str, earlier: list[Layer]) -> bool:
    """Whether a folder is a plain one of root's with mode 0755, if it is there at all."""
    top = path.split("/")[1]
    acts = [act for layer in earlier for act in layer.acts if act.step in _MOVING]
    changed = any(layer.opaque for layer in earlier) or any(touches(write.path, path) for act in acts for write in act.writes)
    return not changed and (path in PLAIN or top not in SYSTEM or path.startswith(("/opt/", "/srv/", "/usr/src/", "/usr/local/")))
