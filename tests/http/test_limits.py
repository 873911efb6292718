"""The limits of one request: what lies on them passes, what lies above gets a 413 that says which."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from service.http import Settings
from tests.http.conftest import PLAIN

ROOM = 400 - len(PLAIN)


def post(client: FlaskClient, document: dict[str, Any]) -> tuple[int, Any]:
    reply = client.post("/v1/refactor", json=document)
    return reply.status_code, [error["pointer"] for error in reply.get_json().get("errors", [])]


def with_comment(length: int) -> str:
    return "#" + "x" * (length - 2) + "\n" + PLAIN


@pytest.mark.parametrize(("extra", "status"), [(0, 200), (1, 413)])
def test_the_dockerfile(small_client: FlaskClient, extra: int, status: int) -> None:
    text = with_comment(ROOM + extra)
    assert post(small_client, {"dockerfile": text})[0] == status
    reply = small_client.post("/v1/refactor", data=text, content_type="text/plain")
    assert reply.status_code == status
    if status == 413:
        assert reply.get_json()["errors"][0]["pointer"] == "/dockerfile"


@pytest.mark.parametrize(("count", "status"), [(8, 200), (9, 413)])
def test_the_instructions(small_client: FlaskClient, count: int, status: int) -> None:
    assert post(small_client, {"dockerfile": PLAIN + "ENV A=1\n" * count})[0] == status


@pytest.mark.parametrize(("count", "status"), [(3, 200), (4, 413)])
def test_the_stages(small_client: FlaskClient, count: int, status: int) -> None:
    text = "".join(f"from alpine:3.20 AS s{number}\n" for number in range(count))
    assert post(small_client, {"dockerfile": text})[0] == status
    assert small_client.post("/v1/analyze", json={"dockerfile": text}).status_code == status


def test_comments_are_no_instructions(small_client: FlaskClient) -> None:
    assert post(small_client, {"dockerfile": "# a\n" * 20 + PLAIN})[0] == 200


@pytest.mark.parametrize(("count", "status"), [(5, 200), (6, 413)])
@pytest.mark.parametrize("name", ["files", "sizes"])
def test_the_context(small_client: FlaskClient, name: str, count: int, status: int) -> None:
    value = None if name == "files" else 1
    got, pointers = post(small_client, {"dockerfile": PLAIN, "context": {name: {f"f{number}": value for number in range(count)}}})
    assert got == status
    assert pointers == ([] if status == 200 else [f"/context/{name}"])


@pytest.mark.parametrize(("content", "status"), [("x" * 50, 200), ("x" * 51, 413), ("é" * 26, 413)])
def test_a_file_of_the_context(small_client: FlaskClient, content: str, status: int) -> None:
    got, pointers = post(small_client, {"dockerfile": PLAIN, "context": {"files": {"src/package.json": content}}})
    assert got == status
    assert pointers == ([] if status == 200 else ["/context/files/src~1package.json"])


def test_the_body(small_client: FlaskClient) -> None:
    reply = small_client.post("/v1/refactor", data=b" " * 4_001, content_type="application/json")
    assert (reply.status_code, reply.content_type) == (413, "application/problem+json")


def test_settings_come_from_the_environment() -> None:
    assert Settings.from_environment({"RESTAGE_BODY_BYTES": "5", "HOME": "/"}) == Settings(body_bytes=5)


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "²", "ten"])
def test_a_wrong_setting_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="RESTAGE_INSTRUCTIONS"):
        Settings.from_environment({"RESTAGE_INSTRUCTIONS": text})
