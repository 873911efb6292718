"""Prune dependencies in a stage of their own, so that a source edit neither prunes nor copies them again.

Why: a prune at the end of the build runs again after every edit, and the COPY of the project then brings the same packages as a new layer. In a
stage that starts from the install they stay one cached layer.

Not where: the build writes among the installed packages, a package is a folder of the project, or a stage is named by its number.

Source: https://docs.docker.com/build/building/multi-stage/

before:
    FROM node:22 AS build
    WORKDIR /app
    COPY package.json package-lock.json ./
    RUN npm ci
    COPY . .
    RUN npm run build
    RUN npm prune --omit=dev

    FROM node:22-slim
    WORKDIR /app
    COPY --from=build /app /app
    CMD ["node", "dist/server.js"]

after:
    FROM node:22 AS dependencies
    WORKDIR /app
    COPY package.json package-lock.json ./
    RUN npm ci

    FROM dependencies AS production
    RUN npm prune --omit=dev

    FROM dependencies AS build
    COPY . .
    RUN npm run build
    RUN rm -rf node_modules

    FROM node:22-slim
    WORKDIR /app
    COPY --from=production /app/node_modules /app/node_modules
    COPY --from=build /app /app
    CMD ["node", "dist/server.js"]
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from service.dockerfile.model import Instruction
from service.ecosystems import ECOSYSTEMS
from service.image.effects import Act, LanguageInstall, Phase
from service.image.history import below
from service.image.image import StageImage
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts

_BY = "share_dependencies"
_NAMES = ("dependencies", "production")


@dataclass(frozen=True, slots=True)
class _Lines:
    """Places in the draft: the build stage's FROM, its install, its prune, and the COPY that brings the project."""

    first: int
    install: int
    prune: int
    copy: int
    target: str


def share_dependencies(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """Only where the install comes before the sources, the prune is the last line, and nothing built writes into the dependencies."""
    lines = _lines_of(facts)
    if lines is None or _taken(facts):
        return
    build = facts.image.stages[0].state.stage
    lower = draft.instruction(lines.first).word.islower()
    folder = posixpath.basename(lines.target)
    prune, copy = draft.pieces[lines.prune].text, draft.instruction(lines.copy)
    why = f"a source edit leaves {lines.target} as it is: it is neither pruned nor copied again"
    reason = Reason(_BY, "dependencies-stage", why)
    flags = copy.text.split(" /", 1)[0].replace(f"--from={build.name}", f"--from={_NAMES[1]}")
    found = draft.insert(lines.copy, f"{flags} {lines.target} {lines.target}", reason)
    found = found.rewrite(
        lines.prune, _cased(f"RUN rm -rf {folder}", lower), Reason(_BY, "dependencies-elsewhere", f"{folder} comes from the stage before")
    )
    found = found.insert(lines.install + 1, _cased(f"FROM {_NAMES[0]} AS {build.name}", lower), reason, leading=draft.newline)
    found = found.insert(lines.install + 1, prune.rstrip("\r\n"), reason)
    found = found.insert(lines.install + 1, _cased(f"FROM {_NAMES[0]} AS {_NAMES[1]}", lower), reason, leading=draft.newline)
    head = found.pieces[lines.first].text
    # Stage names are compared in lower case; the author may have written `AS Build`.
    place = head.lower().rindex(build.name)
    yield found.rewrite(lines.first, head[:place] + _NAMES[0] + head[place + len(build.name) :], reason)


def _cased(text: str, lower: bool) -> str:
    return text.replace("FROM ", "from ").replace(" AS ", " as ").replace("RUN ", "run ") if lower else text


def _taken(facts: Facts) -> bool:
    names = {part.state.stage.name for part in facts.image.stages} | {part.state.stage.base.lower() for part in facts.image.stages}
    return bool(names & set(_NAMES))


def _lines_of(facts: Facts) -> _Lines | None:
    if len(facts.image.stages) != 2 or not facts.image.stages[0].state.stage.name or facts.image.stages[0].state.parent is not None:
        return None
    build, final = facts.image.stages[0], facts.final
    rows = list(facts.layers(build))
    installs = [(index, layer.installs[0]) for index, _, layer in rows if layer is not None and len(layer.installs) == 1]
    last = rows[-1][2]
    total = sum(len(layer.installs) for _, _, layer in rows if layer is not None)
    if len(installs) != 1 or total != 1 or last is None or len(last.acts) != 1 or last.acts[0].phase is not Phase.PRUNE:
        return None
    place, install = installs[0]
    if not _shared(build, place, install, last.acts[0], facts):
        return None
    copy = _project_copy(final, install, facts)
    offset = facts.offset(build)
    return None if copy is None else _Lines(offset, offset + place, offset + rows[-1][0], copy, install.target)


def _shared(build: StageImage, place: int, install: LanguageInstall, prune: Act, facts: Facts) -> bool:
    """Whether the sources come only after the install, in the folder it ran in, and leave its result alone."""
    project = posixpath.dirname(install.target)
    scopes = build.state.scopes
    follows = place + 1 < len(scopes) and scopes[place + 1].workdir == project == prune.cwd
    later = [(index, item) for index, item, _ in facts.layers(build) if index > place]
    copies = any(item.keyword in ("COPY", "ADD") for _, item in later)
    # The verifier tells folders that were made ahead apart from those that the sources bring.
    earlier = (act for index, _, layer in facts.layers(build) if index < place and layer is not None for act in layer.acts)
    ahead = any(write.path != project and below(write.path, project) for act in earlier for write in act.writes)
    return follows and copies and not ahead and _no_local(install, facts) and not _writes_inside(build, place, install, facts)


def _no_local(install: LanguageInstall, facts: Facts) -> bool:
    """No package of the set is a folder of the project: those are links to what only the build stage has."""
    ecosystem = next(one for one in ECOSYSTEMS if one.name == install.ecosystem)
    for path in install.manifests:
        content = facts.context.files.get(path)
        if content is None or ecosystem.local_references is None:
            continue
        if ecosystem.local_references(posixpath.basename(path), content) != ():
            return False
    return any(facts.context.files.get(path) is not None for path in install.manifests)


def _writes_inside(build: StageImage, place: int, install: LanguageInstall, facts: Facts) -> bool:
    """Whether a build may put something between the dependencies: a command, a script or a package that is known to."""
    ecosystem = next(one for one in ECOSYSTEMS if one.name == install.ecosystem)
    lines = [layer.instruction.value for index, _, layer in facts.layers(build) if index > place and layer is not None]
    required = {name for manifest in ecosystem.manifests for name in manifest.required}
    manifests = (path for path in install.manifests if posixpath.basename(path) in required)
    texts = (*lines[:-1], *(facts.context.files.get(path) or "" for path in manifests))
    return any(mark in text for text in texts for mark in ecosystem.alters_dependencies)


def _project_copy(final: StageImage, install: LanguageInstall, facts: Facts) -> int | None:
    """The place of the only COPY that takes from the build stage's project, and takes all of it to the same path."""
    project = posixpath.dirname(install.target)
    found: list[tuple[int, Instruction]] = []
    for index, item, layer in facts.layers(final):
        if layer is not None and any(write.origin.startswith(f"stage:0:{project}") for write in layer.writes):
            found.append((index, item))
    # A stage named by its number would be another one behind two new stages.
    if len(found) != 1 or any((item.flag("from") or "").isdigit() for item in final.state.stage.instructions):
        return None
    index, item = found[0]
    if item.flag("from") != facts.image.stages[0].state.stage.name:
        return None
    return facts.offset(final) + index if item.rest.split() == [project, project] and item.json is None else None
