"""Propose a `.dockerignore` for what a COPY of the whole context would bring along.

Why: version control, installed dependencies and build outputs make the context slow to send, change more often than the sources, and end up in
the image. The Dockerfile stays as it is; the remark has the lines to write.

Not where: the context is not known, no COPY takes a whole folder of it, or a COPY names the path itself.

Source: https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

from collections.abc import Iterator

from service.dockerfile.arguments import sources_and_destination
from service.image.effects import Kind
from service.knowledge.clutter import IGNORED
from service.refactoring.draft import Draft
from service.refactoring.facts import Facts
from service.refactoring.result import Remark

_BY = "ignore_context"
_WHOLE = frozenset({".", "./", "/"})


def ignore_context(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """One remark, at the first COPY of the whole context."""
    copies = [
        (item, write)
        for stage in facts.image.stages
        for _, item, layer in facts.layers(stage)
        if layer is not None
        for write in layer.writes
        if write.kind is Kind.CONTEXT and item.keyword in ("COPY", "ADD") and set(sources_and_destination(item)[0]) & _WHOLE
    ]
    brought = (item for item in facts.dockerfile.instructions if item.keyword in ("COPY", "ADD"))
    named = {source.strip("./") for item in brought for source in sources_and_destination(item)[0]}
    lines = [name for name in IGNORED if name.strip("/") not in named and _there(name, facts)]
    if copies and lines:
        item = copies[0][0]
        index = facts.dockerfile.instructions.index(item)
        because = f"`{item.rest[:40]}` brings along what the image does not need. In .dockerignore: {' '.join(lines)}"
        yield draft.note(Remark("analysis", _BY, "dockerignore", because, draft.pieces[index].source, item.lines))


def _there(name: str, facts: Facts) -> bool:
    """Whether the context, what is ignored already left out, has a folder or file of the name."""
    plain = name.strip("/")
    return plain in facts.view.folders or plain in facts.context.files
