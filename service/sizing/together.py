"""What several images store together: a layer that two of them have is stored, and pulled, once.

A layer is the same where its base and every instruction below it are the same, and what it reads: the values of ARG and ENV for a RUN, the content
of the sources for a COPY. That is what BuildKit's cache gives on one builder; built on two machines, a RUN's layers differ by their time stamps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from service.context import BuildContext
from service.image.effects import Kind, Layer, Write
from service.image.history import stage_source
from service.image.image import Image, Scope
from service.knowledge.sizes import ImageSize
from service.sizing.arithmetic import summed
from service.sizing.contents import Contents
from service.sizing.model import Estimate, Size


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored layer, or a base whose layers are not known one by one: `layers` is how many it stands for, `images` the places of the images
    in the list that have it."""

    instruction: str
    layers: int
    size: Size
    compressed: Size
    images: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """All images' layers, each once."""

    stored: tuple[Stored, ...]

    @property
    def layer_count(self) -> int:
        return sum(one.layers for one in self.stored)

    @property
    def size(self) -> Size:
        return summed(one.size for one in self.stored)

    @property
    def compressed(self) -> Size:
        return summed(one.compressed for one in self.stored)

    @property
    def shared(self) -> tuple[Stored, ...]:
        return tuple(one for one in self.stored if len(one.images) > 1)


@dataclass(frozen=True, slots=True)
class Measured:
    """One image of a list with what its estimate rests on."""

    image: Image
    contents: Contents
    context: BuildContext
    estimate: Estimate
    base: ImageSize


def together(images: Sequence[Measured]) -> Together:
    """Stored once: base layers by digest where the catalogue has them, else by the base's name; the rest by what makes them."""
    found: dict[str, Stored] = {}
    for place, one in enumerate(images):
        for key, instruction, layers, size, compressed in (*_base(one), *_own(one)):
            other = found.get(key)
            users = (place,) if other is None else (*other.images, *((place,) if place not in other.images else ()))
            found[key] = Stored(instruction, layers, size, compressed, users)
    return Together(tuple(found.values()))


_Row = tuple[str, str, int, Size, Size]


def _base(one: Measured) -> Iterator[_Row]:
    """Layer by layer where their digests are known, the unpacked bytes in proportion to the compressed ones; else the base as a whole."""
    row, base = one.estimate.layers[0], one.base
    whole = sum(size for _, size in base.layers)
    if base.n_layers and base.layers and whole:
        for digest, size in base.layers:
            share = size / whole
            yield digest, row.instruction, 1, row.size.scaled(share, share, share), row.compressed.scaled(share, share, share)
    elif base.n_layers:
        yield f"base:{row.instruction}", row.instruction, base.n_layers, row.size, row.compressed


def _own(one: Measured) -> Iterator[_Row]:
    keys = layer_keys(one.image, one.contents, one.context)[one.image.final]
    for key, row in zip(keys, one.estimate.own, strict=True):
        yield key, row.instruction, 1, row.size, row.compressed


def layer_keys(image: Image, contents: Contents, context: BuildContext) -> tuple[tuple[str, ...], ...]:
    """For each stage, in order, a key for every layer above its base: equal keys are equal layers. A stage only reads from earlier ones."""
    found: list[tuple[str, ...]] = []
    for part in image.stages:
        parent = part.state.parent
        keys = list(found[parent]) if parent is not None else []
        key = keys[-1] if keys else sha256(f"{part.state.base.reference}".encode()).hexdigest()
        scopes = {id(item): scope for item, scope in zip(part.state.stage.instructions, part.state.scopes, strict=True)}
        for layer in part.layers:
            words = [key, layer.instruction.keyword, _text(layer), *_read(layer, scopes[id(layer.instruction)], contents, context, found)]
            key = sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()
            keys.append(key)
        found.append(tuple(keys))
    return tuple(found)


def _text(layer: Layer) -> str:
    item = layer.instruction
    return "\1".join([item.value, *(heredoc.content for heredoc in item.heredocs)])


def _read(layer: Layer, scope: Scope, contents: Contents, context: BuildContext, stages: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if layer.instruction.keyword == "RUN":
        yield from (f"{name}={value}" for name, value in sorted(scope.variables().items()))
        yield f"{scope.workdir}\1{scope.user}\1{scope.shell}"
        return
    yield scope.workdir
    for write in layer.writes:
        yield from _source(write, contents, context, stages)


def _source(write: Write, contents: Contents, context: BuildContext, stages: Sequence[tuple[str, ...]]) -> Iterator[str]:
    source = stage_source(write)
    if source is not None:
        # Whatever the other stage made: the key of its last layer stands for all of it.
        index, path = source
        yield f"{stages[index][-1] if stages[index] else index}:{path}"
    elif write.kind is Kind.CONTEXT and write.origin.startswith("context:"):
        name = write.origin.removeprefix("context:").partition(" ")[0]
        for path in contents.below(name):
            content = context.files.get(path)
            known = sha256(content.encode("utf-8", "surrogatepass")).hexdigest() if content is not None else str(context.sizes.get(path, ""))
            yield f"{path}={known}"
    else:
        yield write.origin
