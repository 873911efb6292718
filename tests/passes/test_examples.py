"""The before and after in each pass's docstring are what the pass does."""

from __future__ import annotations

import sys
from textwrap import dedent

import pytest

from service import BuildContext, Options, refactor
from service.passes import PASSES, Pass

CONTEXTS = {
    "separate_manifests": BuildContext({"requirements.txt": "flask\n", "app.py": ""}, complete=True),
    "prune_development": BuildContext(
        {"package.json": '{"scripts": {"build": "tsc"}, "dependencies": {"express": "1"}, "devDependencies": {"typescript": "5"}}', "server.ts": ""},
        complete=True,
    ),
    "share_dependencies": BuildContext(
        {"package.json": '{"dependencies": {"express": "1"}}', "package-lock.json": '{"packages": {}}', "server.ts": ""}, complete=True
    ),
    "choose_runtime_base": BuildContext({"package.json": '{"dependencies": {"express": "1"}}'}, complete=True),
}


def example(one: Pass) -> tuple[str, str]:
    text = sys.modules[one.candidates.__module__].__doc__ or ""
    _, _, rest = text.partition("before:\n")
    before, _, after = rest.partition("after:\n")
    return dedent(before).strip() + "\n", dedent(after).strip() + "\n"


@pytest.mark.parametrize("one", PASSES, ids=lambda one: one.name)
def test_the_example_is_what_happens(one: Pass) -> None:
    before, after = example(one)
    found = refactor(before, CONTEXTS.get(one.name, BuildContext.unknown()), Options(only=(one.name,)))
    assert found.dockerfile == after


@pytest.mark.parametrize("one", PASSES, ids=lambda one: one.name)
def test_a_pass_may_be_skipped(one: Pass) -> None:
    before, _ = example(one)
    found = refactor(before, CONTEXTS.get(one.name, BuildContext.unknown()), Options(skip=tuple(other.name for other in PASSES)))
    assert (found.outcome, found.dockerfile) == ("unchanged", before)
    assert one.summary and one.changes
