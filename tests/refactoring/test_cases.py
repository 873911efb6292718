"""Fixture cases: a file each, with the Dockerfile, its real build context and what must come out."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service import BuildContext, Options, refactor
from service.refactoring.result import Refactoring

CASES = Path(__file__).parents[1] / "cases"
MARK = "=== "


@dataclass(frozen=True)
class Case:
    """The sections of a case file: `case` (TOML), `Dockerfile`, `context/...` files, and `expected`, recorded once a person has agreed to it."""

    path: Path
    rules: dict[str, Any]
    dockerfile: str
    context: BuildContext
    expected: str | None


def load(path: Path) -> Case:
    sections: dict[str, str] = {}
    name = ""
    for line in path.read_bytes().decode().splitlines(keepends=True):
        if line.startswith(MARK):
            name = line.removeprefix(MARK).strip()
            sections[name] = ""
        else:
            sections[name] += line
    rules = tomllib.loads(sections["case"])
    end = "\r\n" if rules.get("crlf") else "\n"
    files = {key.removeprefix("context/"): text for key, text in sections.items() if key.startswith("context/")}
    files |= dict.fromkeys(rules.get("unread", ()))
    context = BuildContext(files, complete=True) if files else BuildContext.unknown()
    expected = sections.get("expected")
    return Case(path, rules, sections["Dockerfile"].replace("\n", end), context, expected.replace("\n", end) if expected is not None else None)


def run(case: Case, text: str) -> Refactoring:
    options = case.rules.get("options", {})
    return refactor(text, case.context, Options(**{key: tuple(value) if isinstance(value, list) else value for key, value in options.items()}))


ALL = sorted(CASES.rglob("*.case"))


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path: Path) -> None:
    case = load(path)
    found = run(case, case.dockerfile)
    assert found.outcome == case.rules["outcome"], [remark.because for remark in found.remarks]
    assert found.verdict.level != "failed"
    final = found.dockerfile[found.dockerfile.upper().rindex("\nFROM ") if "\nFROM " in found.dockerfile.upper() else 0 :]
    lines = [line.strip() for line in found.dockerfile.splitlines()]
    if base := case.rules.get("final_base"):
        assert found.stages[-1].base == base
    assert [line for line in case.rules.get("contains", ()) if line not in lines] == []
    assert [text for text in case.rules.get("lacks", ()) if text in final] == []
    assert set(case.rules.get("codes", ())) <= {remark.code for remark in found.remarks}
    assert set(case.rules.get("missing", ())) <= set(found.missing_context)
    if found.outcome == "unchanged":
        assert found.dockerfile == case.dockerfile
        assert found.remarks
    _golden(case, found.dockerfile)


def _golden(case: Case, text: str) -> None:
    if os.environ.get("RESTAGE_RECORD") and case.rules["outcome"] != "unchanged":
        body = case.path.read_bytes().decode().partition("=== expected\n")[0]
        case.path.write_bytes((body + "=== expected\n" + text.replace("\r\n", "\n")).encode())
    elif case.rules["outcome"] != "unchanged":
        assert text == case.expected


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_second_time_changes_nothing(path: Path) -> None:
    case = load(path)
    once = run(case, case.dockerfile)
    again = run(case, once.dockerfile)
    assert (again.outcome, again.dockerfile) == ("unchanged", once.dockerfile)


def test_enough_cases_must_not_change() -> None:
    outcomes = [load(path).rules["outcome"] for path in ALL]
    assert outcomes.count("unchanged") >= 0.4 * len(outcomes), f"{outcomes.count('unchanged')} of {len(outcomes)}"
