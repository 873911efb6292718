"""Shows how much is known, and how old it is: base images by family, package tables, tags; or what is known of one image."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from service.knowledge import coverage
from service.knowledge.sizes import image_size

SUMMARY = "show what is known of base images and packages, and how old it is"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", nargs="?", help="a reference, like python:3.12-slim")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(namespace: argparse.Namespace) -> int:
    found = _image(namespace.image) if namespace.image else coverage.everything()
    if namespace.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        print(*(_image_lines(found) if namespace.image else _lines(found)), sep="\n")
    return 0


def _image(reference: str) -> dict[str, Any]:
    size = image_size(reference)
    return {
        "image": reference,
        "unpacked": dict(zip(("low", "bytes", "high"), size.unpacked, strict=True)),
        "compressed": dict(zip(("low", "bytes", "high"), size.compressed, strict=True)),
        "layer_count": size.n_layers,
        "layers": [{"digest": digest, "compressed_bytes": count} for digest, count in size.layers],
        "basis": size.basis,
        "note": size.note,
        "source": size.source,
        "date": size.date,
        "digest": size.digest or None,
        "suite": size.suite or None,
    }


def _image_lines(found: dict[str, Any]) -> Iterator[str]:
    yield found["image"]
    for name in ("unpacked", "compressed"):
        size = found[name]
        yield f"  {name:<10}  {_megabytes(size['bytes'])} MB ({_megabytes(size['low'])} to {_megabytes(size['high'])})"
    yield f"  layers      {found['layer_count']}"
    for name in ("basis", "note", "suite", "date", "source", "digest"):
        if found[name]:
            yield f"  {name:<10}  {found[name]}"


def _lines(found: dict[str, Any]) -> Iterator[str]:
    images = found["images"]
    yield f"base images of {images['date']}: {images['references']} references in {len(images['families'])} families, {images['with_layers']} with"
    yield f"layers, {images['with_unpacked_size']} with a measured unpacked size"
    yield f"  {'family':<34} {'refs':>5} {'layers':>7} {'unpacked':>9}  {'oldest':<8} newest"
    for row in images["families"]:
        counts = f"{row['references']:>5} {row['with_layers']:>7} {row['with_unpacked_size']:>9}"
        yield f"  {row['family'][:34]:<34} {counts}  {row['oldest'][:7]:<8} {row['newest'][:7]}"
    for table in found["tables"]:
        yield f"{table['name']}: {table['rows']} rows, {table['date']}"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f}"
