"""The examples in the description of the routes."""

from __future__ import annotations

from typing import Any

from service import BuildContext, refactor
from service.report.analysis import Question, analysis, analysis_markdown
from service.report.markdown import as_markdown
from service.report.result import as_json
from service.report.svg import as_svg, stacks_svg

BEFORE = """FROM golang:1.22
WORKDIR /src
COPY . .
RUN go build -o /bin/api ./cmd/api
EXPOSE 8080
CMD ["/bin/api"]
"""
_CONTEXT = BuildContext({"go.mod": "module example.com/api\n\ngo 1.22\n", "go.sum": "", "cmd/api/main.go": None}, complete=True)
REQUEST = {
    "dockerfile": BEFORE,
    "context": {"files": dict(_CONTEXT.files), "complete": True},
    "options": {"runtime": "auto", "filename": "Dockerfile"},
}
PASS = {
    "name": "split_stages",
    "summary": "Leaves the build behind in a stage of its own.",
    "changes": "Stages, and the base image of the last one.",
    "runs": "default",
    "docs": "/docs/passes/split_stages",
}
FINDING = {"code": "floating-base", "summary": "The base image has no version", "docs": "/docs/passes/floating-base"}
ECOSYSTEM = {
    "name": "go",
    "summary": "Go modules and binaries",
    "images": ["golang"],
    "manifests": ["go.mod", "go.sum"],
    "evidence": "builds",
    "applications": ["go-wiki"],
}

_ANSWER = as_json(refactor(BEFORE, _CONTEXT), _CONTEXT)
"""The engine's own answer to the example, so that the description can not say what the code does not do."""

ANSWERS: dict[str, Any] = {
    "application/json": _ANSWER,
    "text/plain": _ANSWER["dockerfile"],
    "text/x-dockerfile": _ANSWER["dockerfile"],
    "text/x-diff": _ANSWER["diff"],
    "text/markdown": as_markdown(_ANSWER),
    "image/svg+xml": as_svg(_ANSWER["report"]),
}
ANALYZE = {
    "images": [
        {"name": "api", "dockerfile": "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y curl\n"},
        {"name": "worker", "dockerfile": "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y curl\nRUN useradd worker\n"},
    ]
}
ANALYSIS = analysis([Question(row["dockerfile"], name=row["name"]) for row in ANALYZE["images"]])
ANALYSIS_FORMS = {
    "text/markdown": analysis_markdown(ANALYSIS),
    "image/svg+xml": stacks_svg([(one["name"], one["report"]) for one in ANALYSIS["images"]]),
}
ERRORS = {
    400: "The JSON document cannot be parsed.",
    406: "None of the accepted media types is offered.",
    413: "A limit is exceeded: the Dockerfile, its instructions, the context's paths, a file's content, or the whole body.",
    415: "The body is of a kind that is not taken.",
    422: "BuildKit would reject this Dockerfile (with line and column), or the request has another shape (with a JSON pointer).",
    500: "The service failed.",
    503: "The request takes more time than the service allows; the same one would again.",
}
PROBLEMS: dict[int, Any] = {
    413: {
        "type": "urn:restage:problem:too-large",
        "title": "The request is over a limit",
        "status": 413,
        "detail": "A Dockerfile has at most 1,048,576 bytes.",
        "errors": [{"pointer": "/dockerfile", "detail": "A Dockerfile has at most 1,048,576 bytes."}],
    },
    422: {
        "type": "urn:restage:problem:invalid-dockerfile",
        "title": "This is not a Dockerfile that BuildKit accepts",
        "status": 422,
        "detail": "line 3: unknown instruction: COPPY",
        "errors": [{"line": 3, "column": 1, "detail": "unknown instruction: COPPY"}],
    },
}
HEADERS: dict[str, Any] = {
    "Restage-Outcome": {
        "schema": {"type": "string", "enum": ["split", "improved", "unchanged"]},
        "description": "What became of the file.",
    },
    "Restage-Verdict": {"schema": {"type": "string", "enum": ["proved", "assumed"]}, "description": "What the independent check found."},
    "Restage-Bytes-Before": {"schema": {"type": "integer"}, "description": "The estimated image, unpacked."},
    "Restage-Bytes-After": {"schema": {"type": "integer"}, "description": "The estimated image, unpacked."},
    "Restage-Layers-Before": {"schema": {"type": "integer"}, "description": "Layers, the base counted as one."},
    "Restage-Layers-After": {"schema": {"type": "integer"}, "description": "Layers, the base counted as one."},
    "Restage-Result": {
        "schema": {"type": "string"},
        "description": "A hash of what the answer is a function of: file, context, options, engine, data.",
    },
    "X-Request-Id": {"schema": {"type": "string"}, "description": "The caller's, or one made here."},
}


def request_body(schema: type, raw: list[str], example: dict[str, Any] = REQUEST) -> dict[str, Any]:
    text = {"schema": {"type": "string"}, "example": BEFORE}
    return {
        "required": True,
        "description": "JSON with the Dockerfile and what is known of its context, or the Dockerfile itself, byte for byte.",
        "content": {"application/json": {"schema": schema, "example": example}, **dict.fromkeys(raw, text)},
    }
