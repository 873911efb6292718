"""The pipeline: each pass proposes drafts, each draft is interpreted and compared with the original, the first that verifies is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from service.deadline import check
from service.dockerfile.model import DockerfileError
from service.image.verify import Pair, verify
from service.quick import quick
from service.refactoring.draft import Draft
from service.refactoring.facts import Facts, facts_of
from service.refactoring.result import Options, Remark, Verdict


@dataclass(frozen=True, slots=True)
class Pass:
    """One transformation. `candidates` yields drafts to try in order; one that only adds remarks is a decline and is always taken along.
    `changes` says in a few words what a reader may find changed. An `opt_in` pass runs only where the caller names it, and then verification
    grants the licence of its name; one that `observes` adds remarks only, and also to files that no pass may touch."""

    name: str
    summary: str
    changes: str
    candidates: Callable[[Draft, Facts], Iterator[Draft]]
    opt_in: bool = False
    observes: bool = False
    rounds: int = 1
    """How often it is asked again while it still changes something: a pass that takes one place at a time."""
    enables: tuple[str, ...] = ()
    """The passes before it that are asked again where this one changed something: what stood in their way may be gone."""


@quick
@dataclass(frozen=True, slots=True)
class Outcome:
    draft: Draft
    facts: Facts
    verdict: Verdict
    licences: frozenset[str] = frozenset()


def run(original: Draft, start: Facts, passes: tuple[Pass, ...]) -> Outcome:
    """All passes in order over a file whose facts are `start`."""
    state = Outcome(original, start, Verdict("proved"))
    off = ignored(start)
    asked = [one for one in passes if wanted(one.name, start.options, one.opt_in) and one.name not in off]
    for one in asked:
        before = state
        for _ in range(one.rounds):
            last, state = state, _apply(one, state, start)
            if str(state.draft) == str(last.draft):
                break
        if one.enables and str(state.draft) != str(before.draft):
            for other in asked:
                state = _apply(other, state, start) if other.name in one.enables else state
    return state


def wanted(name: str, options: Options, opt_in: bool = False) -> bool:
    """Whether the caller's options let a pass run; `only` asks for a pass as much as `also` does."""
    asked = name in options.only if options.only else not opt_in
    return (asked or name in options.also) and name not in options.skip


def ignored(facts: Facts) -> frozenset[str]:
    """Passes that a pragma `# restage ignore=PASS[,PASS]  # reason` turns off."""
    names: set[str] = set()
    for line in pragmas(facts):
        if line.startswith("ignore="):
            names |= set(line.removeprefix("ignore=").split("#")[0].strip().split(","))
    return frozenset(name.strip() for name in names)


def pragmas(facts: Facts) -> Iterator[str]:
    """What stands behind `# restage` in the file's comments."""
    texts = [item.leading for item in facts.dockerfile.instructions] + [facts.dockerfile.trailing]
    for text in texts:
        for line in text.splitlines() if "restage" in text else ():
            body = line.strip().removeprefix("#").strip() if line.strip().startswith("#") else ""
            if body.startswith("restage "):
                yield body.removeprefix("restage ").strip()


def _apply(one: Pass, state: Outcome, start: Facts) -> Outcome:
    draft = state.draft
    licences = state.licences | {one.name} if one.opt_in else state.licences
    for candidate in one.candidates(draft, state.facts):
        check()
        if str(candidate) == str(draft):
            draft = _joined(candidate, draft)
            continue
        tried = _tried(candidate, start, licences)
        if isinstance(tried, str):
            draft = draft.note(Remark("reverted", one.name, "not-verified", tried))
            continue
        return Outcome(_joined(candidate, draft), tried.facts, tried.verdict, licences)
    return Outcome(draft, state.facts, state.verdict, state.licences)


def _tried(candidate: Draft, start: Facts, licences: frozenset[str]) -> Outcome | str:
    """The candidate with its verdict, or why it is dropped."""
    try:
        facts = facts_of(candidate, start.context, start.options)
    except DockerfileError as error:
        return f"the rewritten file would not parse: {error.message}"
    verdict = verify(Pair(start.image, facts.image, start.context, start.view, start.program, licences))
    if verdict.level == "failed":
        return "; ".join(verdict.failures[:3])
    if verdict.level == "assumed" and start.options.strict:
        return "strict: " + "; ".join(verdict.assumptions[:3])
    return Outcome(candidate, facts, verdict)


def _joined(candidate: Draft, draft: Draft) -> Draft:
    """The candidate with the remarks that were gathered while it was looked for."""
    for remark in draft.remarks:
        if remark not in candidate.remarks:
            candidate = candidate.note(remark)
    return candidate
