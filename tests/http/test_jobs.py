"""POST /v1/jobs and what follows, with a worker in this process."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import g, request
from flask.testing import FlaskClient

from service.access.model import Caller
from service.http import Settings, create_app
from service.http.items import lines_of
from service.http.jobschemas import JobSchema, JobsSchema
from service.http.responses import ProblemSchema, RefactoringSchema
from service.jobs import leases
from service.jobs.settings import JobSettings
from service.jobs.transactions import opened
from service.jobs.work import work
from tests.http.conftest import PLAIN

NDJSON = "application/x-ndjson"
GOOD = json.dumps({"dockerfile": PLAIN})
BAD = json.dumps({"dockerfile": "FROM scratch\nCOPPY a b\n"})


@pytest.fixture
def settings(tmp_path: Path) -> JobSettings:
    return JobSettings(database_url=f"sqlite:///{tmp_path}/restage.db", chunk_items=2, items=20, bytes=10_000, queued=5)


@pytest.fixture
def client(settings: JobSettings) -> FlaskClient:
    app = create_app(Settings(body_bytes=4_000), job_settings=settings)
    # What a key's id comes from is another module's matter.
    app.before_request(_call)
    return app.test_client()


@pytest.fixture
def run(settings: JobSettings) -> Callable[[int], None]:
    """Works on so many chunks."""

    def run(chunks: int = 1000) -> None:
        engine = opened(settings.database_url)
        while chunks and (lease := leases.claim_next(engine, settings)):
            work(engine, settings, lease, threading.Event())
            chunks -= 1

    return run


def _call() -> None:
    if name := request.headers.get("X-Test-Key"):
        g.caller = Caller(name, frozenset({"jobs"}))


def post(client: FlaskClient, *lines: str, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/v1/jobs", data="\n".join(lines), content_type=NDJSON, headers=named)


def test_a_job_from_beginning_to_end(client: FlaskClient, run: Callable[[int], None]) -> None:
    made = post(client, GOOD, BAD, "", "nonsense", GOOD)
    assert made.status_code == 202
    assert JobSchema().validate(made.json) == {}
    assert (made.json["state"], made.json["items"]) == ("queued", {"total": 4, "done": 0, "failed": 0, "dead": 0})
    assert made.headers["Location"] == f"/v1/jobs/{made.json['id']}"
    run(1)
    half = client.get(made.headers["Location"])
    assert (half.json["state"], half.json["items"]["done"], half.json["items"]["failed"]) == ("running", 2, 1)
    assert half.headers["Retry-After"] == "2"
    run(9)
    whole = client.get(made.headers["Location"])
    assert (whole.json["state"], whole.json["items"]) == ("done", {"total": 4, "done": 4, "failed": 2, "dead": 0})
    assert JobSchema().validate(whole.json) == {}
    answers = [json.loads(line) for line in client.get(whole.json["results"]).data.splitlines()]
    assert [one.pop("index") for one in answers] == [0, 1, 2, 3]
    for one in answers:
        one.pop("result", None)
    assert [RefactoringSchema().validate(answers[place]) for place in (0, 3)] == [{}, {}]
    assert [ProblemSchema().validate(answers[place]) for place in (1, 2)] == [{}, {}]
    assert [answers[place]["status"] for place in (1, 2)] == [422, 400]


def test_results_while_the_job_is_at_work(client: FlaskClient, run: Callable[[int], None]) -> None:
    address = post(client, *[GOOD] * 5).headers["Location"]
    nothing = client.get(f"{address}/results")
    assert (nothing.status_code, nothing.mimetype, nothing.data) == (200, NDJSON, b"")
    assert nothing.headers["Link"] == f'<{address}/results?after=-1>; rel="next"'
    run(2)
    some = client.get(f"{address}/results")
    assert [json.loads(line)["index"] for line in some.data.splitlines()] == [0, 1, 2, 3]
    assert some.headers["Link"] == f'<{address}/results?after=3>; rel="next"'
    assert [json.loads(line)["index"] for line in client.get(f"{address}/results?after=0").data.splitlines()] == [1, 2, 3]
    assert client.get(f"{address}/results?after=3").data == b""
    run(9)
    rest = client.get(f"{address}/results?after=3")
    assert [json.loads(line)["index"] for line in rest.data.splitlines()] == [4]
    assert "Link" not in rest.headers
    assert client.get(f"{address}/results?after=99").data == b""


def test_the_job_itself_as_its_results(client: FlaskClient, run: Callable[[int], None]) -> None:
    address = post(client, GOOD).headers["Location"]
    run(1)
    assert client.get(address).mimetype == "application/json"
    lines = client.get(address, headers={"Accept": NDJSON})
    assert lines.mimetype == NDJSON
    assert lines.data == client.get(f"{address}/results").data
    assert client.get(address, headers={"Accept": "text/html"}).status_code == 406
    assert client.get(f"{address}/results", headers={"Accept": "text/html"}).status_code == 406


@pytest.mark.parametrize("kind", [NDJSON, "application/jsonl", "application/octet-stream", "application/x-www-form-urlencoded", None])
def test_lines_under_several_names(client: FlaskClient, kind: str | None) -> None:
    assert client.post("/v1/jobs", data=f"{GOOD}\r\n\r\n{GOOD}\r\n".encode(), content_type=kind).json["items"]["total"] == 2


def test_a_document_with_options_for_all(client: FlaskClient, run: Callable[[int], None]) -> None:
    added = "FROM alpine:3.20\nADD run.sh /run.sh\nCMD [\"/run.sh\"]\n"
    items = [{"dockerfile": added}, {"dockerfile": added, "options": {"skip": ["add_to_copy"]}}]
    refused = client.post("/v1/jobs", json={"items": items, "options": {"only": ["no_such_pass"]}})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/options/only/0")
    made = client.post("/v1/jobs", json={"items": items, "options": {"skip": ["split_stages"]}})
    run(1)
    first, second = (json.loads(line) for line in client.get(made.json["results"]).data.splitlines())
    assert (first["outcome"], second["outcome"]) == ("improved", "unchanged")


def test_an_upload(client: FlaskClient, run: Callable[[int], None]) -> None:
    content = f"{GOOD}\n{BAD}\n".encode()
    made = client.post("/v1/jobs", data={"note": "x", "file": (io.BytesIO(content), "all.ndjson"), "more": (io.BytesIO(content), "b")})
    assert (made.status_code, made.json["items"]["total"]) == (202, 2)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", NDJSON, 422),
        (b"\n \n", NDJSON, 422),
        (b"{}", "application/json", 422),
        (b'{"items": []}', "application/json", 422),
        (b'{"items": [3]}', "application/json", 422),
        (b'{"items": [{}], "options": {"runtime": "x"}}', "application/json", 422),
        (b'{"items"', "application/json", 400),
        (b"x", "text/plain", 415),
        (b"x", "multipart/form-data", 400),
        (b"x", "multipart/form-data; boundary=b", 400),
        (b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n', "multipart/form-data; boundary=b", 422),
        (b'--b\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\n{}\n{}', "multipart/form-data; boundary=b", 400),
        (b'--b\r\nContent-Disposition: form-data; name="a"; filename=""\r\n\r\n\r\n--b--\r\n', "multipart/form-data; boundary=b", 422),
        (b"{}\n" * 21, NDJSON, 413),
        (b"x" * 10_001, NDJSON, 413),
        (b'{"items": ["' + b"x" * 4_000, "application/json", 413),
    ],
)
def test_what_is_no_job(client: FlaskClient, body: bytes, kind: str, status: int) -> None:
    answer = client.post("/v1/jobs", data=body, content_type=kind)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert ProblemSchema().validate(answer.json) == {}
    assert client.get("/v1/jobs").json == {"jobs": []}


def test_an_encoded_body(client: FlaskClient) -> None:
    assert post(client, GOOD, Content_Encoding="gzip").status_code == 415


def test_a_body_that_ends_early_makes_no_job(client: FlaskClient) -> None:
    # As gunicorn hands it over: the stream just ends.
    environ = {"wsgi.input": io.BytesIO(GOOD.encode() + b"\n"), "wsgi.input_terminated": True, "CONTENT_LENGTH": "500"}
    answer = client.post("/v1/jobs", content_type=NDJSON, environ_overrides=environ)
    assert (answer.status_code, answer.json["type"]) == (400, "urn:restage:problem:incomplete-body")
    assert client.get("/v1/jobs").json == {"jobs": []}


def test_an_item_that_is_too_long_fails_alone(client: FlaskClient, run: Callable[[int], None]) -> None:
    long = json.dumps({"dockerfile": PLAIN + "#" * 4_000})
    made = post(client, GOOD, long, GOOD)
    run(9)
    answers = [json.loads(line) for line in client.get(made.json["results"]).data.splitlines()]
    assert [(one["index"], one.get("status")) for one in answers] == [(0, None), (1, 413), (2, None)]


def test_the_same_request_twice(client: FlaskClient) -> None:
    first = post(client, GOOD, Idempotency_Key='"k-1"')
    again = post(client, GOOD, Idempotency_Key="k-1")
    assert (again.status_code, again.json["id"], again.headers["Location"]) == (202, first.json["id"], first.headers["Location"])
    other = post(client, BAD, Idempotency_Key="k-1")
    assert (other.status_code, other.json["type"]) == (422, "urn:restage:problem:idempotency-key-reused")
    assert post(client, BAD, Idempotency_Key="k-2").status_code == 202
    assert len(client.get("/v1/jobs").json["jobs"]) == 2


def test_the_same_upload_twice_under_other_boundaries(client: FlaskClient) -> None:
    ids = set()
    for boundary in ("one", "two"):
        body = f'--{boundary}\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n{GOOD}\r\n--{boundary}--\r\n'
        headers = {"Idempotency-Key": "k"}
        ids.add(client.post("/v1/jobs", data=body, content_type=f"multipart/form-data; boundary={boundary}", headers=headers).json["id"])
    assert len(ids) == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 256, "a\tb"])
def test_a_key_that_is_none(client: FlaskClient, key: str) -> None:
    assert post(client, GOOD, Idempotency_Key=key).status_code == 422


def test_too_many_unfinished_jobs(client: FlaskClient, run: Callable[[int], None]) -> None:
    assert [post(client, GOOD).status_code for _ in range(6)] == [202] * 5 + [429]
    assert post(client, GOOD).headers["Retry-After"] == "2"
    run(1)
    assert post(client, GOOD).status_code == 202


def test_another_ones_job_is_none(client: FlaskClient) -> None:
    mine, yours = {"X-Test-Key": "mine"}, {"X-Test-Key": "yours"}
    address = post(client, GOOD, X_Test_Key="mine").headers["Location"]
    for method, path in (("GET", address), ("GET", f"{address}/results"), ("DELETE", address)):
        for headers in (yours, {}):
            answer = client.open(path, method=method, headers=headers)
            assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert [len(client.get("/v1/jobs", headers=one).json["jobs"]) for one in (mine, yours, {})] == [1, 0, 0]
    assert client.delete(address, headers=mine).status_code == 204
    assert client.get(address, headers=mine).status_code == 404


@pytest.mark.parametrize("id", ["x", "0" * 32, "%00" * 32, "0" * 31 + "%00", "../jobs", "0" * 3000])
def test_no_such_job(client: FlaskClient, id: str) -> None:
    for method, path in (("GET", f"/v1/jobs/{id}"), ("GET", f"/v1/jobs/{id}/results"), ("DELETE", f"/v1/jobs/{id}")):
        assert client.open(path, method=method).status_code in (404, 308)


@pytest.mark.parametrize("query", ["after=x", "after=-2", "after=99999999999", "before=1"])
def test_a_query_that_cannot_be_used(client: FlaskClient, query: str) -> None:
    address = post(client, GOOD).headers["Location"]
    assert client.get(f"{address}/results?{query}").status_code == 422


def test_jobs_of_one_state(client: FlaskClient, run: Callable[[int], None]) -> None:
    first = post(client, GOOD).json["id"]
    run(1)
    second = post(client, GOOD).json["id"]
    listed = client.get("/v1/jobs").json
    assert JobsSchema().validate(listed) == {}
    assert [one["id"] for one in listed["jobs"]] == [second, first]
    assert [one["id"] for one in client.get("/v1/jobs?state=done").json["jobs"]] == [first]
    assert [one["id"] for one in client.get("/v1/jobs?limit=1").json["jobs"]] == [second]
    assert client.get("/v1/jobs?state=received").status_code == 422


def test_a_database_that_cannot_be_reached(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    client = create_app(job_settings=JobSettings(database_url=f"sqlite:///{tmp_path}/file/restage.db")).test_client()
    answer = post(client, GOOD)
    assert (answer.status_code, answer.json["type"]) == (503, "urn:restage:problem:jobs-unavailable")
    assert answer.headers["Retry-After"] == "2"
    assert client.post("/v1/refactor", json={"dockerfile": PLAIN}).status_code == 200


def test_lines_whatever_the_blocks() -> None:
    text = b"one\n\ntwo two\r\n" + b"x" * 30 + b"\n three \nfour"
    for size in range(1, len(text) + 1):
        blocks: Iterator[bytes] = (text[start : start + size] for start in range(0, len(text), size))
        assert list(lines_of(blocks, 20)) == [b"one", b"two two", b"", b"three", b"four"]
