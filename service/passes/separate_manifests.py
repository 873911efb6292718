"""Copy dependency manifests first, so that a source edit does not install again.

Why: an install that comes after the COPY of all sources runs again after every edit. Copied first, the files that decide what is installed leave
the install cached until one of them changes.

Not where: installing reads more than manifests (a local package, an install script, a workspace that is not known), or a name is not proved to
exist by the author's own lines or the context.

Source: https://docs.docker.com/build/cache/optimize/#order-your-layers

before:
    FROM python:3.12-slim
    WORKDIR /app
    COPY . .
    RUN pip install --no-cache-dir -r requirements.txt
    CMD ["python", "app.py"]

after:
    FROM python:3.12-slim
    WORKDIR /app
    COPY requirements.txt ./
    RUN pip install --no-cache-dir -r requirements.txt
    COPY . .
    CMD ["python", "app.py"]
"""

from __future__ import annotations

from collections.abc import Iterator

from service.dockerfile.model import Instruction
from service.image.effects import Kind, Layer
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts
from service.refactoring.manifests import Plan, Refusal, plan

_BY = "separate_manifests"


def separate_manifests(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """For each stage: the first COPY of a whole folder before an install that only reads manifests."""
    for stage in facts.image.stages:
        for copy_index, item, layer in facts.layers(stage):
            if layer is None or not _brings_folder(item, layer):
                continue
            found = plan(stage, copy_index, layer, facts)
            if isinstance(found, Refusal):
                draft = draft.decline(_BY, found.code, found.because, found.needs)
                yield draft
            elif found is not None:
                yield _edited(draft, facts.offset(stage), copy_index, found)
                return
            break


def _brings_folder(item: Instruction, layer: Layer) -> bool:
    """A COPY of one folder of the context."""
    return item.keyword in ("COPY", "ADD") and len(layer.writes) == 1 and layer.writes[0].kind is Kind.CONTEXT and layer.writes[0].tree


def _edited(draft: Draft, offset: int, copy_index: int, found: Plan) -> Draft:
    """The manifests' COPY in place of the whole one, which moves behind the install."""
    if found.prefetched:
        return _prefetching(draft, offset, copy_index, found)
    run = offset + found.run_index
    why = f"{', '.join(found.names)} decide what is installed: a source edit no longer installs again"
    if found.rest is not None:
        draft = draft.rewrite(run, found.install, Reason(_BY, "install-first", why))
        draft = draft.insert(run + 1, found.rest, Reason(_BY, "install-first", "the rest of the command needs the sources"))
    draft = draft.move(
        offset + copy_index, run + 1, Reason(_BY, "sources-last", "sources change most often: copied last, they leave the install cached")
    )
    # The move took one line from above the install.
    first = offset + found.first_index - 1
    paragraph = draft.paragraph_of(run if first == offset + copy_index else first)
    for place, copy in enumerate(found.copies):
        draft = draft.insert(first + place, copy, Reason(_BY, "manifests-first", why), "" if place else paragraph)
    return draft


def _prefetching(draft: Draft, offset: int, copy_index: int, found: Plan) -> Draft:
    """The manifests and the fetch in front of the sources; the folder's own WORKDIR first where it only comes later."""
    why = f"{', '.join(found.names)} decide what is fetched: a source edit no longer fetches again"
    at = offset + copy_index
    lines = [index for index in range(at + 1, len(draft.pieces)) if draft.instruction(index).keyword == "WORKDIR"]
    if draft.folder_before(at) != found.folder and lines and draft.instruction(lines[0]).rest.strip() == found.folder:
        draft = draft.move(lines[0], at, Reason(_BY, "folder-first", f"the fetch runs in {found.folder}"))
        at += 1
    elif draft.folder_before(at) != found.folder:
        return draft
    for place, copy in enumerate(found.copies):
        draft = draft.insert(at + place, copy, Reason(_BY, "manifests-first", why))
    return draft.insert(at + len(found.copies), found.install, Reason(_BY, "fetch-first", why))
