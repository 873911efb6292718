"""POST /v1/analyze."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.http.responses import AnalysisSchema

STAGES = "FROM golang:1.22 AS build\nRUN go build -o /x\nFROM debian:bookworm-slim\nCOPY --from=build /x /x\n"


def post(client: FlaskClient, body: Any, query: str = "", **headers: str) -> TestResponse:
    kind = {"json": body} if isinstance(body, dict) else {"data": body, "content_type": "text/plain"}
    return client.post(f"/v1/analyze{query}", headers=headers, **kind)


def answered(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json or {}
    assert not AnalysisSchema().validate(document)
    return document


def test_a_file_of_several_stages_as_it_is(client: FlaskClient) -> None:
    (image,) = answered(post(client, STAGES))["images"]
    assert [layer["line"] for layer in image["report"]["layers"]] == [3, 4]
    assert [stage["name"] for stage in image["build_stages"]] == ["build"]


def test_a_target(client: FlaskClient) -> None:
    (image,) = answered(post(client, STAGES, "?target=BUILD"))["images"]
    assert [layer["line"] for layer in image["report"]["layers"]] == [1, 2]
    missing = post(client, {"dockerfile": STAGES, "options": {"target": "nope"}})
    assert missing.status_code == 422 and missing.json and missing.json["errors"][0]["pointer"] == "/options/target"


def test_several_images_and_what_they_share(client: FlaskClient) -> None:
    images = [{"name": "one", "dockerfile": "FROM debian:bookworm-slim\nRUN a\n"}, {"dockerfile": "FROM debian:bookworm-slim\nRUN a\nRUN b\n"}]
    found = answered(post(client, {"images": images}))
    assert [image["name"] for image in found["images"]] == ["one", "2"]
    assert found["together"]["layer_count"] == 3 and found["together"]["shared"][0]["images"] == ["one", "2"]


def test_the_error_says_which_image(client: FlaskClient) -> None:
    found = post(client, {"images": [{"dockerfile": "FROM a\n"}, {"dockerfile": "FROM a\nCOPPY b c\n"}]})
    assert found.status_code == 422 and found.json is not None
    assert found.json["errors"] == [{"pointer": "/images/1/dockerfile", "line": 2, "column": 1, "detail": found.json["errors"][0]["detail"]}]


@pytest.mark.parametrize("body", [{}, {"dockerfile": "FROM a\n", "images": [{"dockerfile": "FROM a\n"}]}, {"images": []}])
def test_one_or_several(client: FlaskClient, body: dict[str, Any]) -> None:
    assert post(client, body).status_code == 422


def test_the_context_of_the_request_and_of_an_image(client: FlaskClient) -> None:
    common, own = {"files": {"a": "x" * 10}, "complete": True}, {"files": {"a": "x" * 99}, "complete": True}
    body = {"context": common, "images": [{"dockerfile": "FROM scratch\nCOPY a /\n"}, {"dockerfile": "FROM scratch\nCOPY a /\n", "context": own}]}
    assert [image["report"]["bytes"] for image in answered(post(client, body))["images"]] == [10, 99]
    bad = {"dockerfile": "FROM a\n", "images": None, "context": {"files": {"/a": ""}}}
    del bad["images"]
    refused = post(client, bad)
    assert refused.status_code == 422 and refused.json and refused.json["errors"][0]["pointer"] == "/context/files/~1a"


@pytest.mark.parametrize(("accept", "start"), [("text/markdown", "## Dockerfile"), ("image/svg+xml", "<svg ")])
def test_other_forms(client: FlaskClient, accept: str, start: str) -> None:
    found = post(client, STAGES, Accept=accept)
    assert found.status_code == 200 and found.text.startswith(start) and found.mimetype == accept
    assert "Accept" in found.headers["Vary"] and found.headers["Restage-Result"]


def test_what_is_not_offered(client: FlaskClient) -> None:
    assert post(client, STAGES, Accept="text/x-diff").status_code == 406


@pytest.mark.parametrize(("accept", "start"), [("text/markdown", "## Split"), ("image/svg+xml", "<svg ")])
def test_the_same_forms_of_a_refactoring(client: FlaskClient, accept: str, start: str) -> None:
    found = client.post(
        "/v1/refactor", data='FROM golang:1.22\nRUN go build -o /x\nCMD ["/x"]\n', content_type="text/plain", headers={"Accept": accept}
    )
    assert found.status_code == 200 and found.text.startswith(start) and found.mimetype == accept
