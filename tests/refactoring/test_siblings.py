"""Cases that must not change stand close to cases that must: three lines away at most, so that each shows what it lacks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from tests.refactoring.test_cases import ALL, CASES, load

SHARE = 0.4
LINES = 3


@dataclass(frozen=True)
class Member:
    """A case's Dockerfile by lines, with how often each occurs."""

    path: Path
    changed: bool
    lines: tuple[str, ...]
    counted: Counter[str]


def _member(path: Path) -> Member:
    case = load(path)
    lines = tuple(case.dockerfile.splitlines())
    return Member(path, case.rules["outcome"] != "unchanged", lines, Counter(lines))


MEMBERS = tuple(map(_member, ALL))
CHANGED = tuple(member for member in MEMBERS if member.changed)
UNCHANGED = tuple(member for member in MEMBERS if not member.changed)


def _distance(one: Member, other: Member) -> int:
    """Lines that differ: of lines that became others, the larger number of the two."""
    opcodes = SequenceMatcher(None, one.lines, other.lines, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in opcodes if tag != "equal")


def _least(one: Member, other: Member) -> int:
    """What the distance is at least: lines of the longer file that the other has not, in whatever order; quick to tell."""
    return max(len(one.lines), len(other.lines)) - (one.counted & other.counted).total()


def _close(one: Member, other: Member) -> bool:
    return _least(one, other) <= LINES and _distance(one, other) <= LINES


def test_two_fifths_must_not_change() -> None:
    assert len(UNCHANGED) >= SHARE * len(MEMBERS), f"{len(UNCHANGED)} of {len(MEMBERS)}"


@pytest.mark.parametrize("member", UNCHANGED, ids=lambda member: str(member.path.relative_to(CASES).with_suffix("")))
def test_a_sibling_changes(member: Member) -> None:
    assert any(_close(member, other) for other in CHANGED), f"no case that changes differs by at most {LINES} lines of its Dockerfile"


def test_lines_that_became_others_count_once() -> None:
    assert _distance(_of("a", "b", "c"), _of("a", "x", "y", "c", "d")) == 3
    assert _least(_of("a", "b", "c"), _of("a", "x", "y", "c", "d")) == 3
    assert not _close(_of("a", "b", "c", "d"), _of("w", "x", "y", "z"))


def _of(*lines: str) -> Member:
    return Member(Path(), False, lines, Counter(lines))
