"""The whole public operation: text in, answer out. It does no I/O."""

from __future__ import annotations

from service.context import BuildContext
from service.dockerfile import read
from service.image.interpret import seen
from service.image.verdict import Verdict
from service.passes import PASSES
from service.refactoring.draft import Draft
from service.refactoring.facts import Facts, facts_of
from service.refactoring.gate import untouched
from service.refactoring.pipeline import Outcome, run
from service.refactoring.result import Options, Refactoring, Remark, StageSummary


def refactor(dockerfile: str, context: BuildContext | None = None, options: Options | None = None) -> Refactoring:
    """Rewrites a Dockerfile as far as that is safe. Raises `DockerfileError` for what BuildKit would reject."""
    context, options = context or BuildContext.unknown(), options or Options()
    try:
        return _refactored(dockerfile, context, options)
    finally:
        # It names the context that holds it, a circle that would wait for the garbage collection; and a caller may keep one context for
        # thousands of files.
        seen(context).forget("_facts", "_memo")


def _refactored(dockerfile: str, context: BuildContext, options: Options) -> Refactoring:
    original = Draft.of(read(dockerfile))
    start = facts_of(original, context, options)
    remark = untouched(start)
    state = run(original, start, PASSES) if remark is None else _observed(original.note(remark), start, remark)
    return _answer(dockerfile, state, start, options)


def _observed(draft: Draft, start: Facts, remark: Remark) -> Outcome:
    """A file that stays as it is. What is worth a word about it is said all the same, unless its author wants none or nobody can read it."""
    if remark.by == "restage":
        return Outcome(draft, start, Verdict("proved"))
    return run(draft, start, tuple(one for one in PASSES if one.observes))


def _answer(source: str, state: Outcome, start: Facts, options: Options) -> Refactoring:
    text = str(state.draft)
    changed = text != source
    split = len(state.facts.image.stages) > len(start.image.stages)
    remarks = state.draft.answers()
    if all(remark.kind == "analysis" for remark in remarks):
        remarks = (Remark("analysis", "restage", "nothing-to-change", "nothing here can be improved safely"), *remarks)
    return Refactoring(
        outcome="split" if split else "improved" if changed else "unchanged",
        source=source,
        dockerfile=text,
        stages=_stages(state.facts),
        remarks=remarks,
        missing_context=tuple(dict.fromkeys(path for remark in remarks for path in remark.needs)),
        verdict=state.verdict if changed else Verdict("proved"),
        before=start.image,
        after=state.facts.image,
        options=options,
    )


def _stages(facts: Facts) -> tuple[StageSummary, ...]:
    found = []
    for index, stage in enumerate(facts.image.stages):
        items = stage.state.stage.instructions
        role = "runtime" if index == facts.image.final else "build"
        found.append(StageSummary(stage.state.stage.name, stage.state.stage.base, role, items[0].lines[0], items[-1].lines[1]))  # type: ignore[arg-type]
    return tuple(found)
