"""The size part of the report: both images by the same ruler, what is saved, shared and rebuilt."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from service.context import BuildContext
from service.image.effects import Kind, Phase
from service.image.image import Image, StageImage
from service.knowledge.sizes import ImageSize, image_size
from service.refactoring.result import Refactoring
from service.sizing import Estimate, LayerEstimate, Size, estimate


def sizes(refactoring: Refactoring, context: BuildContext, sizes_of: Callable[[str], ImageSize] = image_size) -> dict[str, Any]:
    before, after = (estimate(image, context, image_size=sizes_of) for image in (refactoring.before, refactoring.after))
    return {
        "before": _image(before),
        "after": _image(after),
        "build_stages": [_stage(refactoring.after, stage, context, sizes_of) for stage in refactoring.after.stages[:-1]],
        "savings": _savings(before, after),
        "sharing": _sharing(after),
        "rebuild": _rebuild(refactoring, before, after),
    }


def _image(found: Estimate) -> dict[str, Any]:
    return {
        "layers": [_layer(layer) for layer in found.layers],
        "layer_count": found.layer_count,
        **_bytes(found.total),
        **_compressed(found.compressed),
        "waste_bytes": 0,
        "removable_bytes": found.removable,
    }


def _layer(layer: LayerEstimate) -> dict[str, Any]:
    return {
        "line": layer.line,
        "instruction": layer.instruction,
        "stage": layer.stage or None,
        **_bytes(layer.size),
        **_compressed(layer.compressed),
        "basis": layer.size.basis,
        "source": layer.size.source,
        "date": layer.size.date,
    }


def _bytes(size: Size) -> dict[str, int]:
    return {"bytes": size.mid, "low": size.low, "high": size.high}


def _compressed(size: Size) -> dict[str, int]:
    return {"compressed_bytes": size.mid, "compressed_low": size.low, "compressed_high": size.high}


def _stage(image: Image, stage: StageImage, context: BuildContext, sizes_of: Callable[[str], ImageSize]) -> dict[str, Any]:
    found = estimate(image, context, stage.state.stage.index, sizes_of)
    return {"name": stage.state.stage.name or None, "layers": [_layer(layer) for layer in found.layers], **_bytes(found.total)}


def _savings(before: Estimate, after: Estimate) -> dict[str, Any]:
    """The difference of two estimates of one file: what both contain cancels out, so only what differs carries a range."""
    kept = {(layer.instruction, layer.size) for layer in after.layers}
    gone = [layer.size for layer in before.layers if (layer.instruction, layer.size) not in kept]
    mine = {(layer.instruction, layer.size) for layer in before.layers}
    new = [layer.size for layer in after.layers if (layer.instruction, layer.size) not in mine]
    middle = before.total.mid - after.total.mid
    down = math.isqrt(sum((size.mid - size.low) ** 2 for size in gone) + sum((size.high - size.mid) ** 2 for size in new))
    up = math.isqrt(sum((size.high - size.mid) ** 2 for size in gone) + sum((size.mid - size.low) ** 2 for size in new))
    whole = before.total.mid or 1
    compressed = before.compressed.mid - after.compressed.mid
    return {
        "bytes": middle,
        "low": middle - down,
        "high": middle + up,
        "percent": round(100 * middle / whole, 1),
        "low_percent": round(100 * (middle - down) / whole, 1),
        "high_percent": round(min(100.0, 100 * (middle + up) / whole), 1),
        "compressed_bytes": compressed,
    }


def _sharing(after: Estimate) -> dict[str, Any]:
    base = after.layers[0].size if after.layers else Size(0, 0, 0)
    rest = after.total.mid - base.mid
    return {
        "with_base_bytes": base.mid,
        "with_base_low": base.low,
        "with_base_high": base.high,
        "unique_bytes": rest,
        "unique_low": max(0, after.total.low - base.high),
        "unique_high": max(rest, after.total.high - base.low),
    }


def _rebuild(refactoring: Refactoring, before: Estimate, after: Estimate) -> list[dict[str, Any]]:
    return [
        {"when": when, "before": _from(refactoring.before, before, when), "after": _from(refactoring.after, after, when)}
        for when in ("a source file changes", "a dependency changes", "the base image changes")
    ]


def _from(image: Image, found: Estimate, when: str) -> dict[str, int]:
    """Layers of the shipped image that are made again, and their bytes: the first that changes and all that follow it."""
    first = _first_changed(image, when)
    rows = (
        [layer for layer in found.layers[1:] if first is not None and layer.line >= first] if when != "the base image changes" else list(found.layers)
    )
    return {
        "layers": len(rows),
        "bytes": sum(row.size.mid for row in rows),
        "low": sum(row.size.low for row in rows),
        "high": sum(row.size.high for row in rows),
    }


def _first_changed(image: Image, when: str) -> int | None:
    lines = []
    for layer in image.stages[image.final].layers:
        for write in layer.writes:
            sources = write.kind is Kind.CONTEXT and write.tree
            if write.kind is Kind.STAGE or (sources if when == "a source file changes" else write.kind is Kind.CONTEXT):
                lines.append(layer.instruction.lines[0])
        if when == "a dependency changes" and any(act.phase is Phase.INSTALL for act in layer.acts):
            lines.append(layer.instruction.lines[0])
    return min(lines, default=None)
