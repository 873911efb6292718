"""Settings that the old base supplied and the new one lacks: those that the program may feel are written out."""

from __future__ import annotations

import re

from service.image.model import BaseImage
from service.knowledge import environment
from service.refactoring.cut import Head
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts

_BY = "split_stages"
_NAMED = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]{0,100})")
_UNKNOWN = re.compile(r"<[A-Z_0-9]+>")
"""A value that changes with every build of the base, as knowledge.images writes it."""


def inherit(draft: Draft, facts: Facts, new: BaseImage, head: Head) -> Draft:
    """Right after the runtime stage's FROM: ENV of the behaviour class, the working directory, the user."""
    old = facts.final.state.base
    if new.reference == old.reference or not old.config.env and old.config.workdir == "/":
        return draft
    at = next(index for index in range(len(draft.pieces) - 1, -1, -1) if draft.pieces[index].text.lstrip().upper().startswith("FROM")) + 1
    own = facts.final.state.stage.instructions
    if at < len(draft.pieces) and any(reason.code == "base-packages" for reason in draft.pieces[at].reasons):
        at += 1
    if old.config.workdir != new.config.workdir and not any(item.keyword == "WORKDIR" for item in own):
        draft = draft.insert(at, f"WORKDIR {old.config.workdir}", Reason(_BY, "inherited-setting", f"{old.reference} starts in {old.config.workdir}"))
    if (old.config.user or "root") != (new.config.user or "root") and not any(item.keyword == "USER" for item in own):
        draft = draft.insert(
            at,
            f"USER {old.config.user or 'root'}",
            Reason(_BY, "inherited-setting", f"{old.reference} runs as {old.config.user or 'root'}"),
        )
    settings = dict(new.config.env)
    named = frozenset(_NAMED.findall("\n".join(piece.text for piece in draft.pieces[at:])))
    for name, value in reversed(old.config.env):
        if settings.get(name) == value or name == "PATH" or facts.image.config.env_value(name) != value:
            continue
        told = "which programs read" if environment.kind(name) == "behaviour" else "which a line names" if name in named else ""
        if told and not _UNKNOWN.fullmatch(value):
            draft = draft.insert(at, f"ENV {name}={_quoted(value)}", Reason(_BY, "inherited-setting", f"{old.reference} sets {name}, {told}"))
    return draft


def _quoted(value: str) -> str:
    return (
        value
        if value and all(letter.isalnum() or letter in "._-/:+," for letter in value)
        else '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'
    )
