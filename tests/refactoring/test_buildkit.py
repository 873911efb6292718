"""BuildKit's own linter as an oracle: what `docker build --check` says of our files and did not say of the author's."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.refactoring.test_cases import ALL, load, run

LINTER = os.environ.get("RESTAGE_BUILDKIT_LINTER", "")
WITHOUT_BASES = {"UndefinedVar", "InvalidBaseImagePlatform"}
"""Rules that ask for what a base image sets: the oracle takes every base for empty."""
IN_BOTH_STAGES = {"SecretsUsedInArgOrEnv", "FromPlatformFlagConstDisallowed"}
"""Rules of lines that a split repeats, since both stages need what they set."""


@pytest.mark.skipif(not Path(LINTER or "-").is_file(), reason="no BuildKit linter: RESTAGE_BUILDKIT_LINTER names tests/oracles/buildkit, built")
def test_no_rewrite_adds_a_warning() -> None:
    cases = [load(path) for path in ALL]
    texts = [text for case in cases for text in (case.dockerfile, run(case, case.dockerfile).dockerfile)]
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    found = subprocess.run([LINTER], input=lines, capture_output=True, text=True, check=True, timeout=300)
    verdicts = [json.loads(line) for line in found.stdout.splitlines()]
    assert len(verdicts) == len(texts)
    added = {}
    for case, before, after in zip(cases, verdicts[::2], verdicts[1::2], strict=True):
        more = _rules(after) - _rules(before)
        if more or (after["error"] and not before["error"]):
            added[case.path.name] = (after["error"], dict(more))
    assert added == {}


def _rules(verdict: dict[str, list[str]]) -> Counter[str]:
    rules = Counter(warning.partition(":")[0] for warning in verdict["warnings"])
    return Counter({rule: 1 if rule in IN_BOTH_STAGES else count for rule, count in rules.items() if rule not in WITHOUT_BASES})
