"""A worker that holds too much is replaced, and nobody notices."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from service.http import memory
from tests.http.gunicorn import serving


def test_a_worker_that_holds_too_much_is_replaced_between_two_requests(tmp_path: Path) -> None:
    with serving(tmp_path, WORKERS="1", RESTAGE_WORKER_BYTES="1") as service:
        assert service.get("/healthz")[0] == 200
        before = service.workers()
        assert [service.get("/healthz")[0] for _ in range(260)] == [200] * 260
        assert len(before) == 1 and not set(before) & set(service.workers())


@pytest.mark.parametrize(("most", "requests", "last"), [(1, 300, True), (1, 3, False), (1 << 60, 300, False)])
def test_only_one_that_has_grown_and_has_served(most: int, requests: int, last: bool) -> None:
    worker = SimpleNamespace(nr=requests, max_requests=10_000)
    memory.Watch(most).answered(worker)
    assert (worker.nr >= worker.max_requests) == last
