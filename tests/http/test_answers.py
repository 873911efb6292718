"""One refactoring in the form that Accept asks for."""

from __future__ import annotations

import json
import re

import pytest

from service.http.responses import RefactoringSchema
from tests.http.conftest import PLAIN, Ask


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "text/plain"),
        ("", "text/plain"),
        ("text/*", "text/plain"),
        ("text/html, */*;q=0.8", "text/plain"),
        ("text/x-dockerfile", "text/x-dockerfile"),
        ("application/json", "application/json"),
        ("application/*", "application/json"),
        ("text/x-diff", "text/x-diff"),
        ("text/x-diff;q=0.5, application/json;q=0.9", "application/json"),
        ("text/plain;q=0, text/x-dockerfile", "text/x-dockerfile"),
    ],
)
def test_a_raw_request(ask: Ask, accept: str, kind: str) -> None:
    reply = ask(PLAIN, Accept=accept)
    assert (reply.status_code, reply.mimetype) == (200, kind)
    assert "Accept" in reply.vary


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("*/*", "application/json"), ("", "application/json"), ("text/plain", "text/plain"), ("text/x-diff", "text/x-diff")],
)
def test_a_json_request(ask: Ask, accept: str, kind: str) -> None:
    assert ask({"dockerfile": PLAIN}, Accept=accept).mimetype == kind


@pytest.mark.parametrize("accept", ["image/png", "text/html", "no/such", "*/*;q=0", "a/b," * 500])
def test_what_is_not_offered(ask: Ask, accept: str) -> None:
    reply = ask(PLAIN, Accept=accept)
    assert (reply.status_code, reply.content_type) == (406, "application/problem+json")
    assert "text/x-diff" in reply.get_json()["detail"]
    assert "Accept" in reply.vary


def test_the_json_answer_has_the_documented_shape_and_nothing_else(ask: Ask) -> None:
    assert RefactoringSchema().validate(ask({"dockerfile": PLAIN}).get_json()) == {}


def test_findings_as_sarif_link_to_the_pages_of_this_service(ask: Ask) -> None:
    reply = ask(PLAIN, Accept="application/sarif+json")
    (run,) = json.loads(reply.data)["runs"]
    assert (reply.mimetype, run["properties"]["outcome"]) == ("application/sarif+json", "unchanged")
    assert all(rule.get("helpUri", "http://localhost/docs/").startswith("http://localhost/docs/") for rule in run["tool"]["driver"]["rules"])
    assert ask({"dockerfile": PLAIN}, Accept="application/sarif+json, */*;q=0.1").mimetype == "application/sarif+json"


def test_headers_say_what_a_bare_dockerfile_cannot(ask: Ask) -> None:
    headers = ask(PLAIN).headers
    assert headers["Restage-Outcome"] == "unchanged"
    assert headers["Restage-Verdict"] == "proved"
    assert headers["Restage-Bytes-Before"] == headers["Restage-Bytes-After"]
    assert int(headers["Restage-Layers-Before"]) == int(headers["Restage-Layers-After"])


def test_the_same_question_has_the_same_result(ask: Ask) -> None:
    first, second = ask(PLAIN), ask(PLAIN, Accept="application/json", X_Request_Id="other")
    assert re.fullmatch("[0-9a-f]{64}", first.headers["Restage-Result"])
    assert first.headers["Restage-Result"] == second.headers["Restage-Result"]


@pytest.mark.parametrize(
    "other",
    [
        {"dockerfile": PLAIN + "\n"},
        {"dockerfile": PLAIN, "context": {"complete": True}},
        {"dockerfile": PLAIN, "context": {"files": {"a": None}}},
        {"dockerfile": PLAIN, "context": {"files": {"a": ""}}},
        {"dockerfile": PLAIN, "options": {"strict": True}},
    ],
)
def test_another_question_has_another_result(ask: Ask, other: dict[str, object]) -> None:
    assert ask(other).headers["Restage-Result"] != ask({"dockerfile": PLAIN}).headers["Restage-Result"]


def test_a_rejected_dockerfile_has_a_result_too(ask: Ask) -> None:
    assert len(ask("FROM alpine\nCOPPY a b\n").headers["Restage-Result"]) == 64
