"""The history of a path: which instructions made what lies there, followed through COPY --from."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from service.deadline import check
from service.image.effects import Kind, Layer, Write
from service.image.image import Image

_LIMIT = 8
_FEWEST = 4_000
_MOST_STEPS = 20_000
"""Writes that are looked at for one path: stages that copy from one another could be followed for ever."""
_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class _Written:
    """A stage's writes in order, their places by path, and the paths in order: what lies below a folder stands together."""

    writes: tuple[Write, ...]
    places: dict[str, list[int]]
    paths: list[str]

    @classmethod
    def of(cls, writes: tuple[Write, ...]) -> _Written:
        places: dict[str, list[int]] = {}
        for place, write in enumerate(writes):
            places.setdefault(_bare(write.path), []).append(place)
        return cls(writes, places, sorted(places))

    def near(self, path: str, whole: bool) -> Iterator[Write]:
        """In order, at least the writes at a path and above it, and unless `whole` those below it."""
        name = _bare(path)
        if name.count("/") > _DEEPEST or not name:
            return iter(self.writes)
        found = list(self.places.get("", ()))
        end = len(name)
        while end > 0:
            found += self.places.get(name[:end], ())
            end = name.rfind("/", 0, end)
        if not whole:
            first = bisect_left(self.paths, name + "/")
            last = bisect_left(self.paths, name + "0", first)
            found += (place for inner in self.paths[first:last] for place in self.places[inner])
        return (self.writes[place] for place in sorted(found))


def _bare(path: str) -> str:
    return path.rstrip("/")


@dataclass(frozen=True, slots=True)
class History:
    """Answers for one image. Histories are tuples of origins, oldest first; WORKDIR only makes folders and is left out."""

    image: Image
    _writes: dict[int, _Written] = field(default_factory=dict, compare=False, repr=False)
    _origins: dict[tuple[str, int, bool], tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    _sets: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict, compare=False, repr=False)
    _orders: dict[tuple[str, str], bool] = field(default_factory=dict, compare=False, repr=False)

    def of(self, path: str, stage: int | None = None) -> tuple[str, ...]:
        """The origins of everything that touched a path, at it, above it or below it."""
        return self._found(path, stage, whole=False)

    def covering(self, path: str, stage: int | None = None) -> tuple[str, ...]:
        """As `of`, but only what lies at the path or above it: what touched a part of it alone does not count."""
        return self._found(path, stage, whole=True)

    def covers(self, path: str) -> frozenset[str]:
        """What `covering` says of the final stage, for asking whether one origin is among it."""
        key = path, self.image.final
        if key not in self._sets:
            self._sets[key] = frozenset(self.covering(path))
        return self._sets[key]

    def same_order(self, path: str, other: History, place: str) -> bool:
        """Whether the commands that touched a path here and a place there, of those that both images have, ran in the same order."""
        key = path, place
        if key not in self._orders:
            was, now = self.of(path), other.of(place)
            here, there = set(was), set(now)
            one = [origin for origin in dict.fromkeys(was) if origin.startswith("run:") and origin in there]
            self._orders[key] = one == [origin for origin in dict.fromkeys(now) if origin.startswith("run:") and origin in here]
        return self._orders[key]

    def writes(self, stage: int | None = None) -> tuple[Write, ...]:
        """All writes of a stage's chain, deletes of the same RUN already applied."""
        return self._written(self.image.final if stage is None else stage).writes

    def _written(self, index: int) -> _Written:
        found = self._writes.get(index)
        if found is None:
            layers = (layer for part in self.image.chain(index) for layer in part.layers)
            found = self._writes[index] = _Written.of(tuple(write for layer in layers for write in layer.writes if write.origin != "workdir"))
        return found

    def _found(self, path: str, stage: int | None, whole: bool) -> tuple[str, ...]:
        index = self.image.final if stage is None else stage
        key = path, index, whole
        if key not in self._origins:
            self._origins[key] = tuple(islice(self._walk(path, index, 0, [_MOST_STEPS], whole), _FEWEST))
        return self._origins[key]

    def _walk(self, path: str, stage: int, depth: int, left: list[int], whole: bool) -> Iterator[str]:
        if depth > _LIMIT:
            return
        check()
        for write in self._written(stage).near(path, whole):
            left[0] -= 1
            if left[0] < 0:
                return
            if write.kind is Kind.CACHE or not (below(path, write.path) if whole else touches(write.path, path)):
                continue
            source = stage_source(write)
            if source is None:
                yield write.origin
                continue
            index, origin = source
            part = inside(path, write.path) if below(path, write.path) else "."
            yield from self._walk(posixpath.normpath(posixpath.join(origin, part)), index, depth + 1, left, whole)


def stage_source(write: Write) -> tuple[int, str] | None:
    """The (stage, path) that a COPY --from of an earlier stage brought; None for everything else."""
    if write.kind is not Kind.STAGE or not write.origin.startswith("stage:"):
        return None
    _, index, path = write.origin.split(":", 2)
    return int(index), path.partition(" ")[0]


def touches(one: str, other: str) -> bool:
    return below(one, other) or below(other, one)


def inside(path: str, folder: str) -> str:
    """The part of a path below the folder that it lies in; `.` for the folder itself. Ten times as fast as `relpath`, which asks where the
    process is."""
    return "." if path == folder else path if folder == "." else path[len(folder.rstrip("/")) :].lstrip("/") or "."


def below(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return path == folder or folder == "/" or path.startswith(folder.rstrip("/") + "/")


def gone(path: str, layers: Iterable[Layer]) -> bool:
    """Whether a command deletes a path, or what it lies in, and nothing after it touches the path again."""
    found = False
    for layer in layers:
        if not layer.acts:
            found = found and not any(touches(write.path, path) for write in layer.writes)
        for act in layer.acts:
            check()
            found = found or any(below(path, place) for place in act.deletes)
            found = found and not any(touches(write.path, path) for write in act.writes)
    return found
