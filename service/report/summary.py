"""The report for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from service.context import BuildContext
from service.knowledge.sizes import ImageSize, image_size
from service.refactoring.result import Refactoring, Remark
from service.sizing import Size, estimate


def as_text(refactoring: Refactoring, context: BuildContext, sizes_of: Callable[[str], ImageSize] = image_size) -> str:
    """What was done, why, what is assumed, and the sizes with their ranges."""
    return "\n".join(_lines(refactoring, context, sizes_of)) + "\n"


def _lines(refactoring: Refactoring, context: BuildContext, sizes_of: Callable[[str], ImageSize]) -> Iterator[str]:
    yield {"split": "Split into a build and a runtime stage.", "improved": "Improved; not split.", "unchanged": "Unchanged."}[refactoring.outcome]
    for remark in refactoring.remarks:
        yield _remark(remark)
    verdict = refactoring.verdict
    if refactoring.outcome != "unchanged":
        yield f"Verdict: {verdict.level}."
        yield from (f"  assumed: {text}" for text in verdict.assumptions)
        yield from (f"  differs: {one.key} ({one.because})" for one in verdict.differences)
    before, after = (estimate(image, context, image_size=sizes_of) for image in (refactoring.before, refactoring.after))
    yield f"Estimated size: {_megabytes(before.total)}, {before.layer_count} layers"
    if refactoring.outcome != "unchanged":
        yield f"         after: {_megabytes(after.total)}, {after.layer_count} layers"


def _remark(remark: Remark) -> str:
    place = f"line {remark.after[0]}" if remark.after else f"line {remark.before[0]} (before)" if remark.before else remark.by
    sign = {"passed": "+", "missed": "-", "reverted": "!", "analysis": "*"}[remark.kind]
    return f"  {sign} {place}: {remark.because}"


def _megabytes(size: Size) -> str:
    return f"{size.mid / 1e6:.0f} MB ({size.low / 1e6:.0f}-{size.high / 1e6:.0f})"
