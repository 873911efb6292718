"""Who makes a folder, and what is changed of it. A COPY that makes one leaves it to root with the mode that folders have, whatever the folder was
that it takes the content from; one that is there already keeps its owner and mode, and WORKDIR makes it for the user (measured on BuildKit 0.13)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from service.dockerfile.model import Instruction
from service.image.effects import Act, Kind, Layer, Write
from service.image.files import FileView
from service.image.history import below
from service.image.image import Image, Scope

_CHANGES = frozenset({"chmod", "chgrp", "chown"})
_RECURSIVE = frozenset({"-R", "--recursive"})
_PLAIN = re.compile(r"[A-Za-z0-9_+=,:./-]+")
_USUAL = re.compile(r"0?755|[ugoa]{0,4}\+[rxX]{1,3}")
"""Modes that a new folder has, or that take nothing away and only let it be read."""
_ROOT = frozenset({"0", "root", "0:0", "root:root", "root:", "0:"})
"""Whom a new folder belongs to."""

Line = tuple[Instruction, Scope, str, Layer | None]
"""An instruction, the state before it, the working directory behind it, and its layer."""


def lines(image: Image) -> Iterator[Line]:
    """What the final image is made of, in order."""
    for part in image.chain(image.final):
        layers = {id(layer.instruction): layer for layer in part.layers}
        scopes = part.state.scopes
        for place, item in enumerate(part.state.stage.instructions):
            after = scopes[place + 1].workdir if place + 1 < len(scopes) else image.config.workdir
            yield item, scopes[place], after, layers.get(id(item))


def maker(path: str, image: Image) -> str:
    """The user who made a folder, as USER or `--chown` names him; `root`, and empty where nothing makes it."""
    for item, scope, workdir, layer in lines(image):
        if item.keyword == "WORKDIR" and below(workdir, path):
            return scope.user or "root"
        writes = layer.writes if layer is not None else ()
        if item.keyword in ("COPY", "ADD") and any(below(write.path, path) for write in writes):
            return item.flag("chown") or "root"
        for act in layer.acts if layer is not None else ():
            if any(path == f"/home/{name}" for name in act.users):
                return path.rpartition("/")[2]
            if act.step not in _CHANGES and any(below(write.path, path) for write in act.writes if write.kind is not Kind.CACHE):
                return scope.user or "root"
    return ""


def there_before(path: str, act: Act, image: Image, view: FileView) -> bool:
    """Whether a line in front of an act put something at a path, or below it; of a folder of the context, whether it may hold the path."""
    for _, _, _, layer in lines(image):
        for one in layer.acts if layer is not None else ():
            if one == act:
                return False
            if one.step not in _CHANGES and any(_may_hold(write, path, view) for write in one.writes):
                return True
        if layer is not None and not layer.acts and any(_may_hold(write, path, view) for write in layer.writes):
            return True
    return False


def _may_hold(write: Write, path: str, view: FileView) -> bool:
    if below(write.path, path):
        return True
    return write.tree and below(path, write.path) and (write.kind is not Kind.CONTEXT or view.has(path) is not False)


def is_folder(path: str, image: Image) -> bool:
    """Whether a path is known to be a folder: something lies below it or works there, or it was made as one."""
    for _, _, workdir, layer in lines(image):
        writes = layer.writes if layer is not None else ()
        acts = layer.acts if layer is not None else ()
        if below(workdir, path) or any(write.path != path and below(write.path, path) for write in writes):
            return True
        # What a package manager fills is a folder; what it locks is none.
        if any(write.path == path and write.tree and write.kind is Kind.DEPENDENCIES and not path.endswith(".lock") for write in writes):
            return True
        if any(below(act.cwd, path) or (act.step == "mkdir" and any(write.path == path for write in act.writes)) for act in acts):
            return True
    return False


def change_of(act: Act, path: str) -> tuple[str, ...] | None:
    """The words that change a folder itself as a command does that changes it, without what is below; None for one that leaves it as it is, and
    empty where the words cannot be said again."""
    if act.step not in _CHANGES or not any(write.path == path for write in act.writes) or path not in _operands(act):
        return None
    if not all(word is not None and _PLAIN.fullmatch(word) for word in act.words):
        return ()
    words = [word for word in act.words[1:] if word and not word.startswith("-")]
    command = posixpath.basename(act.words[0] or "")
    if words and (_USUAL.fullmatch(words[0]) if command == "chmod" else words[0] in _ROOT):
        return None
    return (command, words[0]) if words and command in _CHANGES else ()


def recursive(act: Act) -> bool:
    """Whether a change is of everything below a folder too."""
    return any(word in _RECURSIVE or (word is not None and word[:1] == "-" != word[1:2] and "R" in word) for word in act.words)


def _operands(act: Act) -> tuple[str, ...]:
    words = [word for word in act.words[1:] if word is None or not word.startswith("-")]
    return tuple(posixpath.normpath(posixpath.join(act.cwd, word)) for word in words[1:] if word)
