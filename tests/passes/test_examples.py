"""The before and after in each pass's docstring are what the pass does."""

from __future__ import annotations

from typing import Any

import pytest

from service import BuildContext, Options, refactor
from service.passes import PASSES, Pass
from service.passes.pages import Page, pages

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


ORDINARY = BuildContext({"server.js": "require('http').createServer().listen(3000)", "package.json": "{}"}, complete=True)
CONTEXTS |= {
    "drop_privileges": ORDINARY,
    "drop_unused_packages": BuildContext({"requirements.txt": "flask\n", "app.py": "import flask"}, complete=True),
}
OPTIONS: dict[str, dict[str, Any]] = {"pin_digests": {"digests": {"node:22-slim": "sha256:" + "a" * 64}}}
PAGES = {page.name: page for page in pages()}
WITH_EXAMPLE = [one for one in PASSES if not one.observes]


def example(one: Pass) -> tuple[str, str]:
    return PAGES[one.name].before, PAGES[one.name].after


@pytest.mark.parametrize("one", WITH_EXAMPLE, ids=lambda one: one.name)
def test_the_example_is_what_happens(one: Pass) -> None:
    before, after = example(one)
    assert before != after
    found = refactor(before, CONTEXTS.get(one.name, BuildContext.unknown()), Options(only=(one.name,), **OPTIONS.get(one.name, {})))
    assert found.dockerfile == after


@pytest.mark.parametrize("one", WITH_EXAMPLE, ids=lambda one: one.name)
def test_a_pass_may_be_skipped(one: Pass) -> None:
    before, _ = example(one)
    found = refactor(before, CONTEXTS.get(one.name, BuildContext.unknown()), Options(skip=tuple(other.name for other in PASSES)))
    assert (found.outcome, found.dockerfile) == ("unchanged", before)
    assert one.summary and one.changes


@pytest.mark.parametrize("one", [one for one in PASSES if one.opt_in], ids=lambda one: one.name)
def test_an_opt_in_pass_waits_to_be_asked(one: Pass) -> None:
    before = PAGES[one.name].before or PAGES["drop_privileges"].before
    context, options = CONTEXTS.get(one.name, BuildContext.unknown()), OPTIONS.get(one.name, {})
    assert one.name not in {remark.by for remark in refactor(before, context, Options(**options)).remarks}
    if not one.observes:
        asked = refactor(before, context, Options(also=(one.name,), **options))
        assert one.name in {remark.by for remark in asked.remarks if remark.kind == "passed"}
    assert one.name not in {remark.by for remark in refactor(before, context, Options(also=(one.name,), skip=(one.name,), **options)).remarks}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_says_it_all(page: Page) -> None:
    assert page.summary.endswith(".") and page.why and page.source.startswith("https://")
    assert page.declines or page.kind == "finding"
    assert "\n" not in page.summary and len(page.summary) < 130
