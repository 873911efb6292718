"""The examples in the description of the routes. What the engine answers is a function, called when the description is made: no start waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from marshmallow import Schema, fields

from service import BuildContext, DockerfileError, Refactoring, refactor
from service.http.bodies import GZIP, JSON, MULTIPART, RAW, TAR
from service.http.problems import document, rejected
from service.report.analysis import Question, analysis, analysis_markdown
from service.report.markdown import as_markdown
from service.report.result import as_json
from service.report.sarif import as_sarif
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


@cache
def _answer() -> tuple[Refactoring, dict[str, Any]]:
    """The engine's own answer to the example, so that the description can not say what the code does not do."""
    found = refactor(BEFORE, _CONTEXT)
    return found, as_json(found, _CONTEXT)


ANSWERS: Mapping[str, Callable[[], Any]] = {
    JSON: lambda: _answer()[1],
    "text/plain": lambda: _answer()[1]["dockerfile"],
    "text/x-dockerfile": lambda: _answer()[1]["dockerfile"],
    "text/x-diff": lambda: _answer()[1]["diff"],
    "text/markdown": lambda: as_markdown(_answer()[1]),
    "application/sarif+json": lambda: as_sarif(*_answer(), "http://127.0.0.1:8080/"),
    "image/svg+xml": lambda: as_svg(_answer()[1]["report"]),
}
_SHELL = 'FROM alpine:3.20\nCMD ["sh"]\n'
BATCH = "".join(json.dumps(line) + "\n" for line in ({"id": "shell", "dockerfile": _SHELL}, {"id": "broken", "dockerfile": "FROM a\nCOPPY b c\n"}))


def batch_answer() -> str:
    found = as_json(refactor(_SHELL), BuildContext.unknown())
    return lines([{"id": "shell", **found}, {"id": "broken", **document(rejected(DockerfileError("unknown instruction: COPPY", 2)))}])


def lines(documents: Iterable[Mapping[str, Any]]) -> str:
    """Documents as they are answered in lines, each with its number."""
    return "".join(json.dumps({"index": index, **document}, ensure_ascii=False) + "\n" for index, document in enumerate(documents))


ANALYZE = {
    "images": [
        {"name": "api", "dockerfile": "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y curl\n"},
        {"name": "worker", "dockerfile": "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y curl\nRUN useradd worker\n"},
    ]
}


@cache
def analyzed() -> dict[str, Any]:
    return analysis([Question(row["dockerfile"], name=row["name"]) for row in ANALYZE["images"]])


ANALYSIS_FORMS: Mapping[str, Callable[[], str]] = {
    "text/markdown": lambda: analysis_markdown(analyzed()),
    "image/svg+xml": lambda: stacks_svg([(one["name"], one["report"]) for one in analyzed()["images"]]),
}
ERRORS = {
    400: "The JSON document cannot be parsed.",
    406: "None of the accepted media types is offered.",
    413: "A limit is exceeded: the Dockerfile, its stages or instructions, the context's paths, a file's content, or the whole body.",
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


def request_body(schema: type[Schema], options: type[Schema], example: dict[str, Any] = REQUEST) -> dict[str, Any]:
    """Every kind of body, with an example of each: `schema` of a JSON document, `options` of a query and so of a form's fields."""
    text = {"schema": {"type": "string"}, "example": BEFORE}
    archive = {"schema": {"type": "string", "contentMediaType": TAR}}
    return {
        "required": True,
        "description": (
            "JSON with the Dockerfile and what is known of its context; or the Dockerfile itself, byte for byte; or a form with a part `dockerfile` "
            "and a part for each file of the context (`curl -F dockerfile=@Dockerfile -F package.json=@package.json`); or the whole context as a tar "
            "archive, plain or packed by gzip (`tar c . | curl -H 'Content-Type: application/x-tar' --data-binary @- ...`)."
        ),
        "content": {
            JSON: {"schema": schema, "example": example},
            **dict.fromkeys(sorted(RAW - {""}), text),
            MULTIPART: {"schema": _form(options), "example": {"dockerfile": BEFORE, "go.mod": _CONTEXT.files["go.mod"]}},
            TAR: archive,
            GZIP: archive,
        },
    }


def batch_body(kinds: Iterable[str]) -> dict[str, Any]:
    return {
        "required": False,
        "description": "A request of /v1/refactor as JSON a line, with an `id` of the caller's if wanted. No line is no mistake.",
        # A sequence of documents is no string to a JSON schema, and OpenAPI 3.1 has no word for it.
        "content": {kind: {"schema": {"description": "Documents of the shape RefactorRequest, a line each."}, "example": BATCH} for kind in kinds},
    }


def _form(options: type[Schema]) -> type[Schema]:
    said = {name: value for name, value in options().fields.items() if name != "dockerfile"}
    file = fields.String(required=True, metadata={"description": "The Dockerfile, a file or a field.", "contentMediaType": "text/x-dockerfile"})
    complete = fields.Boolean(metadata={"description": "The files are the whole context; false by default."})
    return Schema.from_dict({"dockerfile": file, "complete": complete, **said}, name=f"{options.__name__.removesuffix('Query')}Form")
