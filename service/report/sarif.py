"""The remarks as SARIF 2.1.0, for code scanning and editors (OASIS, sarif-v2.1.0-os; section numbers below are that document's)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from service.passes import PASSES
from service.passes.findings import FINDINGS
from service.passes.pages import Page, pages
from service.refactoring.result import Refactoring, Remark
from service.version import VERSION

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
OTHER = "restage"
"""The rule of remarks that neither a pass nor a finding makes."""
FINGERPRINT = "restageRemark/v1"

_LEVELS: Mapping[str, tuple[str, str]] = {
    "passed": ("fail", "note"),
    "analysis": ("fail", "warning"),
    "missed": ("informational", "none"),
    "reverted": ("informational", "none"),
}
"""`kind` and `level` (3.27.9, 3.27.10): an edit is an opportunity to improve, a finding is a problem, a decline is neither."""
_PAGES = {page.name: page for page in pages()}
_RULES = (*(one.name for one in PASSES), *(one.code for one in FINDINGS), OTHER)
_PLACES = {name: place for place, name in enumerate(_RULES)}
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def as_sarif(refactoring: Refactoring, document: Mapping[str, Any], site: str = "") -> dict[str, Any]:
    """Plain values. One run; a rule for every pass and finding, whether it spoke or not; a result for every remark. `document` is the answer as
    JSON. `site` is where the pages of /docs are served, ending in a slash: rules link to them only where there is such a place, and carry their
    text anyway.

    The rewrite is one fix, at the first edit: the edits are verified together, and none of them alone.
    """
    uri = _uri(refactoring.options.filename)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "Restage", "semanticVersion": VERSION, "rules": [_rule(name, site) for name in _RULES]}},
                "columnKind": "unicodeCodePoints",
                "artifacts": [{"location": {"uri": uri}, "sourceLanguage": "dockerfile", "roles": ["analysisTarget"]}],
                "invocations": [{"executionSuccessful": True}],
                "results": list(_results(refactoring, uri)),
                "properties": {
                    "outcome": document["outcome"],
                    "verdict": document["verdict"]["level"],
                    "savings": document["report"]["savings"],
                    "missingContext": document["missing_context"],
                },
            }
        ],
    }


def _rule(name: str, site: str) -> dict[str, Any]:
    page = _PAGES.get(name)
    if page is None:
        return {"id": name, "shortDescription": {"text": "Other remarks of the engine"}}
    found: dict[str, Any] = {
        "id": name,
        "name": "".join(part.capitalize() for part in name.replace("-", "_").split("_")),
        "shortDescription": {"text": page.summary},
        "help": {"text": _help(page)},
        "defaultConfiguration": {"level": _LEVELS["analysis" if page.kind == "finding" else "passed"][1]},
    }
    return found | ({"helpUri": f"{site}docs/passes/{name}"} if site else {})


def _help(page: Page) -> str:
    parts = (page.summary, page.why and f"Why: {page.why}", page.declines and f"Where it does not: {page.declines}", f"Source: {page.source}")
    return "\n\n".join(part for part in parts if part)


def _results(refactoring: Refactoring, uri: str) -> Iterator[dict[str, Any]]:
    lines = refactoring.source.split("\n")
    seen: Counter[str] = Counter()
    fix = [_fix(refactoring, uri)] if refactoring.dockerfile != refactoring.source else []
    for remark in refactoring.remarks:
        kind, level = _LEVELS[remark.kind]
        rule = remark.code if remark.code in _PLACES else remark.by if remark.by in _PLACES else OTHER
        found: dict[str, Any] = {
            "ruleId": rule,
            "ruleIndex": _PLACES[rule],
            "kind": kind,
            "level": level,
            "message": {"text": _plain(remark.because)},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri, "index": 0}, **_region(remark, len(lines))}}],
            "partialFingerprints": {FINGERPRINT: _fingerprint(remark, rule, lines, seen)},
            "properties": {"remark": remark.kind, "pass": remark.by, "code": remark.code, "needs": list(remark.needs)},
        }
        if remark.kind == "passed" and fix:
            found["fixes"] = [fix.pop()]
        yield found


def _region(remark: Remark, lines: int) -> dict[str, Any]:
    """The lines of the author's file; none for what is about the whole of it (3.29.4)."""
    if remark.before is None:
        return {}
    first, last = remark.before
    return {"region": {"startLine": first, "endLine": max(first, min(last, lines))}}


def _fingerprint(remark: Remark, rule: str, lines: list[str], seen: Counter[str]) -> str:
    """The same for the same remark on the same lines wherever they stand in the file (3.27.17); a number tells equal ones apart."""
    first, last = remark.before or (1, 0)
    words = " ".join(" ".join(lines[first - 1 : last]).split())
    mark = hashlib.sha256("\0".join((rule, remark.kind, remark.code, words)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    seen[mark] += 1
    return f"{mark}:{seen[mark]}"


def _fix(refactoring: Refactoring, uri: str) -> dict[str, Any]:
    """The whole file replaced, but for the end of its last line where both have the same."""
    before, after = refactoring.source, refactoring.dockerfile
    end = next((end for end in ("\r\n", "\n") if before.endswith(end) and after.endswith(end)), "")
    lines = before.removesuffix(end).split("\n")
    region = {"startLine": 1, "startColumn": 1, "endLine": len(lines), "endColumn": len(lines[-1]) + 1}
    replacement = {"deletedRegion": region, "insertedContent": {"text": after.removesuffix(end)}}
    return {
        "description": {"text": "Take the whole rewrite; its edits are verified together."},
        "artifactChanges": [{"artifactLocation": {"uri": uri, "index": 0}, "replacements": [replacement]}],
    }


def _plain(text: str) -> str:
    """What quotes the author's file is no link (3.11.6)."""
    return text.replace("[", "\\[").replace("]", "\\]") if "](" in text else text


def _uri(path: str) -> str:
    """A relative reference (RFC 3986)."""
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in path.encode("utf-8", "surrogatepass"))
