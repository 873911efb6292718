"""The whole answer as JSON, in the contract's shape (docs: openapi.yaml)."""

from __future__ import annotations

from typing import Any

from service.context import BuildContext
from service.knowledge.sizes import image_size
from service.passes import PASSES
from service.passes.findings import FINDINGS
from service.refactoring.result import Refactoring, Remark, Verdict
from service.report.diff import unified
from service.report.sizes import sizes
from service.sizing import SizesOf
from service.version import DATA, VERSION

_CODES = frozenset(finding.code for finding in FINDINGS)
_NAMES = frozenset(one.name for one in PASSES)


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
        "docs": _page(remark),
        "because": remark.because,
        "before": list(remark.before) if remark.before else None,
        "after": list(remark.after) if remark.after else None,
        "needs": list(remark.needs),
    }


def _page(remark: Remark) -> str:
    """The page that explains a remark: the finding's, else the pass's; the list of them for what no pass says."""
    name = remark.code if remark.code in _CODES else remark.by
    return f"/docs/passes/{name}" if name in _CODES or name in _NAMES else "/docs/passes"


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "level": verdict.level,
        "differences": [{"key": one.key, "before": one.before, "after": one.after, "because": one.because} for one in verdict.differences],
        "left_behind": [{"path": one.path, "reason": one.reason} for one in verdict.left_behind],
        "assumptions": list(verdict.assumptions),
    }
