"""The history of a path: which instructions made what lies there, followed through COPY --from."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from service.image.effects import Kind, Write
from service.image.image import Image

_LIMIT = 8
_FEWEST = 4_000


@dataclass(frozen=True, slots=True)
class History:
    """Answers for one image. Histories are tuples of origins, oldest first; WORKDIR only makes folders and is left out."""

    image: Image
    _writes: dict[int, tuple[Write, ...]] = field(default_factory=dict, compare=False, repr=False)
    _origins: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    def of(self, path: str, stage: int | None = None) -> tuple[str, ...]:
        """The origins of everything that touched a path, at it, above it or below it."""
        index = self.image.final if stage is None else stage
        found = self._origins.get((path, index))
        if found is None:
            found = self._origins[path, index] = tuple(islice(self._walk(path, index, 0), _FEWEST))
        return found

    def covering(self, path: str, stage: int | None = None) -> tuple[str, ...]:
        """As `of`, but only what lies at the path or above it: what touched a part of it alone does not count."""
        return tuple(self._walk(path, self.image.final if stage is None else stage, 0, whole=True))

    def writes(self, stage: int | None = None) -> tuple[Write, ...]:
        """All writes of a stage's chain, deletes of the same RUN already applied."""
        index = self.image.final if stage is None else stage
        found = self._writes.get(index)
        if found is None:
            layers = (layer for part in self.image.chain(index) for layer in part.layers)
            found = self._writes[index] = tuple(write for layer in layers for write in layer.writes if write.origin != "workdir")
        return found

    def _walk(self, path: str, stage: int, depth: int, whole: bool = False) -> Iterator[str]:
        if depth > _LIMIT:
            return
        for write in self.writes(stage):
            if write.kind is Kind.CACHE or not (below(path, write.path) if whole else touches(write.path, path)):
                continue
            source = stage_source(write)
            if source is None:
                yield write.origin
                continue
            index, origin = source
            part = inside(path, write.path) if below(path, write.path) else "."
            yield from self._walk(posixpath.normpath(posixpath.join(origin, part)), index, depth + 1, whole)


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
