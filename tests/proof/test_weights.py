"""Layers as `docker save` writes them, and what gzip makes of each."""

from __future__ import annotations

import io
import json
import random
import tarfile
import zlib

import pytest

from service.proof.weights import sizes_of

CONTENT = {"aa": b"a" * 100_000, "bb": random.Random(1).randbytes(50_000), "cc": b""}
LAYERS = [f"sha256:{name}" for name in CONTENT]


def saved(names: dict[str, bytes], order: list[str]) -> io.BytesIO:
    """Blobs first, manifest.json last, as Docker 25 and later write an image; a folder and a link are there too."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        folder = tarfile.TarInfo("blobs/sha256")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in {**names, "manifest.json": json.dumps([{"Config": "blobs/sha256/dd", "Layers": order}]).encode()}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    stream.seek(0)
    return stream


def packed(content: bytes) -> int:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return len(packer.compress(content) + packer.flush())


BLOBS = {f"blobs/sha256/{name}": content for name, content in CONTENT.items()}


def test_layers_have_the_size_of_their_blobs_whatever_their_order() -> None:
    found = sizes_of(saved(dict(reversed(BLOBS.items())), list(BLOBS)), LAYERS, {})
    assert found == {layer: packed(content) for layer, content in zip(LAYERS, CONTENT.values(), strict=True)}
    assert found["sha256:aa"] < 1_000 < 50_000 <= found["sha256:bb"]


def test_a_layer_that_is_known_by_its_digest_is_not_packed_again() -> None:
    assert sizes_of(saved(BLOBS, list(BLOBS)), LAYERS, {"sha256:aa", "sha256:bb"}).keys() == {"sha256:cc"}


def test_layers_are_matched_by_their_place_where_blobs_are_named_otherwise() -> None:
    """Older engines name a layer's blob by the image's history: `0123/layer.tar`."""
    old = {f"{place}/layer.tar": content for place, content in enumerate(CONTENT.values())}
    assert sizes_of(saved(old, list(old)), LAYERS, {}) == sizes_of(saved(BLOBS, list(BLOBS)), LAYERS, {})


def test_other_layers_than_the_image_has_are_an_error() -> None:
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        sizes_of(saved(BLOBS, list(BLOBS)[:2]), LAYERS, {})
