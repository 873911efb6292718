"""The whole answer as JSON, in the contract's shape (docs: openapi.yaml)."""

from __future__ import annotations

from typing import Any

from service.context import BuildContext
from service.knowledge.sizes import image_size
from service.refactoring.result import Refactoring, Remark, Verdict
from service.report.diff import unified
from service.report.sizes import sizes
from service.sizing import SizesOf
from service.version import DATA, VERSION


def as_json(refactoring: Refactoring, context: BuildContext, sizes_of: SizesOf = image_size) -> dict[str, Any]:
    """Plain values only: dicts, lists, strings, numbers, None."""
    name = refactoring.options.filename
    return {
        "outcome": refactoring.outcome,
        "dockerfile": refactoring.dockerfile,
        "diff": unified(refactoring.source, refactoring.dockerfile, name),
        "stages": [
            {
                "name": stage.name or None,
                "base": stage.base,
                "role": stage.role,
                "first_line": stage.first_line,
                "last_line": stage.last_line,
            }
            for stage in refactoring.stages
        ],
        "remarks": [_remark(remark) for remark in refactoring.remarks],
        "missing_context": list(refactoring.missing_context),
        "verdict": _verdict(refactoring.verdict),
        "prove": f"restage prove {name} .",
        "report": sizes(refactoring, context, sizes_of),
        "engine": {"version": VERSION, "data": DATA},
    }


def _remark(remark: Remark) -> dict[str, Any]:
    return {
        "kind": remark.kind,
        "pass": remark.by,
        "code": remark.code,
        "docs": f"/docs/passes/{remark.by}",
        "because": remark.because,
        "before": list(remark.before) if remark.before else None,
        "after": list(remark.after) if remark.after else None,
        "needs": list(remark.needs),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "level": verdict.level,
        "differences": [{"key": one.key, "before": one.before, "after": one.after, "because": one.because} for one in verdict.differences],
        "left_behind": [{"path": one.path, "reason": one.reason} for one in verdict.left_behind],
        "assumptions": list(verdict.assumptions),
    }
