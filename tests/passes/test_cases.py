"""Pairs for each pass, in `cases/PASS.txt`: what a pass makes of a file when it works alone, and what it must leave as it is."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service import BuildContext, Options, refactor
from service.passes import PASSES

CASES = Path(__file__).parent / "cases"
_NEAR = 3


@dataclass(frozen=True)
class Case:
    """`=== name`, lines of TOML up to `---`, the file, and after another `---` what becomes of it; without that it stays as it is."""

    owner: str
    name: str
    rules: dict[str, Any]
    before: str
    after: str | None


def load(path: Path) -> list[Case]:
    found = []
    for part in path.read_text().split("=== ")[1:]:
        head, *texts = part.split("---\n")
        name, _, rules = head.partition("\n")
        found.append(Case(path.stem, name.strip(), tomllib.loads(rules), texts[0], texts[1] if len(texts) > 1 else None))
    return found


ALL = [case for path in sorted(CASES.glob("*.txt")) for case in load(path)]


def run(case: Case, text: str) -> Any:
    files = case.rules.get("files", {})
    context = BuildContext(files, complete=True) if files else BuildContext.unknown()
    options = {key: tuple(value) if isinstance(value, list) else value for key, value in case.rules.get("options", {}).items()}
    return refactor(text, context, Options(only=(case.owner,), **options))


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.owner}/{case.name}")
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_case(case: Case, end: str) -> None:
    before = case.before.replace("\n", end)
    found = run(case, before)
    wanted = case.before if case.after is None else case.after
    assert found.dockerfile == wanted.replace("\n", end), [remark.because for remark in found.remarks]
    assert run(case, found.dockerfile).dockerfile == found.dockerfile
    assert set(case.rules.get("codes", ())) <= {remark.code for remark in found.remarks}
    if case.after is not None:
        mine = [remark for remark in found.remarks if remark.kind == "passed"]
        assert mine and all(remark.by == case.owner and len(remark.because) > 20 for remark in mine)
        assert found.verdict.level == case.rules.get("verdict", "proved")


@pytest.mark.parametrize("owner", sorted({case.owner for case in ALL}))
def test_enough_of_them_must_stay(owner: str) -> None:
    """Four of ten stay as they are, and at least two of these are near to one that changes."""
    mine = [case for case in ALL if case.owner == owner]
    same = [case for case in mine if case.after is None]
    assert len(same) >= 0.4 * len(mine) and len(mine) - len(same) >= 2
    changed = [case.before for case in mine if case.after is not None]
    near = [case.name for case in same if any(_distance(case.before, other) <= _NEAR for other in changed)]
    assert len(near) >= 2
    assert len({case.name for case in mine}) == len(mine)
    assert owner in {one.name for one in PASSES}


def _distance(one: str, other: str) -> int:
    """The lines to change, add or remove."""
    rows = [line for line in difflib.ndiff(one.splitlines(), other.splitlines()) if line[:1] in "+-"]
    return max(sum(line.startswith("+") for line in rows), sum(line.startswith("-") for line in rows))
