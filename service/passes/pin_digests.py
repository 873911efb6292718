"""Pin base images to the digests that a registry gave for them.

Why: a tag moves; with a digest every build starts from the same bytes, and an update of the base is a change that somebody sees.

Not where: no digest was handed in for the reference as it is written (`options.digests`; nothing is looked up here), it has one already, or a
build argument decides it.

Source: https://docs.docker.com/build/building/best-practices/#pin-base-image-versions

before:
    FROM node:22-slim
    WORKDIR /app
    COPY . .
    CMD ["node", "server.js"]

after:
    FROM node:22-slim@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    WORKDIR /app
    COPY . .
    CMD ["node", "server.js"]
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts

_BY = "pin_digests"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


def pin_digests(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """Every FROM of an image, and every COPY --from of one, whose reference has a digest among the options."""
    if facts.oversized:
        return
    edited = draft
    for stage in facts.image.stages:
        reference = stage.state.stage.base
        digest = facts.options.digests.get(reference, "")
        if stage.state.parent is None and _DIGEST.match(digest) and "@" not in reference and "$" not in reference:
            index = facts.offset(stage)
            text = edited.pieces[index].text
            head = facts.dockerfile.instructions[index]
            at = head.offsets[0] + head.rest.index(reference) if "\\" not in head.text else text.index(reference)
            because = f"{reference} is {digest[:19]}... at the registry: the tag may move, this does not"
            pinned = f"{text[: at + len(reference)]}@{digest}{text[at + len(reference) :]}"
            edited = edited.rewrite(index, pinned, Reason(_BY, "digest", because))
    if edited is not draft:
        yield edited
