"""The history of a path: which instructions made what lies there, followed through COPY --from."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from service.image.effects import Kind, Write
from service.image.image import Image

_LIMIT = 8
_FEWEST = 4_000


@dataclass(frozen=True, slots=True)
class History:
    """Answers for one image. Histories are tuples of origins, oldest first; WORKDIR only makes folders and is left out."""

    image: Image

    def of(self, path: str, stage: int | None = None) -> tuple[str, ...]:
        """The origins of everything that touched a path, at it, above it or below it."""
        found: list[str] = []
        for origin in self._walk(path, self.image.final if stage is None else stage, 0):
            found.append(origin)
            if len(found) >= _FEWEST:
                break
        return tuple(found)

    def covering(self, path: str, stage: int | None = None) -> tuple[str, ...]:
        """As `of`, but only what lies at the path or above it: what touched a part of it alone does not count."""
        return tuple(self._walk(path, self.image.final if stage is None else stage, 0, whole=True))

    def writes(self, stage: int | None = None) -> Iterator[Write]:
        """All writes of a stage's chain, deletes of the same RUN already applied."""
        for part in self.image.chain(self.image.final if stage is None else stage):
            for layer in part.layers:
                yield from (write for write in layer.writes if write.origin != "workdir")

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
            inside = posixpath.relpath(path, write.path) if below(path, write.path) else "."
            yield from self._walk(posixpath.normpath(posixpath.join(origin, inside)), index, depth + 1, whole)


def stage_source(write: Write) -> tuple[int, str] | None:
    """The (stage, path) that a COPY --from of an earlier stage brought; None for everything else."""
    if write.kind is not Kind.STAGE or not write.origin.startswith("stage:"):
        return None
    _, index, path = write.origin.split(":", 2)
    return int(index), path.partition(" ")[0]


def touches(one: str, other: str) -> bool:
    return below(one, other) or below(other, one)


def below(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return path == folder or folder == "/" or path.startswith(folder.rstrip("/") + "/")
