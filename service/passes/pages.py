"""A pass's page, made from its docstring: what it does, why, where it does not, an example, and the source of what it says."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from textwrap import dedent

from service.passes import PASSES
from service.passes.findings import FINDINGS


@dataclass(frozen=True, slots=True)
class Page:
    """`before` and `after` are files, empty where a page has no example. `kind` is `default`, `opt-in` or `finding`."""

    name: str
    kind: str
    summary: str
    changes: str
    why: str
    declines: str
    source: str
    before: str
    after: str


_LABELS = ("Why: ", "Not where: ", "Source: ")


def pages() -> tuple[Page, ...]:
    """One for each pass, in the order they run, then one for each finding, the most valuable first."""
    passes = (_page(one.name, "opt-in" if one.opt_in else "default", one.changes, sys.modules[one.candidates.__module__].__doc__) for one in PASSES)
    findings = (_page(one.code, "finding", "nothing: a remark only", one.find.__doc__) for one in FINDINGS)
    return (*passes, *findings)


def _page(name: str, kind: str, changes: str, text: str | None) -> Page:
    head, _, rest = dedent(" " * 4 + (text or "") if kind == "finding" else text or "").partition("before:\n")
    before, _, after = rest.partition("after:\n")
    paragraphs = [" ".join(part.split()) for part in head.split("\n\n") if part.strip()]
    why, declines, source = (next((part.removeprefix(label) for part in paragraphs if part.startswith(label)), "") for label in _LABELS)
    return Page(name, kind, paragraphs[0] if paragraphs else "", changes, why, declines, source, _example(before), _example(after))


def _example(text: str) -> str:
    return dedent(text).strip() + "\n" if text.strip() else ""
