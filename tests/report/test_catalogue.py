"""What the documents say is what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from service import ecosystems
from service.ecosystems import ECOSYSTEMS
from service.ecosystems.proven import PROVEN
from service.passes import PASSES
from service.passes.findings import FINDINGS
from service.proof.proven import as_text
from service.report.catalogue import END, START, as_markdown

ROOT = Path(__file__).parents[2]


def test_the_readme_has_the_tables_of_the_code() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    if START not in readme:
        pytest.skip("README.md has no mark for the tables yet: paste `python -m service.report.catalogue`")
    start, end = readme.index(START), readme.index(END) + len(END) + 1
    assert readme[start:end] == as_markdown(), "paste `python -m service.report.catalogue`"


def test_the_tables_name_everything() -> None:
    text = as_markdown()
    assert text.startswith(START) and text.endswith(END + "\n")
    names = [f"| `{one.name}` |" for one in PASSES] + [f"| `{one.code}` |" for one in FINDINGS]
    assert [name for name in names if text.count(name) != 1] == []
    assert all(f"| {one.name} | {one.summary} |" in text for one in ECOSYSTEMS if one.images)


def test_what_real_builds_prove_is_what_the_applications_claim() -> None:
    stored = (Path(ecosystems.__file__).parent / "proven.json").read_text(encoding="utf-8")
    assert stored == as_text(ROOT / "tests" / "proof" / "apps"), "python -m service.proof.proven tests/proof/apps > service/ecosystems/proven.json"
    assert set(PROVEN) <= {one.name for one in ECOSYSTEMS}
    assert "go-wiki" in PROVEN["go"]
    assert "go-playground-katas" not in {app for apps in PROVEN.values() for app in apps}, "it is expected to stay as it is"
