"""`.dockerignore` (moby/patternmatcher): the last matching rule wins, `!` takes files back, a rule for a folder covers what is below it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass

from service.deadline import check
from service.dockerfile.patterns import affixes, expression, glob_matches, needle

_MOST_RULES = 2_000
_WILD = frozenset("*?[\\")
_FEW = 16
_PATIENCE = 40_000
"""So many times rules are tried one by one before they are compiled, which takes longer than a few hundred paths."""
_TOGETHER = 100
_REMEMBERED = 32
"""Folders deeper than that are looked at again for each file: nobody has them, and all their names would be kept."""


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


def tried(rule: Rule) -> bool:
    """Whether a rule is held against paths one by one: what names a path, or a last element by its ends, is looked up."""
    return not rule.literal and not (_is_anywhere(rule.pattern) and _ends(rule.pattern[3:]))


def visible(files: Iterable[str], ignore_text: str) -> frozenset[str]:
    """The files of a context that an ignore file lets through."""
    return unignored(files, rules(ignore_text))


def unignored(files: Iterable[str], read: tuple[Rule, ...]) -> frozenset[str]:
    """The files that the last rule which matches them, or a folder above them, does not drop. Each folder is looked at once."""
    literal = {rule.pattern: place for place, rule in enumerate(read) if rule.literal}
    placed = [(place, rule.pattern) for place, rule in enumerate(read) if not rule.literal]
    anywhere = _Anywhere([(place, pattern[3:]) for place, pattern in placed if _is_anywhere(pattern)])
    wild = _Wild([(place, pattern) for place, pattern in placed if not _is_anywhere(pattern)])
    decided: dict[str, int] = {}
    found = []
    for path in files:
        check()
        last = literal.get(".", -1)
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            name = "/".join(parts[:count]) if count < len(parts) else path
            known = decided.get(name)
            if known is None:
                known = wild.last(name, count, max(last, literal.get(name, -1), anywhere.last(parts[count - 1])))
            last = known
            if count < len(parts) and count <= _REMEMBERED:
                decided[name] = last
        if last < 0 or read[last].keeps:
            found.append(path)
    return frozenset(found)


def _is_anywhere(pattern: str) -> bool:
    """`**/name` asks for a path's last element alone, whatever wildcards are in it."""
    return pattern.startswith("**/") and "/" not in pattern[3:] and pattern != "**/**"


def _ends(element: str) -> tuple[str, str | None] | None:
    """(name, None) for a name, (start, end) for one with a star between them; None for any other pattern."""
    return (element, None) if _WILD.isdisjoint(element) else affixes(element)


class _Anywhere:
    """The rules for a last element. Names, and names with one star as most are (`*.log`), are looked up; what is left is tried once a name."""

    def __init__(self, rules: list[tuple[int, str]]) -> None:
        self._ends: dict[tuple[str, str | None], int] = {}
        rest = []
        for place, pattern in rules:
            ends = _ends(pattern)
            if ends is None:
                rest.append((place, pattern))
            else:
                self._ends[ends] = place
        self._lengths = {(len(start), len(end)) for start, end in self._ends if end is not None}
        self._rest = _Wild(rest)
        self._known: dict[str, int] = {}

    def last(self, name: str) -> int:
        """The place of the last of them that matches; -1 for none."""
        found = self._known.get(name)
        if found is None:
            best = self._ends.get((name, None), -1)
            for start, end in self._lengths:
                if start + end <= len(name):
                    best = max(best, self._ends.get((name[:start], name[len(name) - end :]), -1))
            found = self._known[name] = self._rest.last(name, 1, best)
        return found


class _Wild:
    """The rules with wildcards, those that can match a path of some depth together: few are tried one by one, where the path has the letters that a
    rule asks for; many, over many paths, as one expression whose alternatives are the rules from the last to the first."""

    def __init__(self, rules: list[tuple[int, str]]) -> None:
        self._rules = [(place, pattern, needle(pattern), _depth(pattern)) for place, pattern in reversed(rules)]
        self._by_depth: dict[int, list[tuple[int, str, str]]] = {}
        self._together: dict[int, list[tuple[re.Pattern[str], list[int]]]] = {}
        self._tried = 0

    def last(self, name: str, depth: int, best: int) -> int:
        """The place of the last of them that matches, or `best` where that is later."""
        found = self._by_depth.get(depth)
        if found is None:
            found = self._by_depth[depth] = [(place, pattern, letters) for place, pattern, letters, wanted in self._rules if wanted in (None, depth)]
        if len(found) > _FEW and self._tried > _PATIENCE:
            return self._last_together(name, depth, best, found)
        self._tried += len(found)
        for place, pattern, letters in found:
            if place <= best:
                break
            if letters in name and _matches(pattern, name):
                return place
        return best

    def _last_together(self, name: str, depth: int, best: int, found: list[tuple[int, str, str]]) -> int:
        for compiled, places in self._together.get(depth) or self._compiled(depth, found):
            if places[0] <= best:
                break
            if (match := compiled.match(name + "/")) is not None and match.lastindex is not None:
                return max(best, places[match.lastindex - 1])
        return best

    def _compiled(self, depth: int, found: list[tuple[int, str, str]]) -> list[tuple[re.Pattern[str], list[int]]]:
        """In groups, so that a rule far down is not compiled with all before it, and the deadline is looked at in between."""
        groups = []
        for start in range(0, len(found), _TOGETHER):
            check()
            some = found[start : start + _TOGETHER]
            # `\Z` inside each alternative: the first that matches the whole path is the answer.
            groups.append((re.compile("|".join(rf"({expression(pattern)}\Z)" for _, pattern, _ in some)), [place for place, _, _ in some]))
        self._together[depth] = groups
        return groups


def _matches(pattern: str, name: str) -> bool:
    check()
    return glob_matches(pattern, name)


def _depth(pattern: str) -> int | None:
    """How many path elements a pattern matches; None for any number."""
    parts = pattern.split("/")
    return None if "**" in parts else len(parts)
