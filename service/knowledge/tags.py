"""Which tags the official images have or had, and the release each one stands on (see `importer.tags`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from service.knowledge.bundle import unpacked
from service.knowledge.lines import SortedLines
from service.remembering import remembered

SOURCE = "docker-library/official-images library/* @37079fb336, every change since 2013; the FROM lines of the Dockerfiles that it names"
DATE = "2026-08-22"


@dataclass(frozen=True, slots=True)
class TagFacts:
    """`suite` is the release that the tag stood on when it was last listed, None where nothing says it; `date` is that day."""

    suite: str | None
    date: str


def tag_facts(family: str, tag: str) -> TagFacts | None:
    """None where the family never listed the tag, as far as the catalogue goes."""
    line = _lines().find(f"{family}:{tag}".encode())
    if line is None:
        return None
    _, suite, date = line.decode().split("\t")
    return TagFacts(suite or None, date)


@remembered(1_024)
def listed(family: str) -> bool:
    """Whether the catalogue has the family's tags at all."""
    return _lines().starts_with(f"{family}:".encode())


@cache
def _lines() -> SortedLines:
    return SortedLines.of(unpacked("tags.tsv.xz"))
