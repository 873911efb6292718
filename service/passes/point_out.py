"""Point out what is worth a person's look, and change nothing.

Why: some of what makes an image unsafe or unrepeatable has no repair that is right for everybody: a version to pin, a secret to move, a user
to run as. The remark says what it is and what to write.

Not where: the file says so itself, by `# hadolint ignore=`, `# check=skip=` or `# restage ignore=CODE`. Each kind is told once, at its first
place, and at most six kinds a file, the most valuable first.

Source: https://docs.docker.com/build/building/best-practices/
"""

from __future__ import annotations

from collections.abc import Iterator

from service.passes.findings import FINDINGS, Finding, Found
from service.refactoring.draft import Draft
from service.refactoring.facts import Facts
from service.refactoring.pipeline import ignored
from service.refactoring.result import Remark

_BY = "point_out"
_MOST = 6
_HADOLINT = "hadolint "


def point_out(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """The findings as remarks, with their lines in both files."""
    off = ignored(facts) | set(facts.options.skip) | _skipped_checks(facts)
    remarks: list[Remark] = []
    for finding in FINDINGS:
        if finding.code in off or off & set(finding.checks):
            continue
        places = [found for found in finding.find(facts) if _wanted(found, finding, draft, facts)]
        if places:
            remarks.append(_remark(finding, places, draft, facts))
    for remark in remarks[:_MOST]:
        draft = draft.note(remark)
    if remarks:
        yield draft


def _remark(finding: Finding, places: list[Found], draft: Draft, facts: Facts) -> Remark:
    first, more = places[0], len(places) - 1
    because = first.because + (f" (and {more} more)" if more else "")
    lines = facts.dockerfile.instructions[first.index].lines
    return Remark("analysis", _BY, finding.code, because, draft.pieces[first.index].source, lines)


def _wanted(found: Found, finding: Finding, draft: Draft, facts: Facts) -> bool:
    """Not what we wrote ourselves, and not what the author has told hadolint to let pass."""
    if draft.pieces[found.index].source is None:
        return False
    own = _ignored_by_hadolint(facts.dockerfile.instructions[found.index].leading, "ignore=")
    return not (own | _global(facts)) & set(finding.hadolint)


def _global(facts: Facts) -> set[str]:
    return {rule for item in facts.dockerfile.instructions[:1] for rule in _ignored_by_hadolint(item.leading, "global ignore=")}


def _ignored_by_hadolint(leading: str, key: str) -> set[str]:
    rules: set[str] = set()
    for line in leading.splitlines():
        text = line.strip().removeprefix("#").strip()
        if line.strip().startswith("#") and text.startswith(_HADOLINT + key):
            rules |= {rule.strip() for rule in text.removeprefix(_HADOLINT + key).split(",")}
    return rules


def _skipped_checks(facts: Facts) -> set[str]:
    """`# check=skip=NAME,NAME` or `skip=all`, as BuildKit reads it."""
    value = dict(facts.dockerfile.directives).get("check", "")
    named = {name.strip() for part in value.split(";") if part.strip().startswith("skip=") for name in part.strip()[5:].split(",")}
    return named | {check for finding in FINDINGS for check in finding.checks} if "all" in named else named


