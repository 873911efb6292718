"""The base image: too old, or not said."""

from __future__ import annotations

from collections.abc import Iterator

from service.image.image import StageImage
from service.knowledge.endoflife import ended
from service.knowledge.references import parse_reference
from service.passes.findings.model import Found
from service.refactoring.facts import Facts


def ended_base(facts: Facts) -> Iterator[Found]:
    """The base image gets no security fixes any more.

    Why: what is found in it stays in it. The day is compared with the date of the bundled data, not with the clock, so the same file gets
    the same answer.

    Not where: the base's version or release is not known.

    Source: https://endoflife.date
    """
    for stage in _own(facts):
        over = ended(stage.state.base)
        if over is not None:
            yield Found(facts.offset(stage), f"{over[0]}, in {stage.state.base.reference}, has had no security fixes since {over[1]}")


def floating_base(facts: Facts) -> Iterator[Found]:
    """The base image has no version.

    Why: `latest`, or no tag at all, is another image after each release: a rebuild may get another major version.

    Not where: the reference has a digest, comes from a build argument, or has the version in its name (`nodejs22-debian12`).

    Source: https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    for stage in _own(facts):
        reference = stage.state.base.reference
        name = parse_reference(reference)
        open_end = not name.digest and name.tag == "latest" and not any(letter.isdigit() for letter in name.repository.rpartition("/")[2])
        if open_end and reference != "scratch" and "$" not in stage.state.stage.base:
            yield Found(facts.offset(stage), f"{stage.state.stage.base} names no version: a rebuild may get another major release")


def _own(facts: Facts) -> Iterator[StageImage]:
    """The stages that start from an image, the one that ships first."""
    stages = [stage for stage in facts.image.stages if stage.state.parent is None]
    yield from sorted(stages, key=lambda stage: stage.state.stage.index != facts.image.chain(facts.image.final)[0].state.stage.index)
