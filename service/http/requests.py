"""The shapes of requests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from service.passes import PASSES
from service.passes.findings import FINDINGS

RUNTIMES = ("auto", "same", "slim", "alpine", "distroless", "scratch")
BUILDERS = ("buildkit", "any")

PASS_NAMES = tuple(row.name for row in PASSES)
SKIPPABLE = (*PASS_NAMES, *(finding.code for finding in FINDINGS))

_PLATFORM = re.compile(r"[a-z0-9]{1,32}/[a-z0-9_]{1,32}(/[a-z0-9.]{1,32})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NO_PASS = "There is no such pass; GET /v1/passes lists them."

# What the checks below do, for the description: ECMA 262's expressions, which nothing here runs.
_PLATFORM_SHAPE = {"pattern": f"^{_PLATFORM.pattern}$"}
_FILE_NAME_SHAPE = {"pattern": r"^(?!/)(?!([^\x00-\x1f\x7f]*/)?\.\.(/|$))[^\x00-\x1f\x7f]+$", "maxLength": 255}
_ASSIGNMENT_SHAPE = {"pattern": "^[^=]+="}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
PATH_PATTERN = r"^(?!/)(?!([^\x00]*/)?\.\.(/|$))[^\x00]+$"
"""Paths of a build context (`service.http.paths.normalised`)."""


class _Flag(fields.Boolean):
    """true or false. marshmallow's own takes 1 and 0 for them, too, since they are equal."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


def _flag(**metadata: str) -> fields.Boolean:
    return _Flag(metadata=metadata)


def _platform(text: str) -> None:
    if not _PLATFORM.fullmatch(text):
        raise ValidationError("A platform is os/architecture, such as linux/amd64.")


def is_id(value: object) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and len(str(value)) <= 255


def _id(value: object) -> None:
    if not is_id(value):
        raise ValidationError("An id is a string of at most 255 characters or a whole number.")


def is_file_name(text: str) -> bool:
    return not (not text or len(text) > 255 or _CONTROL.search(text) or text.startswith("/") or ".." in text.split("/"))


def _digest(text: str) -> None:
    if not _DIGEST.fullmatch(text):
        raise ValidationError("A digest is sha256: and 64 hexadecimal digits.")


def _file_name(text: str) -> None:
    if not is_file_name(text):
        raise ValidationError("A file name is relative, without `..` or control characters, and at most 255 characters long.")


class ContextSchema(Schema):
    """The build context: what a COPY can see."""

    files = fields.Dict(
        keys=fields.String(metadata={"pattern": PATH_PATTERN}),
        values=fields.String(allow_none=True),
        metadata={"description": "Path in the context to content; null: the file exists, its content is not given. A `.dockerignore` is honoured."},
    )
    complete = _flag(description="The list is the whole context; false by default.")
    sizes = fields.Dict(
        keys=fields.String(metadata={"pattern": PATH_PATTERN}),
        values=fields.Integer(strict=True, validate=validate.Range(min=0, max=1 << 50)),
        metadata={"description": "Bytes by path."},
    )


def _options(many: Any) -> dict[str, fields.Field[Any]]:
    """The options that a JSON body and a query write alike, but for lists, which `many` makes."""
    return {
        "runtime": fields.String(validate=validate.OneOf(RUNTIMES), metadata={"description": "The runtime stage's base; `auto` by default."}),
        "only": many("Run these passes only.", PASS_NAMES),
        "skip": many("Leave these passes out; codes of findings too.", SKIPPABLE),
        "also": many("Run these passes too, which run only when asked for.", PASS_NAMES),
        "builder": fields.String(
            validate=validate.OneOf(BUILDERS), metadata={"description": "`any`: no cache mounts and no heredocs; `buildkit` by default."}
        ),
        "platform": fields.String(validate=_platform, metadata={"description": "`linux/amd64` by default.", **_PLATFORM_SHAPE}),
        "filename": fields.String(
            validate=_file_name, metadata={"description": "The file's name in the diff's header; `Dockerfile` by default.", **_FILE_NAME_SHAPE}
        ),
    }


def _names(description: str, known: Sequence[str]) -> fields.List[Any]:
    return fields.List(fields.String(validate=validate.OneOf(known, error=_NO_PASS)), metadata={"description": description})


def _words(description: str, known: Sequence[str]) -> fields.List[Any]:
    """In a query, where commas may stand for repetition."""

    def check(text: str) -> None:
        if not set(filter(None, text.split(","))) <= set(known):
            raise ValidationError(_NO_PASS)

    word = f"({'|'.join(known)})?"
    item = fields.String(validate=check, metadata={"pattern": f"^{word}(,{word})*$"})
    return fields.List(item, metadata={"description": f"{description} Repeated, or with commas."})


