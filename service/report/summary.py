"""The report for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.context import BuildContext
from service.knowledge.sizes import image_size
from service.refactoring.result import Refactoring, Remark
from service.report.numbers import ranged, size
from service.report.sizes import sizes
from service.sizing import SizesOf


def as_text(refactoring: Refactoring, context: BuildContext, sizes_of: SizesOf = image_size) -> str:
    """What was done, why, what is assumed, and the sizes with their ranges."""
    return "\n".join(_lines(refactoring, sizes(refactoring, context, sizes_of))) + "\n"


def _lines(refactoring: Refactoring, report: Mapping[str, Any]) -> Iterator[str]:
    yield {"split": "Split into a build and a runtime stage.", "improved": "Improved; not split.", "unchanged": "Unchanged."}[refactoring.outcome]
    for remark in refactoring.remarks:
        yield _remark(remark)
    verdict = refactoring.verdict
    changed = refactoring.outcome != "unchanged"
    if changed:
        yield f"Verdict: {verdict.level}."
        yield from (f"  assumed: {text}" for text in verdict.assumptions)
        yield from (f"  differs: {one.key} ({one.because})" for one in verdict.differences)
    yield f"Estimated size: {_image(report['before'])}"
    if changed:
        yield f"         after: {_image(report['after'])}"
    yield from _hints(report["after"])
    if changed:
        for row in report["rebuild"]:
            yield f"  when {row['when']}: pulls {size(row['before']['compressed_bytes'])} before, {size(row['after']['compressed_bytes'])} after"


def _image(image: Mapping[str, Any]) -> str:
    return f"{ranged(image)}, {ranged(image, 'compressed_')} compressed, {image['layer_count']} layers"


def _hints(image: Mapping[str, Any]) -> Iterator[str]:
    """What of the shipped image is stored for nothing."""
    for row in image["waste"][:3]:
        if row["bytes"] >= 1_000_000:
            yield f"  line {row['line']}: {size(row['bytes'])} of {row['path']} are {_CAUSES[row['cause']]} by line {row['by_line']}, and stay stored"
    for row in image["removable"][:3]:
        if row["bytes"] >= 1_000_000:
            yield f"  line {row['line']}: {row['cause']} leaves {ranged(row)} that nothing reads"


_CAUSES = {"deleted": "deleted", "overwritten": "overwritten", "metadata": "stored again"}


def _remark(remark: Remark) -> str:
    place = f"line {remark.after[0]}" if remark.after else f"line {remark.before[0]} (before)" if remark.before else remark.by
    sign = {"passed": "+", "missed": "-", "reverted": "!", "analysis": "*"}[remark.kind]
    return f"  {sign} {place}: {remark.because}"
