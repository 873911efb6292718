"""What operators see of jobs: the queue's figures in /metrics, and the broker in /readyz."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.http import create_app
from service.jobs import leases
from service.jobs.settings import JobSettings
from service.jobs.transactions import opened
from tests.jobs.servers import free_port, rabbitmq_server, redis_server

LINE = b'{"dockerfile": "FROM scratch\\n"}\n'


def figures(client: FlaskClient) -> dict[str, float]:
    lines = (line.split() for line in client.get("/metrics").text.splitlines() if line.startswith("restage_jobs_"))
    return {name: float(value) for name, value in lines}


def test_the_queue_is_among_the_metrics(tmp_path: Path) -> None:
    settings = JobSettings(database_url=f"sqlite:///{tmp_path}/restage.db", chunk_items=2)
    client = create_app(job_settings=settings).test_client()
    # Asking makes no database.
    assert figures(client) == {} and not list(tmp_path.iterdir())
    assert client.post("/v1/jobs", data=LINE * 6, content_type="application/x-ndjson").status_code == 202
    leases.claim_next(opened(settings.database_url), settings)
    found = figures(client)
    assert 0 <= found.pop("restage_jobs_oldest_seconds") < 600
    assert found == {"restage_jobs_queued": 2, "restage_jobs_running": 1, "restage_jobs_dead": 0}


def test_a_database_that_is_away_takes_its_metrics_along_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "restage.db").write_bytes(b"no database " * 1000)
    client = create_app(job_settings=JobSettings(database_url=f"sqlite:///{tmp_path}/restage.db")).test_client()
    assert figures(client) == {}
    assert "restage_draining 0.0" in client.get("/metrics").text


def test_a_broker_is_asked_for_where_there_is_one() -> None:
    assert create_app(job_settings=JobSettings()).test_client().get("/readyz").get_json()["checks"] == {}


@pytest.mark.parametrize("server", [redis_server, rabbitmq_server])
def test_a_broker_that_answers(server: Callable[[], AbstractContextManager[str]]) -> None:
    with server() as address:
        client = create_app(job_settings=JobSettings(jobs_url=address)).test_client()
        assert client.get("/readyz").get_json() == {"status": "ready", "checks": {"broker": "ok"}}


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_is_away(scheme: str) -> None:
    """The service takes jobs all the same: they wait in the database."""
    client = create_app(job_settings=JobSettings(jobs_url=f"{scheme}://127.0.0.1:{free_port()}")).test_client()
    reply = client.get("/readyz")
    assert (reply.status_code, reply.get_json()) == (200, {"status": "degraded", "checks": {"broker": "failed"}})
