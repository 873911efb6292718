"""What operators see: log lines, metrics, readiness. None of it holds a word of the caller's."""

from __future__ import annotations

import io
import json
import logging
import re
import time
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from prometheus_client.core import GaugeMetricFamily

from service.http import Settings, create_app, draining, logs, readiness
from service.http.readiness import Check
from tests.http.conftest import PLAIN

GO = 'FROM golang:1.22\nWORKDIR /s\nCOPY . .\nRUN go build -o /bin/x .\nCMD ["/bin/x"]\n'


def requests_of(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [vars(record) for record in caplog.records if record.name == "restage.request"]


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_a_line_for_each_request(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    reply = client.post("/v1/refactor", data=GO, content_type="text/plain", headers={"X-Request-Id": "the-one"})
    (line,) = requests_of(caplog)
    assert (line["method"], line["route"], line["status"], line["outcome"], line["request_id"]) == ("POST", "/v1/refactor", 200, "split", "the-one")
    assert (line["bytes_in"], line["bytes_out"], line["key"]) == (len(GO), len(reply.data), "")
    assert 0 < line["milliseconds"] < 60_000


@pytest.mark.parametrize(
    ("method", "path", "body", "route", "status", "outcome"),
    [
        ("GET", "/s3cret?s3cret=1", "", "unmatched", 404, "not-found"),
        ("GET", "/docs/passes/s3cret", "", "/docs/passes/<name>", 404, "not-found"),
        ("S3CRET", "/v1/refactor", "", "unmatched", 405, "method-not-allowed"),
        ("POST", "/v1/refactor?filename=s3cret", "FROM alpine\nS3CRET s3cret\n", "/v1/refactor", 422, "invalid-dockerfile"),
        ("POST", "/v1/refactor", '{"s3cret": "s3cret"}', "/v1/refactor", 422, "invalid-dockerfile"),
        ("POST", "/v1/refactor", "FROM s3cret\nENV PASSWORD=s3cret\n", "/v1/refactor", 200, "unchanged"),
    ],
)
def test_nothing_of_the_input_is_logged(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, method: str, path: str, body: str, route: str, status: int, outcome: str
) -> None:
    named = {"User-Agent": "s3cret", "Referer": "s3cret", "Cookie": "s3cret", "X-Request-Id": "s3cret <>", "Authorization": "Bearer s3cret"}
    client.open(path, method=method, data=body, headers=named)
    (line,) = requests_of(caplog)
    assert (line["route"], line["status"], line["outcome"]) == (route, status, outcome)
    assert "s3cret" not in str([{**vars(record), "msg": record.getMessage()} for record in caplog.records]).lower()


def test_lines_are_json_and_an_exception_is_a_place_not_a_message() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs._formatter())
    log = logging.Logger("restage.test")
    log.addHandler(handler)
    log.info("request", extra={"status": 200})
    try:
        raise KeyError("s3cret")
    except KeyError:
        log.exception("it failed")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["event"], first["status"], first["level"], first["logger"]) == ("request", 200, "info", "restage.test")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", first["timestamp"])
    assert second["exception"] == "KeyError" and "test_observation.py" in second["at"][0]
    assert "s3cret" not in stream.getvalue()


def value(client: FlaskClient, sample: str) -> float:
    found = re.search(rf"^{re.escape(sample)} ([0-9.e+-]+)$", client.get("/metrics").text, re.MULTILINE)
    return float(found.group(1)) if found else 0.0


@pytest.mark.parametrize(
    "sample",
    [
        'restage_requests_total{method="POST",route="/v1/refactor",status="200"}',
        'restage_request_seconds_count{route="/v1/refactor"}',
        'restage_request_seconds_bucket{le="+Inf",route="/v1/refactor"}',
        'restage_outcomes_total{outcome="split",verdict="assumed"}',
        'restage_passes_applied_total{name="split_stages"}',
    ],
)
def test_a_refactoring_is_counted(client: FlaskClient, sample: str) -> None:
    before, saved = value(client, sample), value(client, "restage_saved_bytes_total")
    reply = client.post("/v1/refactor", json={"dockerfile": GO}).get_json()
    assert value(client, sample) == before + 1
    assert value(client, "restage_saved_bytes_total") == pytest.approx(saved + reply["report"]["savings"]["bytes"])


