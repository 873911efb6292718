"""The examples in the description of the routes."""

from __future__ import annotations

from typing import Any

BEFORE = """FROM golang:1.22
WORKDIR /src
COPY . .
RUN go build -o /bin/api ./cmd/api
EXPOSE 8080
CMD ["/bin/api"]
"""
AFTER = """FROM golang:1.22 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build go build -o /bin/api ./cmd/api

FROM debian:bookworm-slim
WORKDIR /src
COPY --from=build /bin/api /bin/api
EXPOSE 8080
CMD ["/bin/api"]
"""
DIFF = """--- a/Dockerfile
+++ b/Dockerfile
@@ -1,6 +1,10 @@
-FROM golang:1.22
+FROM golang:1.22 AS build
 WORKDIR /src
 COPY . .
 RUN go build -o /bin/api ./cmd/api
+
+FROM debian:bookworm-slim
+WORKDIR /src
+COPY --from=build /bin/api /bin/api
 EXPOSE 8080
 CMD ["/bin/api"]
"""
REQUEST = {
    "dockerfile": BEFORE,
    "context": {"files": {"go.mod": "module example.com/api\n\ngo 1.22\n", "go.sum": "", "cmd/api/main.go": None}, "complete": True},
    "options": {"runtime": "auto", "filename": "Dockerfile"},
}
PASS = {
    "name": "split_stages",
    "summary": "Leaves the build behind in a stage of its own.",
    "changes": "Stages, and the base image of the last one.",
}
ECOSYSTEM = {"name": "go", "summary": "Go modules and binaries", "images": ["golang"], "manifests": ["go.mod", "go.sum"]}

_SIZE = {"bytes": 831000000, "low": 810000000, "high": 850000000, "compressed_bytes": 290000000}
_LAYER = {
    **_SIZE,
    "line": 1,
    "instruction": "FROM golang:1.22",
    "stage": None,
    "basis": "catalogue",
    "source": "registry manifest",
    "date": "2026-08-13",
}
_IMAGE = {**_SIZE, "layers": [_LAYER], "layer_count": 1, "waste_bytes": 0, "removable_bytes": 700000000}

ANSWERS: dict[str, Any] = {
    "application/json": {
        "outcome": "split",
        "dockerfile": AFTER,
        "diff": DIFF,
        "stages": [
            {"name": "build", "base": "golang:1.22", "role": "build", "first_line": 1, "last_line": 6},
            {"name": "", "base": "debian:bookworm-slim", "role": "runtime", "first_line": 8, "last_line": 12},
        ],
        "remarks": [
            {
                "kind": "passed",
                "pass": "split_stages",
                "code": "kept-artifact",
                "because": "the program needs /bin/api to run",
                "before": [6, 6],
                "after": [10, 10],
            }
        ],
        "missing_context": [],
        "verdict": {
            "level": "assumed",
            "differences": [{"key": "ENV GOLANG_VERSION", "before": "1.22.12", "after": None, "because": "only informs about the toolchain"}],
            "left_behind": [{"path": "/usr/local/go", "reason": "toolchain"}],
            "assumptions": [],
        },
        "prove": "restage prove Dockerfile .",
        "report": {"before": _IMAGE, "after": _IMAGE, "build_stages": [], "savings": {"bytes": 700000000, "percent": 84.2}},
        "engine": {"version": "0.1.0", "data": "2026-08-13"},
    },
    "text/plain": AFTER,
    "text/x-dockerfile": AFTER,
    "text/x-diff": DIFF,
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


def request_body(schema: type, raw: list[str]) -> dict[str, Any]:
    text = {"schema": {"type": "string"}, "example": BEFORE}
    return {
        "required": True,
        "description": "JSON with the Dockerfile and what is known of its context, or the Dockerfile itself, byte for byte.",
        "content": {"application/json": {"schema": schema, "example": REQUEST}, **dict.fromkeys(raw, text)},
    }
