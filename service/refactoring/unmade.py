"""A program that no line is known to make: whoever splits its file may leave it behind."""

from __future__ import annotations

import posixpath

from service.image.effects import Phase
from service.image.history import History
from service.refactoring.cut import Head
from service.refactoring.facts import Facts
from service.refactoring.keep import COMPILED, Kept

_SYSTEM = frozenset({"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"})


def unmade(facts: Facts) -> str:
    """The path of a started program in a folder that the base's toolchain fills (`/go/bin`), where neither the base nor a line puts it; empty where
    there is none, and where nobody knows the base."""
    base, history = facts.image.chain(facts.image.final)[0].state.base, History(facts.image)
    own = {folder for folder in (base.config.env_value("PATH") or "").split(":") if folder and folder not in _SYSTEM} if base.source else set()
    places = (path for path in facts.program.started() if posixpath.dirname(path) in own and posixpath.basename(path) not in base.programs)
    return next((path for path in places if not history.covering(path)), "")


def nothing_made(head: Head, kept: tuple[Kept, ...]) -> bool:
    """Whether a compiler ran, or fetched what it compiles, and none of what it made is known to be left: then it is not known what it made."""
    working = (Phase.BUILD, Phase.INSTALL)
    return not kept and any(act.phase in working and act.ecosystem in COMPILED for _, layer in head.runs for act in layer.acts)
