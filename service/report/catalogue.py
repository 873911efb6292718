"""The tables of what the engine knows, for README.md: `python -m service.report.catalogue` prints them, between the marks a test looks for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from service.ecosystems import ECOSYSTEMS
from service.ecosystems.proven import PROVEN
from service.passes.pages import Page, pages

START, END = "<!-- catalogue: python -m service.report.catalogue -->", "<!-- /catalogue -->"


def as_markdown() -> str:
    return "\n".join([START, *_lines(), END]) + "\n"


def _lines() -> Iterator[str]:
    found = pages()
    yield from _table("Passes, in the order they run", (page for page in found if page.kind == "default"))
    yield from _table("Passes that run only when asked for (`also`)", (page for page in found if page.kind == "opt-in"))
    yield from _table("Findings: remarks, most valuable first", (page for page in found if page.kind == "finding"))
    yield from ("", "Ecosystems", "", "| ecosystem | what | proven by builds of |", "|---|---|---|")
    for one in ECOSYSTEMS:
        if one.images or one.manifests:
            yield f"| {one.name} | {one.summary} | {', '.join(PROVEN.get(one.name, ())) or 'none: analysis only'} |"


def _table(title: str, rows: Iterable[Page]) -> Iterator[str]:
    yield from ("", title, "", "| name | what it does |", "|---|---|")
    yield from (f"| `{page.name}` | {page.summary} |" for page in rows)


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
