"""POST /v1/batch: lines in, lines out."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

import service
from service.http import Settings, create_app
from service.http.batch import _answers, answer_line
from service.http.duplex import ReadAhead
from service.http.responses import ProblemSchema, RefactoringSchema
from tests.http.conftest import PLAIN

NDJSON = "application/x-ndjson"
LINE = json.dumps({"dockerfile": PLAIN}).encode()


def post(client: FlaskClient, lines: Iterable[bytes] | bytes, kind: str | None = NDJSON, **headers: str) -> TestResponse:
    body = lines if isinstance(lines, bytes) else b"".join(line + b"\n" for line in lines)
    return client.post("/v1/batch", data=body, content_type=kind, headers={name.replace("_", "-"): value for name, value in headers.items()})


def rows(reply: TestResponse) -> list[dict[str, Any]]:
    assert (reply.status_code, reply.content_type) == (200, NDJSON)
    return [json.loads(line) for line in reply.data.splitlines()]


def test_each_line_is_answered_in_order(client: FlaskClient) -> None:
    wanted = ask(client, {"dockerfile": PLAIN})
    found = rows(post(client, [LINE, json.dumps({"dockerfile": PLAIN, "id": "two", "options": {"strict": True}}).encode(), LINE]))
    assert [row["index"] for row in found] == [0, 1, 2]
    assert found[1]["id"] == "two" and "id" not in found[0]
    assert {key: value for key, value in found[0].items() if key not in ("index", "result")} == wanted.get_json()
    assert found[0]["result"] == wanted.headers["Restage-Result"] == found[2]["result"] != found[1]["result"]
    assert RefactoringSchema(exclude=()).validate({key: value for key, value in found[1].items() if key not in ("index", "id", "result")}) == {}


def ask(client: FlaskClient, document: dict[str, Any]) -> TestResponse:
    return client.post("/v1/refactor", json=document)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"FROM alpine"', 422),
        (b"\xff", 422),
        (b"[" * 50_000, 400),
        (b'{"dockerfile": "FROM a\\nCOPPY b"}', 422),
        (b'{"dockerfile": "FROM a", "id": [1]}', 422),
        (b'{"dockerfile": "FROM a", "id": true}', 422),
        (b'{"dockerfile": "FROM a", "more": 1}', 422),
        (json.dumps({"dockerfile": "#" * 2_000_000}).encode(), 413),
        (json.dumps({"dockerfile": PLAIN, "context": {"files": {"../x": None}}}).encode(), 422),
    ],
)
def test_a_bad_line_fails_alone(client: FlaskClient, line: bytes, status: int) -> None:
    before, bad, after = rows(post(client, [LINE, line, LINE]))
    assert before["outcome"] == after["outcome"] == "unchanged" and (before["index"], after["index"]) == (0, 2)
    assert (bad["index"], bad["status"]) == (1, status)
    assert ProblemSchema().validate({key: value for key, value in bad.items() if key not in ("index", "id", "result")}) == {}


def test_a_bad_line_keeps_its_id(client: FlaskClient) -> None:
    (row,) = rows(post(client, [b'{"id": 7, "dockerfile": 1}']))
    assert (row["id"], row["status"], row["errors"][0]["pointer"]) == (7, 422, "/dockerfile")


def test_empty_lines_count_and_have_no_answer(client: FlaskClient) -> None:
    assert [row["index"] for row in rows(post(client, b"\n" + LINE + b"\r\n  \n" + LINE))] == [1, 3]
    assert rows(post(client, b"")) == []
    assert rows(post(client, b"\n\n")) == []


@pytest.mark.parametrize("kind", [NDJSON, "application/jsonl", "text/plain", "application/x-www-form-urlencoded", None])
def test_what_lines_may_be_called(client: FlaskClient, kind: str | None) -> None:
    assert len(rows(post(client, [LINE], kind))) == 1


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "image/png"])
def test_other_kinds_are_refused(client: FlaskClient, kind: str) -> None:
    reply = post(client, [LINE], kind)
    assert (reply.status_code, reply.content_type) == (415, "application/problem+json")
    assert post(client, [LINE], Content_Encoding="gzip").status_code == 415


@pytest.mark.parametrize(
    ("accept", "status"), [("*/*", 200), ("application/*", 200), (f"{NDJSON};q=0.1", 200), ("application/json", 406), ("text/plain", 406)]
)
def test_accept_is_honoured(client: FlaskClient, accept: str, status: int) -> None:
    reply = post(client, [LINE], Accept=accept)
    assert (reply.status_code, "Accept" in reply.vary) == (status, True)


def test_a_query_is_a_mistake(client: FlaskClient) -> None:
    reply = client.post("/v1/batch?runtime=slim", data=LINE, content_type=NDJSON)
    assert reply.status_code == 422 and reply.get_json()["errors"][0]["parameter"] == "runtime"


def test_the_limits() -> None:
    small = create_app(Settings(batch_line_bytes=100, batch_lines=3)).test_client()
    found = rows(post(small, [b"x" * 101, LINE, b"x" * 100_000, LINE]))
    assert [(row["index"], row.get("status")) for row in found] == [(0, 413), (1, None), (2, 413), (3, 413)]
    assert "3 lines" in found[3]["detail"]


def test_a_fault_of_ours_fails_alone(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(dockerfile: str, context: object, options: object) -> object:
        raise KeyError(dockerfile)

    monkeypatch.setattr(service, "refactor", broken)
    (row, other) = rows(post(client, [b'{"dockerfile": "FROM s3cret"}', b"{"]))
    assert (row["status"], other["status"]) == (500, 400)
    assert "s3cret" not in str(row) + caplog.text and "KeyError" in caplog.text


def many(count: int, line: bytes) -> Iterator[bytes]:
    return (line + b"\n" for _ in range(count))


def test_memory_stays_flat_over_ten_thousand_lines() -> None:
    """40 MB of lines whose answers are taken one by one. The engine is left out: what it remembers of files is its own."""
    line = b'{"dockerfile": ' + b" " * 4_000
    answers = _answers(ReadAhead(many(10_000, line), {}, 1 << 20), Settings(), "-")
    for _ in range(1_000):
        next(answers)
    tracemalloc.start()
    start = tracemalloc.get_traced_memory()[0]
    count = 1_000 + sum(1 for _ in answers)
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 10_000
    assert after - start < 100_000 and peak - start < 500_000


def test_a_line_without_end_takes_no_memory() -> None:
    chunks = (bytes(60_000) for _ in range(500))
    tracemalloc.start()
    (answer,) = _answers(ReadAhead(chunks, {}, 1 << 20), Settings(batch_line_bytes=200_000), "-")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert json.loads(answer)["status"] == 413
    assert peak < 1_500_000


def test_answers_come_before_the_request_has_ended() -> None:
    read: list[int] = []

    def lines() -> Iterator[bytes]:
        for number in range(10):
            read.append(number)
            yield LINE + b"\n"

    answers = _answers(ReadAhead(lines(), {}, 1 << 20), Settings(), "-")
    assert json.loads(b"".join(piece for piece in [next(answers)]))["index"] == 0
    assert len(read) == 1
    answers.close()  # type: ignore[attr-defined]
    assert len(read) == 1


def test_a_line_is_answered_without_a_request() -> None:
    assert answer_line(LINE, 5, Settings())["index"] == 5
    assert answer_line(b"{", 6, Settings())["status"] == 400


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=30), st.just(b'{"id": 1}')), max_size=6), st.integers(1, 50))
def test_any_lines_are_answered(lines: list[bytes], size: int) -> None:
    body = b"\n".join(lines)
    chunks = (body[start : start + size] for start in range(0, len(body), size))
    answers = [json.loads(answer) for answer in _answers(ReadAhead(chunks, {}, 1 << 20), Settings(), "-")]
    assert [answer["index"] for answer in answers] == [index for index, line in enumerate(body.split(b"\n")) if line.strip()]
