"""The report of Dockerfiles as they are, several stages or one; and what several images store together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from service.context import BuildContext
from service.dockerfile import read
from service.dockerfile.model import DockerfileError
from service.image.image import Image
from service.image.interpret import interpret, seen
from service.knowledge.sizes import image_size
from service.report.markdown import code, escaped, layers_table
from service.report.numbers import ranged, size
from service.report.sizes import image_report, rebuild_of, sharing, stage_report
from service.sizing import Estimator, SizesOf
from service.sizing.contents import Contents
from service.sizing.together import Measured, Stored, Together, together
from service.version import DATA, VERSION

_MOST_ROWS = 100


class Unanalyzable(Exception):
    """One of the questions has no answer: `place` is its place in the list, `error` what BuildKit would reject, or None where the target names no
    stage."""

    def __init__(self, place: int, error: DockerfileError | None) -> None:
        super().__init__(place)
        self.place, self.error = place, error


@dataclass(frozen=True)
class Question:
    """One image to estimate: `target` is a stage's name or number, the last stage where it is empty."""

    dockerfile: str
    context: BuildContext = field(default_factory=BuildContext.unknown)
    name: str = "Dockerfile"
    target: str = ""
    build_args: Mapping[str, str] = field(default_factory=dict)
    platform: str = "linux/amd64"


def analysis(questions: Sequence[Question], sizes_of: SizesOf = image_size) -> dict[str, Any]:
    """Plain values. Raises `Unanalyzable`."""
    measured = [(question, *_measured(place, question, sizes_of)) for place, question in enumerate(questions)]
    found: dict[str, Any] = {
        "images": [_image(question, one, estimator) for question, one, estimator in measured],
        "engine": {"version": VERSION, "data": DATA},
    }
    if len(measured) > 1:
        found["together"] = _together(together([one for _, one, _ in measured]), [question.name for question in questions])
    return found


def _measured(place: int, question: Question, sizes_of: SizesOf) -> tuple[Measured, Estimator]:
    try:
        image = interpret(read(question.dockerfile), question.context, build_args=question.build_args, platform=question.platform)
    except DockerfileError as error:
        raise Unanalyzable(place, error) from None
    target = _target(image, question.target)
    if target is None:
        raise Unanalyzable(place, None)
    image = replace(image, final=target)
    visible = seen(question.context)
    contents = Contents.of(visible)
    estimator = Estimator.of(image, question.context, sizes_of, contents)
    base = sizes_of(image.chain(image.final)[0].state.base.reference)
    return Measured(image, contents, visible, estimator.stage(image.final), base), estimator


def _target(image: Image, target: str) -> int | None:
    """The stage of a name or number, as `docker build --target` takes them."""
    if not target:
        return image.final
    stages = [part.state.stage for part in image.stages]
    return next((stage.index for stage in stages if target.lower() in (stage.name.lower(), str(stage.index))), None)


def _image(question: Question, one: Measured, estimator: Estimator) -> dict[str, Any]:
    image = one.image
    chain = {part.state.stage.index for part in image.chain(image.final)}
    others = [part for part in image.stages[: image.final] if part.state.stage.index not in chain]
    return {
        "name": question.name,
        "report": image_report(one.estimate),
        "build_stages": [stage_report(part.state.stage.name, estimator.stage(part.state.stage.index)) for part in others],
        "sharing": sharing(one.estimate),
        "rebuild": rebuild_of(image, one.estimate, one.contents),
    }


def _together(found: Together, names: Sequence[str]) -> dict[str, Any]:
    total, packed = found.size, found.compressed
    return {
        "layer_count": found.layer_count,
        "bytes": total.mid,
        "low": total.low,
        "high": total.high,
        "compressed_bytes": packed.mid,
        "compressed_low": packed.low,
        "compressed_high": packed.high,
        "shared": [_shared(one, names) for one in sorted(found.shared, key=lambda one: -one.size.mid)[:_MOST_ROWS]],
        "shared_layer_count": sum(one.layers for one in found.shared),
        "saved_bytes": sum(one.size.mid * (len(one.images) - 1) for one in found.shared),
    }


def _shared(one: Stored, names: Sequence[str]) -> dict[str, Any]:
    return {
        "instruction": one.instruction,
        "layers": one.layers,
        "bytes": one.size.mid,
        "low": one.size.low,
        "high": one.size.high,
        "compressed_bytes": one.compressed.mid,
        "images": [names[place] for place in one.images],
    }


def analysis_markdown(document: Mapping[str, Any]) -> str:
    return "\n".join(_markdown(document)) + "\n"


def _markdown(document: Mapping[str, Any]) -> Iterator[str]:
    for one in document["images"]:
        report = one["report"]
        yield f"## {escaped(one['name'])}: {ranged(report)}, {ranged(report, 'compressed_')} compressed, {report['layer_count']} layers"
        yield ""
        waste, caches = size(report["waste_bytes"]), size(report["removable_bytes"])
        yield f"Stored for nothing: {waste}. Removable caches: {caches}. Efficiency above the base: {report['efficiency']:.0%}."
        yield ""
        yield from layers_table(report)
        yield "| when | steps run again | pulled again |"
        yield "|---|---:|---:|"
        for row in one["rebuild"]:
            yield f"| {row['when']} | {row['steps']} | {ranged(row, 'compressed_')} |"
        yield ""
    if "together" in document:
        both = document["together"]
        yield f"## Together: {both['layer_count']} layers, {ranged(both)}, {ranged(both, 'compressed_')} compressed"
        yield ""
        for row in both["shared"]:
            yield f"- {code(row['instruction'])}: {ranged(row)}, stored once for {escaped(', '.join(row['images']))}"
        yield ""


def analysis_text(document: Mapping[str, Any]) -> str:
    """For a terminal: a line for each layer."""
    return "\n".join(_text(document)) + "\n"


def _text(document: Mapping[str, Any]) -> Iterator[str]:
    for one in document["images"]:
        report = one["report"]
        yield f"{one['name']}: {ranged(report)}, {ranged(report, 'compressed_')} compressed, {report['layer_count']} layers"
        for layer in report["layers"]:
            yield f"  {layer['line']:>4}  {ranged(layer):<32} {layer['basis']:<14} {layer['instruction'][:80]}"
        for row in report["waste"]:
            yield f"  line {row['line']}: {ranged(row)} of {row['path']} stored for nothing ({row['cause']} by line {row['by_line']})"
        for row in report["removable"]:
            yield f"  line {row['line']}: {row['cause']} leaves {ranged(row)} that nothing reads"
        for row in one["rebuild"]:
            yield f"  when {row['when']}: {row['steps']} steps again, {ranged(row, 'compressed_')} to pull"
    if "together" in document:
        both = document["together"]
        shared = f"{both['shared_layer_count']} of them shared, which saves {size(both['saved_bytes'])}"
        yield f"together: {ranged(both)} in {both['layer_count']} layers; {shared}"
