"""The shapes of answers: what the documentation says, and what a test holds every answer against."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate


def _text(description: str, **rest: Any) -> fields.String:
    return fields.String(required=True, metadata={"description": description}, **rest)


def _bytes(description: str) -> fields.Integer:
    return fields.Integer(required=True, strict=True, metadata={"description": description})


class ErrorSchema(Schema):
    detail = fields.String(required=True)
    pointer = fields.String(metadata={"description": "A JSON pointer into the request's body."})
    parameter = fields.String(metadata={"description": "A query parameter."})
    line = fields.Integer(metadata={"description": "In the Dockerfile, from 1."})
    column = fields.Integer(metadata={"description": "From 1."})


class ProblemSchema(Schema):
    """RFC 9457 problem details."""

    type = fields.String(required=True, metadata={"description": "Stable; what to switch on."})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(ErrorSchema))


class EngineSchema(Schema):
    version = _text("The engine's version.")
    data = _text("The date of the bundled figures.")


class StageSchema(Schema):
    name = fields.String(required=True, allow_none=True, metadata={"description": "As written in the new file; null where the stage has no name."})
    base = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(("build", "runtime")))
    first_line = fields.Integer(required=True)
    last_line = fields.Integer(required=True)


class RemarkSchema(Schema):
    """Why something was or was not done."""

    kind = fields.String(required=True, validate=validate.OneOf(("passed", "missed", "analysis", "reverted")))
    pass_ = fields.String(required=True, data_key="pass", metadata={"description": "The pass that says so."})
    code = _text("Stable; what to switch on.")
    docs = fields.String()
    because = _text("One sentence for people.")
    before = fields.List(fields.Integer(), allow_none=True, metadata={"description": "First and last line in the old file."})
    after = fields.List(fields.Integer(), allow_none=True, metadata={"description": "First and last line in the new file."})
    needs = fields.List(fields.String(), metadata={"description": "Files of the context that would have allowed it."})


class DifferenceSchema(Schema):
    key = _text("The key of the image configuration.")
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)
    because = fields.String(required=True)


class LeftBehindSchema(Schema):
    path = fields.String(required=True)
    reason = fields.String(required=True)


class VerdictSchema(Schema):
    """What an independent comparison of the two images found."""

    level = fields.String(required=True, validate=validate.OneOf(("proved", "assumed")))
    differences = fields.List(fields.Nested(DifferenceSchema), required=True)
    left_behind = fields.List(fields.Nested(LeftBehindSchema), required=True)
    assumptions = fields.List(fields.String(), required=True)


class SizeSchema(Schema):
    """Bytes unpacked, with the range they lie in, and what a pull moves."""

    bytes = _bytes("Unpacked.")
    low = _bytes("At least.")
    high = _bytes("At most.")
    compressed_bytes = _bytes("What a pull moves.")
    compressed_low = _bytes("At least.")
    compressed_high = _bytes("At most.")


class LayerSchema(SizeSchema):
    line = fields.Integer(required=True)
    instruction = fields.String(required=True)
    stage = fields.String(required=True, allow_none=True)
    basis = fields.String(required=True, metadata={"description": "What the estimate rests on."})
    source = fields.String(required=True)
    date = fields.String(required=True)
    opaque = fields.Boolean(required=True, metadata={"description": "No table or listing decides what is in it: only the range means anything."})
    removable_bytes = _bytes("Of it, caches and lists that nothing reads.")


class RangeSchema(Schema):
    """Bytes unpacked, with the range they lie in."""

    bytes = _bytes("Unpacked.")
    low = _bytes("At least.")
    high = _bytes("At most.")


class WasteSchema(RangeSchema):
    """What a layer stores and nobody sees."""

    cause = fields.String(required=True, validate=validate.OneOf(("deleted", "overwritten", "metadata")))
    path = fields.String(required=True)
    line = fields.Integer(required=True, metadata={"description": "The instruction that stores it."})
    by_line = fields.Integer(required=True, metadata={"description": "The later one that hides it."})


class RemovableSchema(RangeSchema):
    """What a command leaves that nothing reads."""

    cause = fields.String(required=True, metadata={"description": "The command that leaves it."})
    line = fields.Integer(required=True)


class ImageReportSchema(SizeSchema):
    layers = fields.List(fields.Nested(LayerSchema), required=True)
    layer_count = fields.Integer(required=True)
    waste_bytes = _bytes("Stored by one layer; deleted, overwritten or stored again by a later one.")
    waste = fields.List(fields.Nested(WasteSchema), required=True, metadata={"description": "The largest 50."})
    removable_bytes = _bytes("What a cleaner file would not have.")
    removable = fields.List(fields.Nested(RemovableSchema), required=True, metadata={"description": "The largest 50."})
    efficiency = fields.Float(required=True, metadata={"description": "What is seen of what the layers above the base store, 0 to 1."})


class BuildStageSchema(Schema):
    name = fields.String(required=True, allow_none=True)
    layers = fields.List(fields.Nested(LayerSchema), required=True)
    bytes = _bytes("Unpacked.")
    low = _bytes("At least.")
    high = _bytes("At most.")


class SavingsSchema(Schema):
    """What vanishes: both images are measured by one ruler, so only what differs carries a range."""

    bytes = _bytes("Before less after, unpacked.")
    low = _bytes("At least; negative where it may grow.")
    high = _bytes("At most.")
    percent = fields.Float(required=True)
    low_percent = fields.Float(required=True)
    high_percent = fields.Float(required=True)
    compressed_bytes = _bytes("What a pull moves less.")
    compressed_low = _bytes("At least.")
    compressed_high = _bytes("At most.")


class SharingSchema(Schema):
    """What the new image shares with others on its base, and what is its own."""

    with_base_bytes = _bytes("The base's layers.")
    with_base_low = _bytes("At least.")
    with_base_high = _bytes("At most.")
    unique_bytes = _bytes("The rest.")
    unique_low = _bytes("At least.")
    unique_high = _bytes("At most.")
    unique_compressed_bytes = _bytes("What a pull moves for who has the base.")


class RebuiltSchema(SizeSchema):
    layers = fields.Integer(required=True, metadata={"description": "Layers of the shipped image that are new."})
    steps = fields.Integer(required=True, metadata={"description": "Instructions that run again, in all stages it is built from."})


class RebuildSchema(Schema):
    """The layers of the shipped image that a change makes again."""

    when = fields.String(required=True)
    before = fields.Nested(RebuiltSchema, required=True)
    after = fields.Nested(RebuiltSchema, required=True)


class ReportSchema(Schema):
    before = fields.Nested(ImageReportSchema, required=True)
    after = fields.Nested(ImageReportSchema, required=True)
    build_stages = fields.List(fields.Nested(BuildStageSchema), required=True)
    savings = fields.Nested(SavingsSchema, required=True)
    sharing = fields.Nested(SharingSchema, required=True)
    rebuild = fields.List(fields.Nested(RebuildSchema), required=True)


class RefactoringSchema(Schema):
    outcome = fields.String(required=True, validate=validate.OneOf(("split", "improved", "unchanged")))
    dockerfile = _text("The new file.")
    diff = _text("A unified diff that `git apply` and `patch` take; empty where nothing changed.")
    stages = fields.List(fields.Nested(StageSchema), required=True)
    remarks = fields.List(fields.Nested(RemarkSchema), required=True)
    missing_context = fields.List(fields.String(), required=True, metadata={"description": "Files that would have allowed more."})
    verdict = fields.Nested(VerdictSchema, required=True)
    prove = _text("The command that builds both images and compares them.")
    report = fields.Nested(ReportSchema, required=True)
    engine = fields.Nested(EngineSchema, required=True)


class RebuildRowSchema(RebuiltSchema):
    when = fields.String(required=True)


class AnalyzedSchema(Schema):
    """One image as its file makes it."""

    name = fields.String(required=True)
    report = fields.Nested(ImageReportSchema, required=True)
    build_stages = fields.List(fields.Nested(BuildStageSchema), required=True)
    sharing = fields.Nested(SharingSchema, required=True)
    rebuild = fields.List(fields.Nested(RebuildRowSchema), required=True)


class SharedSchema(RangeSchema):
    """A layer, or a base's layers, that several of the images have."""

    instruction = fields.String(required=True)
    layers = fields.Integer(required=True, metadata={"description": "How many layers it stands for."})
    compressed_bytes = _bytes("What a pull moves.")
    images = fields.List(fields.String(), required=True, metadata={"description": "Who has it."})


