"""Programs that the author's lines put in front of the base's own of the same name (the Python of a conda environment)."""

from __future__ import annotations

import posixpath
from itertools import takewhile

from service.image.history import History
from service.image.image import Image
from service.image.program import Program


def brought(image: Image, program: Program) -> frozenset[str]:
    """Names that PATH finds where a line wrote exactly such a program, before it comes to a folder of the base's; and those that are only
    started by the path of something that was written."""
    base = image.chain(image.final)[0].state.base
    own = set((base.config.env_value("PATH") or "").split(":"))
    first = set(takewhile(lambda folder: folder not in own, (image.config.env_value("PATH") or "").split(":")))
    history = History(image)
    found = {posixpath.basename(write.path) for write in history.writes() if posixpath.dirname(write.path) in first}
    words = {word for call in program.calls for word in call.words[:1] if word}
    by_path = {word for word in words if word.startswith("/") and not below_any(word, own) and history.covering(word)}
    plain = {word for word in words if "/" not in word}
    return frozenset(found | ({posixpath.basename(word) for word in by_path} - plain))


def below_any(path: str, folders: set[str]) -> bool:
    return posixpath.dirname(path) in folders
