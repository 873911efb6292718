"""The service in processes of its own, on real servers: what is shared, what is given back, and what a kill costs."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from service.jobs import catalogue
from service.jobs.model import Chunk
from service.jobs.transactions import opened, reading
from tests.jobs import chaos
from tests.jobs.servers import free_port, postgresql_server, redis_server
from tests.jobs.service import QUICK, Service, children_of, item, wait_for

NDJSON = "application/x-ndjson"


@contextmanager
def service_of(environment: dict[str, str], **rest: Any) -> Iterator[Service]:
    service = Service({**QUICK, **environment}, **rest)
    try:
        yield service
    finally:
        service.stop()


def post(service: Service, items: int) -> str:
    body = b"\n".join(item(f"i{index}") for index in range(items))
    status, _, answer = service.ask("POST", "/v1/jobs", body, Content_Type=NDJSON)
    assert status == 202, answer
    return str(json.loads(answer)["id"])


def state(service: Service, job: str) -> str:
    return str(json.loads(service.ask("GET", f"/v1/jobs/{job}")[2])["state"])


def indexes(service: Service, job: str) -> list[int]:
    return [json.loads(line)["index"] for line in service.ask("GET", f"/v1/jobs/{job}/results")[2].splitlines()]


def test_the_service_alone_works_on_its_jobs(tmp_path: Path) -> None:
    """No broker and no worker, and a database that nobody made before: what `make serve` starts."""
    with service_of({"RESTAGE_STATE": str(tmp_path / "state"), "DATABASE_URL": "", "JOBS_URL": ""}) as service:
        service.start_web()
        assert not (tmp_path / "state").exists()
        job = post(service, 30)
        wait_for(lambda: state(service, job) == "done", "the job is done")
        assert indexes(service, job) == list(range(30))


def test_two_services_share_jobs() -> None:
    with postgresql_server() as address, redis_server() as broker:
        environment = {"DATABASE_URL": address, "JOBS_URL": broker}
        with service_of(environment) as one, service_of(environment) as other:
            one.start_web(1)
            other.start_web(1)
            job = post(one, 60)
            assert state(other, job) == "queued"
            one.start_workers(1)
            other.start_workers(1)
            wait_for(lambda: state(other, job) == "done", "the job is done")
            assert indexes(other, job) == indexes(one, job) == list(range(60))
            with reading(opened(address)) as connection:
                assert len(set(connection.execute(select(Chunk.holder)).scalars())) == 2
            assert other.ask("DELETE", f"/v1/jobs/{job}")[0] == 204
            assert one.ask("GET", f"/v1/jobs/{job}")[0] == 404


def test_a_job_is_taken_while_the_broker_is_away() -> None:
    port = free_port()
    with postgresql_server() as address, service_of({"DATABASE_URL": address, "JOBS_URL": f"redis://127.0.0.1:{port}/0"}) as service:
        service.start_web(1)
        service.start_workers(1)
        job = post(service, 10)
        assert state(service, job) == "queued"
        with redis_server(port):
            wait_for(lambda: state(service, job) == "done", "the job is done")


def test_a_worker_that_is_told_to_stop_gives_back_its_chunk(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/restage.db"
    environment = {"DATABASE_URL": address, "JOBS_URL": "", "RESTAGE_JOBS_THREADS": "0", "RESTAGE_JOBS_CHUNK_ITEMS": "1000"}
    with service_of({**environment, "RESTAGE_JOBS_LEASE_SECONDS": "600"}) as service:
        service.start_web(1)
        job = post(service, 1000)
        service.start_workers(1)
        wait_for(lambda: state(service, job) == "running", "the job is begun")
        assert service.workers is not None
        service.workers.send_signal(signal.SIGTERM)
        assert service.workers.wait(timeout=60) == 0
        queue = catalogue.queue(opened(address))
        assert (queue.waiting, queue.running) == (1, 0)
        with reading(opened(address)) as connection:
            assert connection.execute(select(Chunk.attempts, Chunk.lease, Chunk.error)).one() == (0, None, None)


def test_a_refusal_in_mid_upload_is_heard(tmp_path: Path) -> None:
    """By clients that send all before they read, by an announced length or in chunks; and nothing of the job is left."""
    limits = {"RESTAGE_JOBS_BYTES": "2000000", "RESTAGE_JOBS_ITEMS": "1000", "JOBS_URL": ""}
    with service_of({"DATABASE_URL": f"sqlite:///{tmp_path}/restage.db", **limits}) as service:
        service.start_web(1)
        few, many = b"x" * 1_000_000 + b"\n", b"{}\n" * 20_000
        form = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
        for kind, start, block in ((NDJSON, b"", few), (NDJSON, b"", many), ("multipart/form-data; boundary=b", form, few)):
            whole = start + block * 30
            for body in (whole, iter([start or b"\n", *[block] * 30])):
                status, headers, answer = service.ask("POST", "/v1/jobs", body, Content_Type=kind)
                assert (status, headers.get("content-type")) == (413, "application/problem+json"), answer
        assert json.loads(service.ask("GET", "/v1/jobs")[2]) == {"jobs": []}


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    with service_of({"DATABASE_URL": f"sqlite:///{tmp_path}/restage.db", "JOBS_URL": ""}) as service:
        service.start_workers(2)
        wait_for(lambda: len(children_of(service.workers)) == 2, "the workers run")
        children = children_of(service.workers)
        assert service.workers is not None
        service.workers.kill()
        service.workers.wait()
        wait_for(lambda: not any(map(_alive, children)), "the workers end")


def _alive(process: int) -> bool:
    """A zombie that nobody has waited for is not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("name", chaos.BACKENDS)
def test_kills_cost_no_item_and_repeat_none(name: str) -> None:
    outcome = chaos.run(name, rounds=2, seed=7)
    assert outcome.clean, outcome
