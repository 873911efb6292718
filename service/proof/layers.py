"""What an image's layers weigh, one by one: unpacked as the engine counts them, compressed as a registry would store them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from service.proof.engine import Engine, NotStarted
from service.proof.weights import sizes_of

_MAKERS = ("RUN ", "COPY ", "ADD ", "WORKDIR ")
_SHELL = "|"


@dataclass(frozen=True, slots=True)
class BuiltLayer:
    """`instruction` as the history tells it; bytes unpacked and compressed."""

    instruction: str
    unpacked: int
    compressed: int


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """The layers above the base, the lowest first, and how many the base has."""

    base_layers: int
    layers: tuple[BuiltLayer, ...]


def layers_of(engine: Engine, image: str, base: str) -> BuiltImage:
    """The layers that an image adds to its base. Raises `ValueError` where history and layers do not match."""
    digests = _digests(engine, image)
    below = _digests(engine, base) if base != "scratch" else []
    if digests[: len(below)] != below:
        raise ValueError(f"{image} does not stand on {base}")
    own = digests[len(below) :]
    rows = [row for row in _history(engine, image) if row[0]][: len(own)]
    if len(rows) != len(own):
        raise ValueError(f"{len(own)} layers, and {len(rows)} instructions that make one")
    rows.reverse()
    packed = _packed(engine, image, digests, below)
    return BuiltImage(len(below), tuple(BuiltLayer(text, size, packed[digest]) for (_, text, size), digest in zip(rows, own, strict=True)))


def _digests(engine: Engine, image: str) -> list[str]:
    found = engine.inspect("image", image)
    return [str(layer) for layer in found.get("RootFS", {}).get("Layers", ())]


def _history(engine: Engine, image: str) -> list[tuple[bool, str, int]]:
    """(whether it makes a layer, the instruction, bytes), the newest first."""
    found = engine.call(["history", "--no-trunc", "--human=false", "--format", "{{json .}}", image])
    rows = [json.loads(line) for line in found.text.splitlines() if line]
    texts = [str(row["CreatedBy"]) for row in rows]
    return [(_makes_layer(text), text, int(row["Size"])) for text, row in zip(texts, rows, strict=True)]


def _makes_layer(text: str) -> bool:
    """WORKDIR makes the folder, and with it a layer; the root is there already."""
    return text.startswith((*_MAKERS, _SHELL)) and text.removesuffix("# buildkit").strip() != "WORKDIR /"


def _packed(engine: Engine, image: str, digests: list[str], below: list[str]) -> dict[str, int]:
    # The empty layer can be both in the base and above it.
    own = digests[len(below) :]
    with engine.saved(image) as stream:
        return sizes_of(stream, digests, frozenset(below) - frozenset(own))


def dpkg_packages(engine: Engine, image: str) -> frozenset[str] | None:
    """The distribution packages that an image has; None where it has no dpkg."""
    command = "dpkg-query -W -f '${Package}\\n'"
    try:
        with engine.ran(image, command, 60) as (_, output):
            return frozenset(output.text.split()) if output.code == 0 else None
    except NotStarted:
        return None
