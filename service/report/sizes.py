"""The size part of the report as plain values: both images by one ruler, what is saved, wasted, shared and rebuilt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.context import BuildContext
from service.image.image import Image
from service.image.interpret import seen
from service.knowledge.sizes import image_size
from service.refactoring.result import Refactoring
from service.sizing import Estimate, Estimator, LayerEstimate, Size, SizesOf
from service.sizing.arithmetic import difference
from service.sizing.contents import Contents
from service.sizing.rebuild import CHANGES, Rebuilt, rebuilds

_MOST_ROWS = 50
"""Rows of waste and removables that an answer lists, the largest first; the totals count all."""


def sizes(refactoring: Refactoring, context: BuildContext, sizes_of: SizesOf = image_size) -> dict[str, Any]:
    """The contract's `report`: before, after, build stages, savings, sharing and rebuild."""
    contents = Contents.of(seen(context))
    one = Estimator.of(refactoring.before, context, sizes_of, contents)
    other = Estimator.of(refactoring.after, context, sizes_of, contents) if refactoring.after is not refactoring.before else one
    before, after = one.stage(refactoring.before.final), other.stage(refactoring.after.final)
    same = other is one
    was = image_report(before)
    again = _rebuilds(refactoring.before, before, contents)
    now = again if same else _rebuilds(refactoring.after, after, contents)
    return {
        "before": was,
        "after": dict(was) if same else image_report(after),
        "build_stages": [stage_report(stage.state.stage.name, other.stage(index)) for index, stage in enumerate(refactoring.after.stages[:-1])],
        "savings": _savings(before, after),
        "sharing": sharing(after),
        "rebuild": [{"when": when, "before": first, "after": second} for when, first, second in zip(CHANGES, again, now, strict=True)],
    }


def image_report(found: Estimate) -> dict[str, Any]:
    """One image: its layers, totals, what is stored for nothing and what a cleaner file would not store."""
    return {
        "layers": [_layer(layer) for layer in found.layers],
        "layer_count": found.layer_count,
        **_bytes(found.total),
        **_compressed(found.compressed),
        "waste_bytes": found.waste_bytes,
        "waste": [
            {"cause": one.cause, "path": one.path, "line": one.line, "by_line": one.by, **_bytes(one.size)}
            for one in sorted(found.wasted, key=lambda one: -one.size.mid)[:_MOST_ROWS]
        ],
        "removable_bytes": found.removable_bytes,
        "removable": [
            {"cause": one.cause, "line": one.line, **_bytes(one.size)} for one in sorted(found.removable, key=lambda one: -one.size.mid)[:_MOST_ROWS]
        ],
        "efficiency": round(found.efficiency, 4),
    }


def rebuild_of(image: Image, found: Estimate, contents: Contents) -> list[dict[str, Any]]:
    """The rebuild table of one image alone."""
    return [{"when": when, **row} for when, row in zip(CHANGES, _rebuilds(image, found, contents), strict=True)]


def _rebuilds(image: Image, found: Estimate, contents: Contents) -> list[dict[str, int]]:
    """A row for each of CHANGES."""
    return [_rebuilt(one) for one in rebuilds(image, found, contents)]


def sharing(found: Estimate) -> dict[str, int]:
    """What an image shares with others on its base, and what is its own."""
    base, own = found.layers[0].size if found.layers else Size(0, 0, 0), found.total.mid
    return {
        "with_base_bytes": base.mid,
        "with_base_low": base.low,
        "with_base_high": base.high,
        "unique_bytes": own - base.mid,
        "unique_low": min(own - base.mid, max(0, found.total.low - base.high)),
        "unique_high": max(own - base.mid, found.total.high - base.low),
        "unique_compressed_bytes": sum(layer.compressed.mid for layer in found.own),
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
        "opaque": layer.opaque,
        "removable_bytes": sum(one.size.mid for one in layer.removable),
    }


def _bytes(size: Size) -> dict[str, int]:
    return {"bytes": size.mid, "low": size.low, "high": size.high}


def _compressed(size: Size) -> dict[str, int]:
    return {"compressed_bytes": size.mid, "compressed_low": size.low, "compressed_high": size.high}


def stage_report(name: str, found: Estimate) -> dict[str, Any]:
    return {"name": name or None, "layers": [_layer(layer) for layer in found.layers], **_bytes(found.total)}


def _rebuilt(found: Rebuilt) -> dict[str, int]:
    return {"layers": found.layers, **_bytes(found.size), **_compressed(found.compressed), "steps": found.steps}


def _savings(before: Estimate, after: Estimate) -> Mapping[str, Any]:
    """The difference of two estimates of one file: what both contain cancels out, so only what differs carries a range."""
    kept, mine = ({(layer.instruction, layer.size) for layer in one.layers} for one in (after, before))
    gone = [layer for layer in before.layers if (layer.instruction, layer.size) not in kept]
    new = [layer for layer in after.layers if (layer.instruction, layer.size) not in mine]
    low, _, high = difference((layer.size for layer in gone), (layer.size for layer in new))
    middle, whole = before.total.mid - after.total.mid, before.total.mid or 1
    least, _, most = difference((layer.compressed for layer in gone), (layer.compressed for layer in new))
    packed = before.compressed.mid - after.compressed.mid
    return {
        "bytes": middle,
        "low": min(low, middle),
        "high": max(high, middle),
        "percent": round(100 * middle / whole, 1),
        "low_percent": round(100 * min(low, middle) / whole, 1),
        "high_percent": round(min(100.0, 100 * max(high, middle) / whole), 1),
        "compressed_bytes": packed,
        "compressed_low": min(least, packed),
        "compressed_high": max(most, packed),
    }