class TogetherSchema(SizeSchema):
    """What all images store, a shared layer once."""

    layer_count = fields.Integer(required=True)
    shared = fields.List(fields.Nested(SharedSchema), required=True)
    shared_layer_count = fields.Integer(required=True)
    saved_bytes = _bytes("What sharing saves.")


class AnalysisSchema(Schema):
    images = fields.List(fields.Nested(AnalyzedSchema), required=True)
    together = fields.Nested(TogetherSchema, metadata={"description": "Where there are several images."})
    engine = fields.Nested(EngineSchema, required=True)


class PassSchema(Schema):
    name = fields.String(required=True)
    summary = _text("What it does.")
    changes = _text("What it may change.")
    runs = _text("`opt-in` passes run only when asked for.", validate=validate.OneOf(("default", "opt-in")))
    docs = _text("Its page.")


class FindingSchema(Schema):
    """An observation that is no edit; its remarks come from the pass `point_out`."""

    code = _text("Stable; may be skipped by it.")
    summary = _text("What it says.")
    docs = _text("Its page.")


class PassesSchema(Schema):
    passes = fields.List(fields.Nested(PassSchema), required=True, metadata={"description": "In the order they run."})
    findings = fields.List(fields.Nested(FindingSchema), required=True, metadata={"description": "The most valuable first."})


class EcosystemSchema(Schema):
    name = fields.String(required=True)
    summary = _text("What it knows.")
    images = fields.List(fields.String(), required=True, metadata={"description": "Base images it recognises."})
    manifests = fields.List(fields.String(), required=True, metadata={"description": "Files that say what is installed."})
    evidence = _text("`builds`: real builds of an application compare both files; else `analysis`.", validate=validate.OneOf(("builds", "analysis")))
    applications = fields.List(fields.String(), required=True, metadata={"description": "Those of tests/proof/apps that were built."})


class EcosystemsSchema(Schema):
    ecosystems = fields.List(fields.Nested(EcosystemSchema), required=True)


class HealthSchema(Schema):
    status = fields.String(required=True, validate=validate.OneOf(("ok",)))
    engine = fields.Nested(EngineSchema, required=True)


class ReadinessSchema(Schema):
    status = fields.String(required=True, validate=validate.OneOf(("ready", "degraded", "draining", "unavailable")))
    checks = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.OneOf(("ok", "failed"))),
        required=True,
        metadata={"description": "What the service needs, by name."},
    )
