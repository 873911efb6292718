"""Examples and texts for the description of the job routes."""

from __future__ import annotations

import json
from typing import Any

from service.http import examples
from service.http.bodies import JSON

_ID = "3f2b8c1de97a4f0cb5a1d0e6c7b89a42"
_FIRST = {"dockerfile": examples.BEFORE}
_SECOND = {"dockerfile": "FROM scratch\nCOPPY a b\n"}
JSON_ITEMS: dict[str, Any] = {"items": [_FIRST, _SECOND], "options": {"runtime": "auto"}}
LINES = "".join(json.dumps(item) + "\n" for item in (_FIRST, _SECOND))
JOB = {
    "id": _ID,
    "kind": "refactor",
    "state": "running",
    "items": {"total": 1000, "done": 350, "failed": 2, "dead": 0},
    "created": "2026-11-25T12:00:00.000Z",
    "started": "2026-11-25T12:00:00.120Z",
    "finished": None,
    "expires": None,
    "results": f"/v1/jobs/{_ID}/results",
}
_PROBLEM = {
    "type": "urn:restage:problem:invalid-dockerfile",
    "title": "This is not a Dockerfile that BuildKit accepts",
    "status": 422,
    "detail": "line 2: unknown instruction: COPPY",
    "errors": [{"line": 2, "column": 1, "detail": "unknown instruction: COPPY"}],
}


def results() -> str:
    return examples.lines([examples.ANSWERS[JSON](), _PROBLEM])


KEY_HEADER: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"},
    "description": "Chosen by the caller, new for each job: a request that is repeated with it makes no second one.",
}
ERRORS = {
    **examples.ERRORS,
    400: "The JSON document cannot be parsed, or the body is not complete.",
    404: "There is no such job, or it is another caller's.",
    409: "Another request with the same `Idempotency-Key` is being received.",
    413: "A limit is exceeded: the body's bytes, or the number of items.",
    422: "There is no item, the request has another shape, or the `Idempotency-Key` belongs to a job of other items.",
    429: "The caller has too many unfinished jobs.",
    503: "The database does not answer.",
}
PROBLEMS: dict[int, Any] = {
    422: {
        "type": "urn:restage:problem:idempotency-key-reused",
        "title": "The Idempotency-Key is taken",
        "status": 422,
        "detail": "It belongs to a job of other items or options.",
    },
}
