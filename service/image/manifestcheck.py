"""What an install reads lies where it lay when it ran: a COPY of several files leaves their folders out."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from service.ecosystems import ECOSYSTEMS
from service.image.effects import Act, Kind, Layer, Write
from service.image.history import below, inside
from service.image.image import Image

if TYPE_CHECKING:
    from service.context import BuildContext
    from service.image.verify import Findings, Pair

_BY_NAME = {ecosystem.name: ecosystem for ecosystem in ECOSYSTEMS}
_MOST_FILES = 40


def check_manifests(pair: Pair, found: Findings) -> None:
    """Each manifest of an install, and what it refers to, is in one of the places where it was for the same command, and in no new one."""
    before = {_key(act): writes for writes, act in _installs(pair.before)}
    all_before = [write for stage in pair.before.stages for layer in stage.layers for write in _context(layer)]
    for writes, act in _installs(pair.after):
        for file in _read(act, pair.context):
            was = _places(file, before.get(_key(act), ()))
            now = _places(file, writes)
            if was and not was & now:
                found.failures.append(f"`{act.step}` would not find {file} in {sorted(was)[0]}")
            elif was and now - _places(file, all_before):
                found.failures.append(f"{file} would lie in {sorted(now - _places(file, all_before))[0]} too")


def _key(act: Act) -> tuple[str | None, ...]:
    return act.words


def _installs(image: Image) -> Iterator[tuple[tuple[Write, ...], Act]]:
    """The installs of all stages, each with the context's files that are there by then."""
    for stage in image.stages:
        writes: list[Write] = []
        chain = image.chain(stage.state.stage.index)
        for part in chain:
            for layer in part.layers:
                if part is chain[-1]:
                    yield from ((tuple(writes), act) for act in layer.acts if act.install is not None and act.install.manifests)
                writes += _context(layer)


def _context(layer: Layer) -> Iterator[Write]:
    return (write for write in layer.writes if write.kind is Kind.CONTEXT and write.origin.startswith("context:"))


def _places(file: str, writes: Iterable[Write]) -> frozenset[str]:
    """Where a file of the context comes to lie."""
    found = set()
    for write in writes:
        source = posixpath.normpath(write.origin.removeprefix("context:").partition(" ")[0])
        if write.tree and (source == "." or below(file, source)):
            found.add(posixpath.normpath(posixpath.join(write.path, inside(file, source))))
        elif file == source:
            found.add(write.path)
    return frozenset(found)


def _read(act: Act, context: BuildContext) -> list[str]:
    """The manifests that an install reads and what they refer to, as far as they were sent."""
    ecosystem = _BY_NAME.get(act.ecosystem)
    queue = list(act.install.manifests) if act.install is not None else []
    found: list[str] = []
    while queue and len(found) < _MOST_FILES:
        file = queue.pop(0)
        if file in found:
            continue
        found.append(file)
        content = context.files.get(file)
        read = ecosystem.local_references if ecosystem is not None else None
        references = read(posixpath.basename(file), content) if read is not None and content is not None else ()
        paths = (posixpath.normpath(posixpath.join(posixpath.dirname(file), one)) for one in references or ())
        queue += (path for path in paths if path in context.files)
    return found
