"""The deadline: what it limits, that nothing swallows it, and what the service answers."""

from __future__ import annotations

import time

import pytest

from service import BuildContext, refactor
from service.deadline import DeadlineExceeded, check, within
from service.http.app import create_app
from service.http.settings import Settings
from service.report.result import as_json
from tests.test_hostile import SHAPES

LATE = 1.0
"""Seconds that an answer may come after its deadline."""


def test_without_a_limit_nothing_happens() -> None:
    check()


def test_the_nearer_limit_holds() -> None:
    with within(60), within(0), pytest.raises(DeadlineExceeded):
        check()


def test_a_limit_ends_with_its_block() -> None:
    with within(0):
        pass
    check()


def test_a_farther_limit_inside_changes_nothing() -> None:
    with within(0), within(60), pytest.raises(DeadlineExceeded):
        check()


@pytest.mark.parametrize("name", SHAPES)
def test_no_shape_outlasts_its_deadline(name: str) -> None:
    context = BuildContext.unknown()
    start = time.process_time()
    try:
        with within(0.2):
            as_json(refactor(SHAPES[name](1_500), context), context)
    except DeadlineExceeded:
        pass
    assert time.process_time() - start < 0.2 + LATE


@pytest.mark.parametrize("path", ["/v1/refactor", "/v1/analyze"])
def test_the_service_says_so(path: str) -> None:
    settings = Settings(deadline_seconds=0)
    response = create_app(settings).test_client().post(path, json={"dockerfile": "FROM alpine\nRUN true\n"})
    problem = response.get_json()
    assert (response.status_code, response.mimetype, problem["type"]) == (503, "application/problem+json", "urn:restage:problem:deadline-exceeded")
    assert "Retry-After" not in response.headers


def test_a_worker_is_free_again() -> None:
    client = create_app(Settings(deadline_seconds=1)).test_client()
    client.post("/v1/refactor", json={"dockerfile": SHAPES["makes"](4_000)})
    assert client.post("/v1/refactor", json={"dockerfile": "FROM alpine\nCMD [\"sh\"]\n"}).status_code == 200


def test_the_setting_comes_from_the_environment() -> None:
    assert Settings.from_environment({"RESTAGE_DEADLINE_SECONDS": "3"}).deadline_seconds == 3
