"""Everything that goes wrong is a problem document that says where."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import service
from service.http.responses import ProblemSchema
from tests.http.conftest import PLAIN, Ask


def problem(reply: TestResponse, status: int) -> dict[str, Any]:
    assert reply.status_code == status
    assert reply.content_type == "application/problem+json"
    body: dict[str, Any] = reply.get_json()
    assert ProblemSchema().validate(body) == {}
    assert body["status"] == status
    return body


def test_an_unknown_route(client: FlaskClient) -> None:
    assert problem(client.get("/v2/refactor"), 404)["type"] == "urn:restage:problem:not-found"


def test_a_wrong_method_names_the_right_one(client: FlaskClient) -> None:
    reply = client.get("/v1/refactor")
    problem(reply, 405)
    assert "POST" in reply.headers["Allow"]


def test_what_buildkit_rejects_has_its_line(ask: Ask) -> None:
    body = problem(ask("FROM alpine\n\nCOPPY . .\n"), 422)
    assert body["type"] == "urn:restage:problem:invalid-dockerfile"
    assert body["errors"][0]["line"] == 3


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({}, "/dockerfile"),
        ({"dockerfile": None}, "/dockerfile"),
        ({"dockerfile": [PLAIN]}, "/dockerfile"),
        ({"dockerfile": PLAIN, "more": 1}, "/more"),
        ({"dockerfile": PLAIN, "context": []}, "/context"),
        ({"dockerfile": PLAIN, "context": {"files": {"a/b": 1}}}, "/context/files/a~1b"),
        ({"dockerfile": PLAIN, "context": {"complete": "yes"}}, "/context/complete"),
        ({"dockerfile": PLAIN, "context": {"sizes": {"a": -1}}}, "/context/sizes/a"),
        ({"dockerfile": PLAIN, "context": {"files": {"/etc/passwd": None}}}, "/context/files/~1etc~1passwd"),
        ({"dockerfile": PLAIN, "context": {"files": {"a/../../b": None}}}, "/context/files/a~1..~1..~1b"),
        ({"dockerfile": PLAIN, "context": {"files": {"a": None, "./a": ""}}}, "/context/files/.~1a"),
        ({"dockerfile": PLAIN, "context": {"files": {"": None}}}, "/context/files/"),
        ({"dockerfile": PLAIN, "context": {"files": {"a\0b": None}}}, "/context/files/a\0b"),
        ({"dockerfile": PLAIN, "context": {"sizes": {"../a": 1}}}, "/context/sizes/..~1a"),
        ({"dockerfile": PLAIN, "options": []}, "/options"),
        ({"dockerfile": PLAIN, "options": {"runtime": "floppy"}}, "/options/runtime"),
        ({"dockerfile": PLAIN, "options": {"skip": ["split_stages", "no_such"]}}, "/options/skip/1"),
        ({"dockerfile": PLAIN, "options": {"skip": [1]}}, "/options/skip/0"),
        ({"dockerfile": PLAIN, "options": {"build_args": {"A": None}}}, "/options/build_args/A"),
        ({"dockerfile": PLAIN, "options": {"strict": 2}}, "/options/strict"),
        ({"dockerfile": PLAIN, "options": {"strict": 1}}, "/options/strict"),
        ({"dockerfile": PLAIN, "options": {"platform": "../../x\n"}}, "/options/platform"),
    ],
)
def test_another_shape_is_pointed_at(ask: Ask, document: dict[str, Any], pointer: str) -> None:
    assert [error["pointer"] for error in problem(ask(document), 422)["errors"]] == [pointer]


@pytest.mark.parametrize("body", [b"", b"{", b'{"dockerfile": "FROM', b"[" * 100_000, b'{"a":' * 50_000, b'{"dockerfile": ' + b"9" * 100_000 + b"}"])
def test_what_is_no_json_is_a_bad_request(ask: Ask, body: bytes) -> None:
    problem(ask(body, "application/json"), 400)


@pytest.mark.parametrize("body", [b"[]", b"null", b'"FROM alpine"', b"1", b'{"dockerfile": NaN}'])
def test_other_json_is_unprocessable(ask: Ask, body: bytes) -> None:
    problem(ask(body, "application/json"), 422)


@pytest.mark.parametrize(
    "body",
    [
        b'{"dockerfile": "FROM a\\ud800"}',
        b'{"dockerfile": "FROM a", "context": {"files": {"\\udfff": null}}}',
        b'{"dockerfile": "\xff\xfe"}',
    ],
)
def test_what_is_no_text_is_unprocessable(ask: Ask, body: bytes) -> None:
    problem(ask(body, "application/json"), 422)


def test_a_raw_body_that_is_not_utf8_says_where(ask: Ask) -> None:
    body = problem(ask(b"FROM alpine\nRUN echo \xff\n"), 422)
    assert body["errors"][0]["line"] == 2
    assert "UTF-8" in body["detail"]


def test_many_errors_are_cut_short(ask: Ask) -> None:
    document = {"dockerfile": PLAIN, "context": {"files": {f"../{number}": None for number in range(500)}}}
    assert len(problem(ask(document), 422)["errors"]) == 100


def test_a_fault_of_ours_shows_and_logs_nothing_of_the_input(ask: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(dockerfile: str, context: object, options: object) -> object:
        raise KeyError(dockerfile)

    monkeypatch.setattr(service, "refactor", broken)
    with caplog.at_level(logging.DEBUG):
        reply = ask("FROM alpine\nENV PASSWORD=s3cret\n", X_Request_Id="the-one")
    body = problem(reply, 500)
    assert "KeyError" not in str(body)
    assert "s3cret" not in caplog.text + str(body)
    assert "the-one" in caplog.text
    assert "KeyError" in caplog.text
    assert "broken" in caplog.text


@pytest.mark.parametrize(
    ("given", "taken"), [("abc-1_2.3", True), ("a" * 128, True), ("a" * 129, False), ("<script>", False), ("a b", False), ("", False)]
)
def test_a_request_id_is_taken_or_made(client: FlaskClient, given: str, taken: bool) -> None:
    got = client.get("/no-such", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert (got == given) is taken
    assert 0 < len(got) <= 128
