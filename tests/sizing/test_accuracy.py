"""The bounds that the estimates must keep, against the images that `make accuracy` measured last (tests/accuracy/measured.json)."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "tests" / "accuracy" / "measured.json"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("accuracy", ROOT / "scripts" / "accuracy.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["accuracy"] = module
    spec.loader.exec_module(module)
    return module


def test_the_bounds_hold_against_what_was_measured(script: ModuleType) -> None:
    bench = script.recorded_bench(json.loads(RECORD.read_text()))
    names = [path.name for path in script.CASES.iterdir() if path.is_dir()]
    mine = [case for case in script.cases([*names, *(path.name for path in script.APPS.iterdir())]) if case.half == "test"]
    found = []
    for case in mine:
        try:
            found.append(script.compared(bench, case))
        except ValueError:
            # A rewrite that has changed since is measured by the next `make accuracy`.
            assert case.name.endswith("+"), f"{case.name} has to be measured: make accuracy RECORD=1"
    assert len(found) > len(mine) // 2
    assert [str(figure) for figure in script.figures(found) if not figure.holds] == []


def test_a_percentile_and_a_rank_correlation(script: ModuleType) -> None:
    assert script.percentile([1.0, 2.0, 3.0, 4.0, 10.0], 0.9) == 10.0 and script.percentile([5.0], 0.5) == 5.0
    assert script.correlation([1.0, 2.0, 3.0], [10.0, 20.0, 30.0]) == 1.0 and script.correlation([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]) == -1.0
