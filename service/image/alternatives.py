"""Debian's alternatives: links to one of several programs of a name, which an author makes for a compiler's release (update-alternatives(1))."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from service.image.effects import Act
from service.knowledge import apt

STEP = "update-alternatives"
_MAKING = ("--install", "--slave")
_NAMING = ("--config", "--auto", "--remove-all", "--display", "--query", "--list")
_CHOOSING = ("--set", "--remove")


def targets(act: Act) -> tuple[tuple[str, str], ...]:
    """The name of each alternative that an act makes or chooses, and the program behind it."""
    words = act.words if act.step == STEP else ()
    found = []
    for index, word in enumerate(words):
        skip = 2 if word in _MAKING else 1 if word in _CHOOSING else 0
        name, path = (*words[index + skip : index + skip + 2], None, None)[:2]
        if skip and name and path:
            found.append((name, path))
    return tuple(found)


def _names(act: Act) -> frozenset[str]:
    naming = (following for word, following in zip(act.words, act.words[1:], strict=False) if word in _NAMING)
    return frozenset(name for name in naming if name) | {name for name, _ in targets(act)}


def lacking(act: Act, gone: frozenset[str]) -> str:
    """The program behind an alternative that an act makes or chooses and whose package is not there; empty where there is none."""
    return next((path for _, path in targets(act) if _from(path, gone)), "")


def idle(act: Act, acts: Iterable[Act], gone: frozenset[str]) -> bool:
    """Whether an act is about alternatives alone whose programs came with packages that are gone."""
    names = _names(act) if act.step == STEP else frozenset()
    behind = [(name, path) for other in acts for name, path in targets(other) if name in names]
    return bool(names) and names <= {name for name, _ in behind} and all(_from(path, gone) for _, path in behind)


def _from(path: str, packages: frozenset[str]) -> bool:
    """Whether a program is one of packages: of its own name, or of a compiler's release (`gcc-ar-9` of gcc-9)."""
    name = posixpath.basename(path)
    release = name.rpartition("-")[2]
    return name in packages or any(apt.versioned_compiler(one) and one.rpartition("-")[2] == release for one in packages)
