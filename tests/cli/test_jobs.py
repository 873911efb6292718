"""`restage jobs` and `restage worker`, up to where work begins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from service.cli import main
from service.jobs import leases
from service.jobs.settings import JobSettings
from service.jobs.submission import Request, submit
from service.jobs.transactions import opened


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobSettings:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("RESTAGE_STATE", str(tmp_path))
    monkeypatch.setenv("RESTAGE_JOBS_ATTEMPTS", "1")
    return JobSettings(database_url=f"sqlite:///{tmp_path}/restage.db", attempts=1)


@pytest.fixture
def engine(settings: JobSettings) -> Engine:
    return opened(settings.database_url)


@pytest.fixture
def job(engine: Engine, settings: JobSettings) -> str:
    """Its only chunk is dead."""
    id = submit(engine, settings, Request("refactor"), [b"x", b"y"])
    lease = leases.claim_next(engine, settings)
    assert lease is not None
    leases.fail(engine, settings, lease, "MemoryError")
    return id


def test_the_list(job: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs", "list"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("chunks: 0 waiting, 0 running, 1 dead")
    assert second.split()[:2] == [job, "failed"]


def test_one_job(job: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs", "--json", "show", job]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["id"], found["state"], found["dead"]) == (job, "failed", 2)
    assert main(["jobs", "show", "nothing"]) == 2
    assert "no job nothing" in capsys.readouterr().err


def test_dead_chunks_and_another_chance(job: str, engine: Engine, settings: JobSettings, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs", "dead"]) == 0
    assert capsys.readouterr().out == f"{job}  items 0 to 1  1 attempts  MemoryError\n"
    assert main(["jobs", "retry", job]) == 0
    assert capsys.readouterr().out.startswith("1 chunks")
    assert main(["jobs", "dead", job]) == 0
    assert capsys.readouterr().out.strip() == ""
    assert leases.claim_next(engine, settings) is not None


def test_deleting(job: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs", "delete", job]) == 0
    assert main(["jobs", "delete", job]) == 2
    assert "no job" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "mysql://user:secret@host/name"),
        ("RESTAGE_JOBS_ATTEMPTS", "0"),
        ("RESTAGE_JOBS_LEASE_SECONDS", "soon"),
        ("RESTAGE_JOBS_CHUNK_ITEMS", "1.5"),
        ("JOBS_URL", "kafka://secret"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    settings: JobSettings, variable: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, value)
    assert main(["worker"]) == 2
    message = capsys.readouterr().err
    assert variable in message
    assert "secret" not in message


def test_what_the_environment_sets(tmp_path: Path) -> None:
    found = JobSettings.from_environment(
        {
            "RESTAGE_STATE": str(tmp_path),
            "JOBS_URL": "redis://h",
            "RESTAGE_JOBS_THREADS": "0",
            "RESTAGE_DEADLINE_SECONDS": "1",
            "RESTAGE_JOBS_LEASE_SECONDS": "2.5",
        }
    )
    assert (found.jobs_url, found.threads, found.lease_seconds) == ("redis://h", 0, 2.5)
    assert found.database_url == f"sqlite:///{tmp_path}/restage.db"
    assert JobSettings.from_environment({}) == JobSettings()
    assert JobSettings.from_environment({"DATABASE_URL": "postgresql://h/d"}).database_url == "postgresql://h/d"