def _assignments() -> fields.List[Any]:
    def check(text: str) -> None:
        if text.find("=") < 1:
            raise ValidationError("NAME=value is expected.")

    return fields.List(fields.String(validate=check, metadata=_ASSIGNMENT_SHAPE), metadata={"description": "NAME=value; may be repeated."})


def _dockerfile_path() -> fields.String:
    return fields.String(
        validate=_file_name,
        metadata={
            "description": "Where an archive or a form has the Dockerfile: a path in the context, `Dockerfile` by default. Else a name for the body.",
            **_FILE_NAME_SHAPE,
        },
    )


OptionsSchema = Schema.from_dict(
    {
        **_options(_names),
        "strict": _flag(description="Decline a split that would need an assumption."),
        "build_args": fields.Dict(
            keys=fields.String(validate=validate.Length(min=1)),
            values=fields.String(),
            metadata={"description": "Values for the file's ARGs."},
        ),
        "digests": fields.Dict(
            keys=fields.String(validate=validate.Length(min=1)),
            values=fields.String(validate=_digest, metadata={"pattern": f"^{_DIGEST.pattern}$"}),
            metadata={"description": "Base images as written to the digests that a registry gave for them, for `pin_digests`."},
        ),
    },
    name="Options",
)

QuerySchema = Schema.from_dict(
    {
        **_options(_words),
        "strict": fields.Boolean(metadata={"description": "Decline a split that would need an assumption."}),
        "build_arg": _assignments(),
        "dockerfile": _dockerfile_path(),
    },
    name="Query",
)
FORM_FIELDS = frozenset(QuerySchema().fields) - {"dockerfile"} | {"complete"}
"""The fields of a form that are no files."""


class RefactorRequestSchema(Schema):
    dockerfile = fields.String(required=True, metadata={"description": "The Dockerfile's text."})
    context = fields.Nested(ContextSchema, metadata={"description": "Left out: nothing is known of it."})
    options = fields.Nested(OptionsSchema)


class BatchLineSchema(RefactorRequestSchema):
    """A line of a batch."""

    id = fields.Raw(validate=_id, metadata={"description": "The caller's own name for the line: a string or a number, given back."})


class AnalyzeOptionsSchema(Schema):
    target = fields.String(
        validate=validate.Length(max=255), metadata={"description": "The stage that ships, by name or number; the last by default."}
    )
    build_args = fields.Dict(
        keys=fields.String(validate=validate.Length(min=1)), values=fields.String(), metadata={"description": "Values for the file's ARGs."}
    )
    platform = fields.String(validate=_platform, metadata={"description": "`linux/amd64` by default.", **_PLATFORM_SHAPE})


class AnalyzedImageSchema(Schema):
    name = fields.String(
        validate=validate.Length(min=1, max=255), metadata={"description": "What the answer calls it; its place in the list by default."}
    )
    dockerfile = fields.String(required=True, metadata={"description": "The Dockerfile's text."})
    context = fields.Nested(ContextSchema, metadata={"description": "Left out: that of the request."})
    options = fields.Nested(AnalyzeOptionsSchema)


class AnalyzeRequestSchema(Schema):
    """One Dockerfile, or several as `images`."""

    dockerfile = fields.String(metadata={"description": "The Dockerfile's text, where it is one."})
    images = fields.List(
        fields.Nested(AnalyzedImageSchema), validate=validate.Length(min=1, max=50), metadata={"description": "Several, at most 50."}
    )
    context = fields.Nested(ContextSchema, metadata={"description": "Left out: nothing is known of it."})
    options = fields.Nested(AnalyzeOptionsSchema)

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **rest: Any) -> None:
        if ("dockerfile" in data) == ("images" in data):
            raise ValidationError("Either `dockerfile` or `images` is given.")


AnalyzeQuerySchema = Schema.from_dict(
    {
        "target": fields.String(validate=validate.Length(max=255), metadata={"description": "The stage that ships; the last by default."}),
        "build_arg": _assignments(),
        "platform": fields.String(validate=_platform, metadata={"description": "`linux/amd64` by default.", **_PLATFORM_SHAPE}),
        "dockerfile": _dockerfile_path(),
    },
    name="AnalyzeQuery",
)
ANALYZE_FORM_FIELDS = frozenset(AnalyzeQuerySchema().fields) - {"dockerfile"} | {"complete"}
