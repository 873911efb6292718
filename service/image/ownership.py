"""Owners and modes: a chown or chmod of what a COPY brought, against the same said by the COPY itself.

BuildKit gives `--chown` and `--chmod` to everything a COPY brings, and `--chown` to folders that it has to make; a folder that is there
already keeps its own owner and mode (measured on BuildKit 0.13).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from service.image.effects import Act, Kind, Layer, Write
from service.image.history import below, touches
from service.image.image import Image
from service.image.model import BaseImage
from service.knowledge.folders import absent

RECURSIVE = frozenset({"-R", "--recursive"})
_MOST = 64
_COPIED = frozenset({Kind.CONTEXT, Kind.STAGE})


@dataclass(frozen=True, slots=True)
class Change:
    """A chown or chmod with constant words. `flag` is the COPY flag of the same meaning, `paths` are absolute."""

    step: str
    flag: str
    value: str
    paths: tuple[str, ...]
    recursive: bool

    def without_recursion(self) -> Change:
        return Change(self.step, self.flag, self.value, self.paths, False)


def change_of(act: Act) -> Change | None:
    """None for anything that a COPY flag does not say: symbolic modes, a login group (`app:`), references, patterns."""
    if act.step not in ("chown", "chmod") or not act.words or act.words[0] not in ("chown", "chmod"):
        return None
    words = act.words[1:]
    if None in words:
        return None
    options = [word for word in words if word and word.startswith("-")]
    value, *paths = [word for word in words if word and not word.startswith("-")] or [""]
    if not set(options) <= RECURSIVE or not paths:
        return None
    named = _owner(value) if act.words[0] == "chown" else _mode(value)
    places = tuple(posixpath.normpath(posixpath.join(act.cwd, path)) for path in paths)
    return None if named is None else Change(act.words[0], f"--{act.words[0]}", named, places, bool(options))


def _owner(text: str) -> str | None:
    """`USER:GROUP`; chown without a group leaves root's, where the flag without one would take the user's."""
    user, colon, group = text.partition(":")
    plain = all(letter.isalnum() or letter in "_-" for letter in user + group)
    if not user or not plain or (colon and not group):
        return None
    return f"{user}:{group or 'root'}"


def _mode(text: str) -> str | None:
    return text if 3 <= len(text) <= 4 and all(letter in "01234567" for letter in text) else None


def said_by(layer: Layer, change: Change) -> bool:
    """Whether a COPY carries the flag of a change."""
    return layer.instruction.flag(change.step) == change.value


def _plain(layer: Layer, write: Write) -> str:
    """A copy's origin as it is without owner and mode."""
    item = layer.instruction
    return write.origin.removesuffix(f" {item.flag('chown') or ''} {item.flag('chmod') or ''}".rstrip())


@dataclass(frozen=True, slots=True)
class Carried:
    """Origins of changes that the new image's copies make themselves, and those copies: origin without flags to origin with them."""

    changes: frozenset[str] = frozenset()
    copies: dict[str, str] = field(default_factory=dict)

    def moved(self, origin: str) -> str:
        return self.copies.get(origin, origin)


def carried(before: Image, after: Image) -> Carried:
    """What `before` changes by RUN and `after` by COPY, in the stage that ships."""
    there = {act_origin for act_origin, _ in _changes(after)}
    old = [write for _, write in _writes(before)]
    changes: set[str] = set()
    copies: dict[str, str] = {}
    for origin, change in islice(_changes(before), _MOST):
        if origin in there:
            continue
        place = next(index for index, write in enumerate(old) if write.origin == origin)
        found = [_copies_of(path, change, after, {write.origin for write in old[place + 1 :]}) for path in change.paths]
        if all(found):
            changes.add(origin)
            copies |= {plain: origin for part in found for plain, origin in part if not origin.startswith("stage:")}
    return Carried(frozenset(changes), copies)


def _changes(image: Image) -> Iterator[tuple[str, Change]]:
    for stage in image.chain(image.final):
        for layer in stage.layers:
            for act in layer.acts:
                change = change_of(act)
                if change is not None and act.writes:
                    yield act.writes[0].origin, change


def _writes(image: Image) -> Iterator[tuple[Layer, Write]]:
    for stage in image.chain(image.final):
        for layer in stage.layers:
            for write in layer.writes:
                yield layer, write


def _copies_of(path: str, change: Change, image: Image, later: set[str]) -> tuple[tuple[str, str], ...]:
    """The origins, without flags and with them, of the copies that make a path and carry the flag; none where something else does, or where a
    folder would keep another owner."""
    found: list[tuple[str, str]] = []
    own = {change.without_recursion()}
    kept = False
    rows = list(_writes(image))
    for place, (layer, write) in enumerate(rows):
        if not touches(write.path, path):
            continue
        if write.kind in _COPIED:
            if not below(write.path, path) or not said_by(layer, change):
                return ()
            if not found and write.path == path and fresh(path, image.chain(image.final)[0].state.base, [one for _, one in rows[:place]]):
                kept = True
            found.append((_plain(layer, write), write.origin))
            kept = kept or not write.tree
        elif any(
            one is not None and one.without_recursion() in own or one is not None and (one.step, one.value) == (change.step, change.value)
            for one in map(change_of, layer.acts)
        ):
            kept = True
        elif write.origin not in later and write.origin != "workdir":
            return ()
    return tuple(found) if kept else ()


def fresh(path: str, base: BaseImage, earlier: Sequence[Write]) -> bool:
    """Whether a folder is made by the copy itself: neither the base nor an earlier line has it, and what lies above it is there."""
    above = posixpath.dirname(path)
    exists = above == "/" or any(below(write.path, above) for write in earlier)
    return exists and absent(path, base) and not any(touches(write.path, path) and below(write.path, path) for write in earlier)
