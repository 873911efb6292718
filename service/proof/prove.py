"""The proof of one pair: build both, compare their configurations, start both, ask both, weigh both."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from service.image.verdict import Difference
from service.proof.behaviour import Behaviour, answers_differ, compare_behaviours, observe, observe_both
from service.proof.builds import Site, site
from service.proof.config import compare_configs
from service.proof.engine import Engine, NotStarted
from service.proof.model import Build, Check, Estimated, Plan, Proof, Weight, outcome_of
from service.proof.tracing import CannotTrace, opened
from service.proof.trees import compare_trees
from service.proof.weights import weigh

__all__ = ["Pair", "Wanted", "median_seconds", "prove"]


@dataclass(frozen=True, slots=True)
class Pair:
    """The texts before and after, the context they are built in, the ignore file that goes before the context's own, the differences in
    configuration that the rewrite announced, the final base images before and after, and both size estimates."""

    before: str
    after: str
    context: Path
    ignore: Path | None = None
    licensed: Collection[Difference] = ()
    bases: tuple[str, str] = ("", "")
    estimates: tuple[Estimated, Estimated] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure beyond equivalence: `cold` builds without the layer cache, the number of `rebuilds` after an edit, `compressed` sizes, and
    the `files` that the program opens. `limit` is the time that one build may take, `keep` leaves the images."""

    cold: bool = True
    rebuilds: int = 1
    compressed: bool = False
    files: bool = False
    limit: float = 1800.0
    keep: bool = False


def prove(engine: Engine, pair: Pair, plan: Plan, wanted: Wanted, show: Callable[[str], None]) -> Proof:
    """`show` gets the builds' progress, line by line."""
    made: list[str] = []
    with site(engine, pair.context, pair.ignore, plan.build_args, wanted.limit, show) as place:
        try:
            return _proof(engine, pair, plan, wanted, place, made)
        finally:
            if not wanted.keep:
                engine.remove_images(made)


def _proof(engine: Engine, pair: Pair, plan: Plan, wanted: Wanted, place: Site, made: list[str]) -> Proof:
    before = place.build("before", pair.before, wanted.cold)
    made.append(before.image)
    if not before.ok:
        return _unbuilt(before, None, Check("build", "unprovable", f"the original itself does not build: {_complaint(before)}"))
    after = place.build("after", pair.after, wanted.cold)
    made.append(after.image)
    if not after.ok:
        return _unbuilt(before, after, Check("build", "different", f"the rewritten file does not build: {_complaint(after)}"))
    checks = [Check("build", "equal", "both build"), *_configs(engine, before, after, pair), *_behaviours(engine, before, after, plan)]
    count = None
    if wanted.files:
        count, found = _files(engine, before, after, pair, plan, lambda: _again(place, pair, made))
        checks += found
    weights = (weigh(engine, before.image, wanted.compressed), weigh(engine, after.image, wanted.compressed))
    rebuilds = tuple(_rebuilds(place, pair, plan, wanted.rebuilds, made))
    checks += [
        Check("rebuild", "different", f"after an edit of {plan.edit} the rewritten file does not build")
        for one, other in rebuilds
        if one.ok and not other.ok
    ]
    bases = (_size(engine, pair.bases[0]), _size(engine, pair.bases[1]))
    return Proof(outcome_of(tuple(checks)), tuple(checks), before, after, rebuilds, weights, bases, pair.estimates, count)


def _size(engine: Engine, image: str) -> int | None:
    found = engine.inspect("image", image) if image else {}
    return int(found["Size"]) if found else None


def _unbuilt(before: Build, after: Build | None, check: Check) -> Proof:
    return Proof(outcome_of((check,)), (check,), before, after)


def _complaint(build: Build) -> str:
    lines = [line for line in build.log.splitlines() if "ERROR" in line or "error" in line]
    return (lines or build.log.splitlines() or ["no output"])[-1].strip()[:300]


def _configs(engine: Engine, before: Build, after: Build, pair: Pair) -> tuple[Check, ...]:
    one, other = (engine.inspect("image", build.image).get("Config", {}) for build in (before, after))
    return compare_configs(one, other, pair.licensed)


def _behaviours(engine: Engine, before: Build, after: Build, plan: Plan) -> tuple[Check, ...]:
    one, other = observe_both(engine, (before.image, after.image), plan)
    again: Behaviour | None = None
    if answers_differ(one, other):
        again = observe(engine, before.image, plan)
    return compare_behaviours(one, other, again, plan)


def _again(place: Site, pair: Pair, made: list[str]) -> str:
    """The original once more, from nothing."""
    second = place.build("before", pair.before, cold=True)
    made.append(second.image)
    return second.image


def _files(engine: Engine, before: Build, after: Build, pair: Pair, plan: Plan, again: Callable[[], str]) -> tuple[int | None, tuple[Check, ...]]:
    try:
        paths = opened(engine, before.image, plan)
        base = pair.bases[0] if engine.inspect("image", pair.bases[0]) else ""
        return len(paths), compare_trees(engine, before.image, after.image, base, pair.context, paths, again)
    except (CannotTrace, NotStarted) as error:
        return None, (Check("files", "unprovable", str(error)),)


def _rebuilds(place: Site, pair: Pair, plan: Plan, times: int, made: list[str]) -> list[tuple[Build, Build]]:
    """Both files are built after the same edit, one after the other, so that the machine's mood meets both alike."""
    if not plan.edit or not times:
        return []
    source = place.context / plan.edit
    original = source.read_bytes()
    found: list[tuple[Build, Build]] = []
    for turn in range(times):
        # New content each time, or the engine would answer from an older build.
        source.write_bytes(original + f"\n{plan.comment} restage proof {place.folder.name} {turn}{_closing(plan.comment)}\n".encode())
        one, other = place.build("before", pair.before), place.build("after", pair.after)
        made += [one.image, other.image]
        found.append((one, other))
    source.write_bytes(original)
    return found


def _closing(comment: str) -> str:
    return {"/*": " */", "<!--": " -->", "(*": " *)"}.get(comment, "")


def median_seconds(proof: Proof) -> tuple[float, float] | None:
    """The median seconds of the rebuilds, before and after; None where none was timed or one failed."""
    pairs = [(one.seconds, other.seconds) for one, other in proof.rebuilds if one.ok and other.ok]
    return (median(one for one, _ in pairs), median(other for _, other in pairs)) if pairs else None


def saving(weights: tuple[Weight, Weight]) -> float:
    """The part of the unpacked bytes that is saved, from 0 to 1."""
    return 1 - weights[1].unpacked / (weights[0].unpacked or 1)


def estimate_errors(proof: Proof) -> tuple[float, float] | None:
    """(estimate - measured) / measured, before and after, with each base image's own size looked up rather than estimated; None where that
    cannot be told."""
    if proof.estimates is None or proof.weights is None:
        return None
    found = []
    for estimate, base, weight in zip(proof.estimates, proof.bases, proof.weights, strict=True):
        if base is None:
            return None
        found.append((estimate.mid - estimate.base + base) / weight.unpacked - 1)
    return found[0], found[1]
