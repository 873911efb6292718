"""What a change makes again: which instructions of which stages run anew, and which layers of the shipped image are new to everybody who pulls it.

BuildKit's rules: a step is cached while its parent and what it reads are unchanged; a COPY reads the content of its sources, so that a COPY --from is
cached while what it takes from the other stage is the same (docs.docker.com/build/cache/invalidation).
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from service.dockerfile.patterns import glob_matches
from service.ecosystems import ECOSYSTEMS
from service.image.effects import Kind, Layer, Phase, Write
from service.image.history import stage_source, touches
from service.image.image import Image
from service.quick import quick
from service.remembering import remembered
from service.sizing.arithmetic import summed
from service.sizing.contents import Contents
from service.sizing.model import Estimate, Size

SOURCE, DEPENDENCY, BASE = "a source file changes", "a dependency changes", "the base image changes"
CHANGES = (SOURCE, DEPENDENCY, BASE)


@quick
@dataclass(frozen=True, slots=True)
class Rebuilt:
    """`layers` of the shipped image are made again, with their bytes unpacked and compressed; `steps` are the instructions that run again, in all
    stages that it needs."""

    layers: int
    size: Size
    compressed: Size
    steps: int


def rebuilds(image: Image, found: Estimate, contents: Contents) -> tuple[Rebuilt, ...]:
    """One for each of CHANGES. `found` is the estimate of the image's final stage."""
    needed = _needed(image)
    return tuple(_rebuilt(image, found, contents, when, needed) for when in CHANGES)


def _rebuilt(image: Image, found: Estimate, contents: Contents, when: str, needed: frozenset[int]) -> Rebuilt:
    first = _first_changed(image, contents, when)
    rows = list(found.layers) if when == BASE else []
    place = 1
    for part in image.chain(image.final):
        start = first[part.state.stage.index]
        for index in range(len(part.layers)):
            if when != BASE and start is not None and index >= start:
                rows.append(found.layers[place])
            place += 1
    steps = sum(
        len(part.layers) - start for part in image.stages if part.state.stage.index in needed and (start := first[part.state.stage.index]) is not None
    )
    return Rebuilt(found.layer_count if when == BASE else len(rows), summed(row.size for row in rows), summed(row.compressed for row in rows), steps)


def _first_changed(image: Image, contents: Contents, when: str) -> Mapping[int, int | None]:
    """By stage, the first of its layers that runs again; None where all are cached."""
    found: dict[int, int | None] = {}
    for part in image.stages:
        index = part.state.stage.index
        parent = part.state.parent
        if when == BASE or (parent is not None and found[parent] is not None):
            found[index] = 0 if part.layers else None
            continue
        found[index] = next((place for place, layer in enumerate(part.layers) if _changes(layer, image, contents, when, found)), None)
    return found


def _changes(layer: Layer, image: Image, contents: Contents, when: str, found: Mapping[int, int | None]) -> bool:
    if when == DEPENDENCY and layer.instruction.keyword == "RUN":
        # A package named on the command line changes with it.
        return any(act.install is not None and act.phase is Phase.INSTALL and act.install.packages for act in layer.acts)
    if layer.instruction.keyword == "RUN":
        return False
    return any(_reads_changed(write, image, contents, when, found) for write in layer.writes)


def _reads_changed(write: Write, image: Image, contents: Contents, when: str, found: Mapping[int, int | None]) -> bool:
    source = stage_source(write)
    if source is not None:
        index, path = source
        return _made_again(image, index, path, found)
    if write.kind is not Kind.CONTEXT or not write.origin.startswith("context:"):
        return False
    name = posixpath.normpath(write.origin.removeprefix("context:").partition(" ")[0])
    if contents.has(name) or not write.tree:
        return _is_manifest(name) == (when == DEPENDENCY)
    return True


def _made_again(image: Image, index: int, path: str, found: Mapping[int, int | None]) -> bool:
    """Whether a layer of that stage that runs again wrote at, below or above the path."""
    for part in image.chain(index):
        start = found[part.state.stage.index]
        if start is None:
            continue
        for layer in part.layers[start:]:
            if layer.opaque or any(
                write.kind is not Kind.CACHE and write.origin != "workdir" and touches(write.path, path) for write in layer.writes
            ):
                return True
    return False


@remembered(2_048)
def _is_manifest(path: str) -> bool:
    name = posixpath.basename(path)
    return name in _NAMES or any(glob_matches(pattern, name) for pattern in _PATTERNS)


_MANIFESTS = frozenset(name for ecosystem in ECOSYSTEMS for manifest in ecosystem.manifests for name in manifest.names)
_PATTERNS = tuple(sorted(name for name in _MANIFESTS if not frozenset("*?[\\").isdisjoint(name)))
_NAMES = _MANIFESTS - frozenset(_PATTERNS)


def _needed(image: Image) -> frozenset[int]:
    """The stages that the shipped one is built from."""
    needed = {part.state.stage.index for part in image.chain(image.final)}
    for part in reversed(image.stages):
        if part.state.stage.index not in needed:
            continue
        if part.state.parent is not None:
            needed.add(part.state.parent)
        copies = (layer for layer in part.layers if layer.instruction.keyword in ("COPY", "ADD"))
        needed |= {source[0] for layer in copies for write in layer.writes if (source := stage_source(write)) is not None}
    return frozenset(needed)