def test_a_decline_and_a_problem_are_counted_by_their_names(client: FlaskClient) -> None:
    reply = client.post("/v1/refactor", json={"dockerfile": 'FROM golang:1.22\nCOPY . .\nRUN go build\nCMD ["bash"]\n'}).get_json()
    codes = {remark["code"] for remark in reply["remarks"] if remark["kind"] == "missed"}
    assert codes and all(value(client, f'restage_declines_total{{code="{code}"}}') >= 1 for code in codes)
    before = value(client, 'restage_problems_total{type="not-found"}')
    client.get("/nowhere")
    assert value(client, 'restage_problems_total{type="not-found"}') == before + 1


def test_unknown_paths_and_methods_make_no_new_series(client: FlaskClient) -> None:
    for number in range(20):
        client.open(f"/x{number}", method=f"M{number}")
    text = client.get("/metrics").text
    assert 'method="_OTHER",route="unmatched"' in text and "x19" not in text and "M19" not in text


def test_another_room_adds_its_own(app: Flask, client: FlaskClient) -> None:
    def queue() -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("restage_queue_depth", "Chunks that wait.", value=7)

    app.config["RESTAGE_COLLECTORS"].append(queue)
    try:
        assert value(client, "restage_queue_depth") == 7
    finally:
        app.config["RESTAGE_COLLECTORS"].remove(queue)


def test_a_streamed_answer_is_logged_when_it_ends(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app()
    app.add_url_rule("/stream", view_func=lambda: Response(iter(["ab", "cd", "ef"])), methods=["GET"])
    reply = app.test_client().get("/stream", buffered=False)
    assert requests_of(caplog) == []
    assert reply.data == b"abcdef"
    reply.close()
    (line,) = requests_of(caplog)
    assert line["bytes_out"] == 6


@pytest.fixture
def drained() -> Iterator[None]:
    draining.begin()
    yield
    draining.end()


def test_a_service_that_is_about_to_stop_is_not_ready(client: FlaskClient, drained: None) -> None:
    reply = client.get("/readyz")
    assert (reply.status_code, reply.get_json()["status"], reply.headers["Cache-Control"]) == (503, "draining", "no-store")
    assert client.get("/healthz").status_code == 200
    assert value(client, "restage_draining") == 1


def board_of(app: Flask) -> readiness.Board:
    board: readiness.Board = app.config["RESTAGE_CHECKS"]
    return board


def test_what_is_needed_and_what_is_not() -> None:
    app = create_app(Settings())
    client = app.test_client()
    assert client.get("/readyz").get_json() == {"status": "ready", "checks": {}}

    def broken() -> None:
        raise ConnectionError("s3cret")

    board_of(app).checks["extra"] = Check(broken, required=False)
    assert client.get("/readyz").get_json() == {"status": "degraded", "checks": {"extra": "failed"}}
    board_of(app).checks["broker"] = Check(broken)
    time.sleep(readiness.FRESH_SECONDS)
    reply = client.get("/readyz")
    assert (reply.status_code, reply.get_json()) == (503, {"status": "unavailable", "checks": {"extra": "failed", "broker": "failed"}})
    assert "s3cret" not in reply.text


def test_what_does_not_answer_is_not_waited_for_and_not_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(readiness, "FRESH_SECONDS", 0.0)
    app, release, asked = create_app(Settings()), Event(), []

    def hangs() -> None:
        asked.append(1)
        release.wait(10)

    board_of(app).checks["broker"] = Check(hangs)
    client = app.test_client()
    began = time.monotonic()
    assert [client.get("/readyz").status_code for _ in range(3)] == [503] * 3
    assert time.monotonic() - began < 5 and len(asked) == 1
    release.set()
    time.sleep(0.2)
    assert client.get("/readyz").status_code == 200


def test_answers_are_remembered_for_a_second() -> None:
    app, asked = create_app(Settings()), []
    board_of(app).checks["broker"] = Check(lambda: asked.append(1))
    for _ in range(5):
        assert app.test_client().get("/readyz").status_code == 200
    assert len(asked) <= 2


def test_traces_without_the_extra_are_a_line_in_the_log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("service.http.telemetry.import_module", missing)
    client = create_app(Settings(telemetry_url="http://127.0.0.1:4318")).test_client()
    assert "restage[telemetry]" in caplog.text
    assert client.post("/v1/refactor", data=PLAIN).status_code == 200
