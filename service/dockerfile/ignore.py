"""`.dockerignore` (moby/patternmatcher): the last matching rule wins, `!` takes files back, a rule for a folder covers what is below it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass

from service.dockerfile.patterns import glob_matches

_MOST_RULES = 2_000
_WILD = frozenset("*?[\\")


@dataclass(frozen=True, slots=True)
class Rule:
    """`literal`: the pattern is a path without wildcards, which is looked up and not matched."""

    pattern: str
    keeps: bool
    literal: bool = False


def rules(text: str) -> tuple[Rule, ...]:
    """The rules in order: `#` only in the first column, blanks stripped, the path cleaned and its leading slash taken off."""
    found: list[Rule] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines()):
        if line.startswith("#") or not line.strip():
            continue
        body = line.strip()
        keeps = body.startswith("!")
        body = body[1:].strip() if keeps else body
        if not body or number >= _MOST_RULES:
            continue
        clean = posixpath.normpath(body)
        pattern = clean.lstrip("/") if len(clean) > 1 else clean
        found.append(Rule(pattern, keeps, not _WILD & set(pattern)))
    return tuple(rule for rule in found if rule.pattern)


def visible(files: Iterable[str], ignore_text: str) -> frozenset[str]:
    """The files of a context that an ignore file lets through."""
    read = rules(ignore_text)
    return frozenset(path for path in files if not ignored(path, read))


def ignored(path: str, read: tuple[Rule, ...]) -> bool:
    """Whether the last rule that matches the path, or a folder above it, drops it."""
    result = False
    parents = _parents(path)
    for rule in read:
        if rule.keeps != result:
            continue
        if rule.pattern in parents if rule.literal and rule.pattern != "." else any(_matches(rule.pattern, name) for name in parents):
            result = not rule.keeps
    return result


def _matches(pattern: str, path: str) -> bool:
    if pattern == ".":
        return True
    return glob_matches(pattern, path)


def _parents(path: str) -> tuple[str, ...]:
    parts = path.split("/")
    return tuple("/".join(parts[:count]) for count in range(len(parts), 0, -1))
