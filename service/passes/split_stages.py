"""Split the file into a build and a runtime stage.

Why: compilers, headers, development dependencies and sources are needed to build a program, not to run it: left in a stage of their own they are
neither pulled nor patched.

Not where: the toolchain is the product, the image has no program, a command writes nobody knows where, what the program needs cannot be told
from the files that were sent, or little would be saved. Each has a code of its own among the remarks.

Source: https://docs.docker.com/build/building/multi-stage/

before:
    FROM golang:1.22-bookworm
    WORKDIR /app
    COPY . .
    RUN go build -o server .
    CMD ["./server"]

after:
    FROM golang:1.22-bookworm AS build
    WORKDIR /app
    COPY . .
    RUN go build -o server .

    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
    WORKDIR /app
    COPY --from=build /app /app
    CMD ["./server"]
"""

from __future__ import annotations

from collections.abc import Iterator

from service.dockerfile.model import Instruction
from service.image.effects import Phase
from service.passes.prune_development import prune_development
from service.refactoring.compiling import installs_while_running
from service.refactoring.cut import head_of
from service.refactoring.draft import Draft
from service.refactoring.facts import Facts, facts_of
from service.refactoring.ladder import Rung, rungs
from service.refactoring.pipeline import ignored, wanted
from service.refactoring.unmade import unmade
from service.refactoring.worth import opaque_reason, unbounded_run, worth

_BY = "split_stages"
_MOST_LAYERS = 127
"""The most layers that overlay2 mounts (docs.docker.com/engine/storage/drivers/overlayfs-driver: 128, with the one that a container writes to)."""


_UNASKED = frozenset({"base-unknown", "missing-context"})
"""Reasons that make no difference where nothing at all could be left behind."""


def split_stages(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """Rung by rung; the first that the pipeline verifies is taken. What keeps a rung from being tried becomes a remark."""
    reason = _before(facts)
    head = head_of(facts)
    if head is None and (reason is None or (reason[0] in _UNASKED and not _installs(facts))):
        reason = ("nothing-to-build", "no line builds, installs or fetches anything that could be left behind", ())
    if reason is not None:
        yield draft.decline(_BY, *reason)
        return
    assert head is not None
    unbounded = unbounded_run(head)
    if unbounded is not None:
        yield draft.decline(_BY, *unbounded)
        return
    for rung in rungs(draft, facts, head):
        if rung.draft is None:
            draft = draft.decline(_BY, rung.code, f"{rung.base or 'no base'}: {rung.because}", rung.missing)
            yield draft
            continue
        small = worth(rung, facts, head, _pruned(rung, facts))
        if small is not None:
            draft = draft.decline(_BY, *small)
            yield draft
            continue
        yield _with(rung, draft)


def _installs(facts: Facts) -> bool:
    """Whether a line installs packages of the distribution."""
    return any(act.packages is not None for part in facts.image.chain(facts.image.final) for layer in part.layers for act in layer.acts)


def _pruned(rung: Rung, facts: Facts) -> Draft | None:
    """The rung without development dependencies, where that pass will be asked and can tell which they are."""
    assert rung.draft is not None
    if not wanted("prune_development", facts.options) or "prune_development" in ignored(facts):
        return None
    text = str(rung.draft)
    found = prune_development(rung.draft, facts_of(rung.draft, facts.context, facts.options))
    return next((draft for draft in found if str(draft) != text), None)


def _with(rung: Rung, draft: Draft) -> Draft:
    assert rung.draft is not None
    for remark in draft.remarks:
        if remark not in rung.draft.remarks:
            rung.draft.note(remark)
    return rung.draft


def _half_exec(item: Instruction) -> bool:
    """`CMD ["app"] # a comment` or `CMD ['app']`, which a shell gets as it stands."""
    text = item.rest.lstrip()
    return item.json is None and text.startswith("[") and not text.startswith(("[ ", "[["))


def _depends_on_folder(facts: Facts) -> bool:
    """Whether something happens at a relative place before an absolute WORKDIR is set."""
    for item in facts.final.state.stage.instructions[1:]:
        if item.keyword == "WORKDIR":
            return not item.rest.strip().startswith(("/", "$"))
        if item.keyword == "RUN":
            acts = next((layer.acts for layer in facts.final.layers if layer.instruction is item), ())
            if any(
                act.phase in (Phase.INSTALL, Phase.BUILD, Phase.FETCH, Phase.FILES)
                and act.cwd == "/"
                and any(write.path.count("/") == 1 for write in act.writes)
                for act in acts
            ):
                return True
        if item.keyword in ("COPY", "ADD") and not (item.json[-1] if item.json else item.rest.split()[-1]).startswith(("/", "$")):
            return True
    return False


def _before(facts: Facts) -> tuple[str, str, tuple[str, ...]] | None:
    """What settles the question before any rung: (code, reason, missing files)."""
    if len(facts.image.stages) > 1:
        return "already-multi-stage", "the file has more than one stage already", ()
    if len(facts.final.layers) > _MOST_LAYERS:
        because = f"the file makes {len(facts.final.layers)} layers, and an image has at most {_MOST_LAYERS}: nothing can run it"
        return "too-many-layers", because, ()
    items = facts.final.state.stage.instructions
    if any(item.keyword == "ONBUILD" for item in items) or facts.final.state.base.config.on_build:
        return "onbuild", "ONBUILD: other images build on this one", ()
    if "BUILDPLATFORM" in facts.final.state.stage.platform:
        return "cross-build", "the base follows the build machine's platform", ()
    if not facts.final.state.base.source and _depends_on_folder(facts):
        return (
            "base-unknown",
            f"where relative paths lie depends on the working directory of {facts.final.state.base.reference or 'the base'}, which is not known",
            (),
        )
    opaque = opaque_reason(facts)
    if opaque is not None:
        return opaque
    unclear = next((item.rest.strip() for item in items if item.keyword in ("CMD", "ENTRYPOINT") and _half_exec(item)), None)
    if unclear is not None:
        return "program-unclear", f"`{unclear[:60]}` looks like the exec form and is no JSON: what it starts depends on who reads it", ()
    if facts.program.unread:
        listed = ", ".join(facts.program.unread[:3])
        strange = facts.context.complete and all(path.startswith("/") for path in facts.program.unread)
        base = facts.final.state.base.reference
        told = f", which neither a line nor the context brings to {base}" if strange else ": send it and this can be judged"
        return "missing-context", f"the program starts through {listed}{told}", facts.program.unread
    if facts.program.opaque:
        return "program-unclear", facts.program.opaque, ()
    path = unmade(facts)
    if path:
        return "program-unclear", f"no line is known to make {path}, which the container starts", ()
    installing = installs_while_running(facts)
    if installing:
        return "toolchain-is-the-product", f"`{installing}` may have to compile while the container runs", ()
    return None
