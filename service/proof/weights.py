"""What images weigh: unpacked as the engine counts it, and compressed layer by layer as a registry would store them."""

from __future__ import annotations

import json
import os
import tarfile
import zlib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import IO, Any

from service.proof.engine import Engine
from service.proof.model import Weight

_LEVEL = 6
_CHUNK = 1 << 20


def weigh(engine: Engine, image: str, compressed: bool) -> Weight:
    """Compressing reads every layer once; a layer's size is remembered by its digest, since bases are shared."""
    found = engine.inspect("image", image)
    layers = [str(layer) for layer in found.get("RootFS", {}).get("Layers", ())]
    return Weight(int(found.get("Size", 0)), len(layers), _compressed(engine, image, layers) if compressed else None)


def _compressed(engine: Engine, image: str, layers: list[str]) -> int:
    known = _remembered()
    if not set(layers) <= set(known):
        known |= _sizes(engine, image, layers, known)
        _remember(known)
    return sum(known[layer] for layer in layers)


def _sizes(engine: Engine, image: str, layers: list[str], known: dict[str, int]) -> dict[str, int]:
    with engine.saved(image) as stream:
        return sizes_of(stream, layers, known)


def sizes_of(saved: IO[bytes], layers: Sequence[str], known: Collection[str]) -> dict[str, int]:
    """gzip's size of each layer that is not known yet, from what `docker save` writes: layers are named in manifest.json, which comes last, so blobs
    are counted by name and matched afterwards, being in the order of the layers there."""
    sizes: dict[str, int] = {}
    order: list[str] = []
    with tarfile.open(fileobj=saved, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            if content is None:
                continue
            if member.name == "manifest.json":
                order = list(_manifest(content)[0]["Layers"])
            elif _layer_of(member.name) not in known:
                sizes[member.name] = _deflated(content)
    return {layer: sizes[name] for layer, name in zip(layers, order, strict=True) if name in sizes}


def _manifest(content: IO[bytes]) -> Any:
    return json.loads(content.read())


def _layer_of(name: str) -> str:
    """The digest that an OCI layout names a blob by."""
    return "sha256:" + name.rpartition("/")[2]


def _deflated(content: IO[bytes]) -> int:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
    size = 0
    while chunk := content.read(_CHUNK):
        size += len(packer.compress(chunk))
    return size + len(packer.flush())


def _memory() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "restage" / "compressed-layers.json"


def _remembered() -> dict[str, int]:
    try:
        return {str(name): int(size) for name, size in json.loads(_memory().read_text()).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _remember(sizes: dict[str, int]) -> None:
    place = _memory()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(sizes))
