"""End an already multi-stage file on a slimmer base.

Why: the full variants of the official images carry compilers, headers and version control for builds; a last stage that only runs what is copied
into it needs none of them.

Not where: the last stage builds or installs something itself, a program or library that it may need is missing in the slimmer variant, or the
family or release is not known.

Source: https://hub.docker.com/_/node (image variants; the other official images say the same)

before:
    FROM node:22 AS build
    WORKDIR /app
    COPY . .
    RUN npm ci && npm run build

    FROM node:22
    WORKDIR /app
    COPY --from=build /app/dist /app/dist
    CMD ["node", "dist/server.js"]

after:
    FROM node:22 AS build
    WORKDIR /app
    COPY . .
    RUN npm ci && npm run build

    FROM node:22-slim
    WORKDIR /app
    COPY --from=build /app/dist /app/dist
    CMD ["node", "dist/server.js"]
"""

from __future__ import annotations

from collections.abc import Iterator

from service.image.effects import Phase
from service.knowledge.images import base_image
from service.knowledge.programs import package_of
from service.knowledge.variants import slimmer
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts
from service.refactoring.ladder import inherited_path, textual_reference
from service.refactoring.swap import swap

_BY = "choose_runtime_base"
_HEAVY = frozenset({Phase.INSTALL, Phase.BUILD, Phase.FETCH, Phase.PACKAGES})


def choose_runtime_base(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """Only a last stage that copies from another and builds nothing itself, on a base whose slim variant holds all it needs."""
    final, base = facts.final, facts.final.state.base
    if len(facts.image.stages) < 2 or final.state.parent is not None or facts.options.runtime not in ("auto", "slim"):
        return
    if any(layer.opaque or any(act.phase in _HEAVY for act in layer.acts) for layer in final.layers) or facts.program.unread or not _copies(facts):
        return
    for reference in slimmer(base):
        new = base_image(reference)
        if inherited_path(facts, new):
            # Whether another image has that program at the same place is not known.
            continue
        change = swap(facts, new, compiled=False)
        if change.missing:
            draft = draft.decline(
                _BY,
                "missing-context",
                f"without {', '.join(change.missing)} nobody can say what {reference} would lack",
                tuple(change.missing),
            )
            yield draft
            continue
        if change.problem or change.install or new.family != base.family or _calls_lost(facts, reference):
            continue
        yield _on(draft, facts, textual_reference(final.state.stage.base, base.reference, reference))


def _copies(facts: Facts) -> bool:
    return any(write.origin.startswith("stage:") for layer in facts.final.layers for write in layer.writes)


def _calls_lost(facts: Facts, reference: str) -> bool:
    """Whether a RUN of the stage calls a program that only the larger base has."""
    new, old = base_image(reference), facts.final.state.base
    names = {(act.words[0] or "").rsplit("/", 1)[-1] for layer in facts.final.layers for act in layer.acts if act.words}
    packages = {package_of(name, "apt") for name in names} - {None}
    return any(package in (old.packages or ()) and package not in (new.packages or ()) for package in packages)


def _on(draft: Draft, facts: Facts, reference: str) -> Draft:
    index = facts.offset(facts.final)
    text, old = draft.pieces[index].text, facts.final.state.stage.base
    start = text.index(old)
    because = f"the last stage only runs what is copied into it; {reference} holds all that needs"
    return draft.rewrite(index, text[:start] + reference + text[start + len(old) :], Reason(_BY, "slimmer-base", because))
