"""The shapes of jobs."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from service.http.requests import OptionsSchema
from service.jobs.states import VISIBLE


class JobRequestSchema(Schema):
    """Items as one JSON document; more of them, or larger ones, come as NDJSON."""

    items = fields.List(
        fields.Dict(keys=fields.String()),
        required=True,
        validate=validate.Length(min=1),
        metadata={"description": "Requests of `POST /v1/refactor`. One that cannot be used fails alone."},
    )
    options = fields.Nested(OptionsSchema, metadata={"description": "For all items; an item's own go before them."})


class JobItemsSchema(Schema):
    total = fields.Integer(required=True, metadata={"description": "How many there are."})
    done = fields.Integer(required=True, metadata={"description": "How many are answered."})
    failed = fields.Integer(required=True, metadata={"description": "Of those that are done, how many are answered by a problem."})
    dead = fields.Integer(required=True, metadata={"description": "How many the service gave up on: no attempt was finished."})


class JobSchema(Schema):
    id = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "What is done with the items."})
    state = fields.String(
        required=True,
        validate=validate.OneOf(VISIBLE),
        metadata={"description": "`done`: every item is answered. `failed`: the service gave up on some, which are answered by a problem."},
    )
    items = fields.Nested(JobItemsSchema, required=True)
    created = fields.String(required=True, metadata={"format": "date-time"})
    started = fields.String(required=True, allow_none=True, metadata={"format": "date-time", "description": "When the first worker began."})
    finished = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    expires = fields.String(
        required=True, allow_none=True, metadata={"format": "date-time", "description": "When a finished job is deleted with its results."}
    )
    results = fields.String(required=True, metadata={"description": "Where the answers are."})


class JobsSchema(Schema):
    jobs = fields.List(fields.Nested(JobSchema), required=True, metadata={"description": "The newest first."})


JobsQuerySchema = Schema.from_dict(
    {
        "state": fields.String(validate=validate.OneOf(VISIBLE), metadata={"description": "Those in this state only."}),
        "limit": fields.Integer(load_default=100, validate=validate.Range(min=1, max=100), metadata={"description": "At most so many."}),
    },
    name="JobsQuery",
)
ResultsQuerySchema = Schema.from_dict(
    {
        "after": fields.Integer(
            load_default=-1,
            validate=validate.Range(min=-1, max=(1 << 31) - 1),
            metadata={"description": "The `index` of the last line that the caller has; the answer begins with the next one."},
        )
    },
    name="ResultsQuery",
)
