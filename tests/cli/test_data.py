from __future__ import annotations

import json

import pytest

from service.cli import main
from service.knowledge.catalogue import catalogue


def test_coverage_and_age(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    images, families = found["images"], {row["family"]: row for row in found["images"]["families"]}
    assert images["references"] == len(catalogue().by_ref) == sum(row["references"] for row in families.values())
    assert families["python"]["with_layers"] >= 20 and families["python"]["oldest"] < families["python"]["newest"] <= images["date"]
    tables = {table["name"]: table for table in found["tables"]}
    assert tables["apt-bookworm"]["rows"] > 50_000 and tables["apt-bookworm"]["date"]
    assert tables["tags"]["rows"] > 50_000


def test_the_table_for_people(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["data"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith(f"base images of {catalogue().date}: ")
    assert any(line.split()[:2] == ["python", str(len(catalogue().by_family["python"]))] for line in lines)


def test_one_image(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "node:24-slim", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["compressed"]["bytes"] == sum(layer["compressed_bytes"] for layer in found["layers"]) == 80_451_137
    assert main(["data", "golang:1.22"]) == 0
    assert "nearest known: golang:1.24" in capfd.readouterr().out
    assert main(["data", "who/knows"]) == 0
    assert "nothing is known" in capfd.readouterr().out
