from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.cli import main


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("FROM debian:bookworm-slim\nCOPY data /data\nRUN chmod 600 /data\n")
    (tmp_path / "other").write_text("FROM debian:bookworm-slim\nCOPY data /data\n")
    (tmp_path / "data").write_bytes(b"\0" * 5_000_000)
    return tmp_path


def test_layers_and_waste_of_one_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", str(project / "Dockerfile")]) == 0
    out = capsys.readouterr().out
    assert "5.00 MB of /data stored for nothing (metadata by line 3)" in out


def test_several_files(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "--json", str(project / "Dockerfile"), str(project / "other")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["together"]["layer_count"] == 3 and len(found["images"]) == 2


@pytest.mark.parametrize(("form", "start"), [("--svg", "<svg "), ("--markdown", "## ")])
def test_forms(project: Path, capsys: pytest.CaptureFixture[str], form: str, start: str) -> None:
    for words in (["analyze", form], [form]):
        assert main([*words, str(project / "Dockerfile")]) == 0
        assert capsys.readouterr().out.startswith(start)


def test_what_cannot_be_used(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", str(project / "Dockerfile"), "--target", "nope"]) == 2
    (project / "bad").write_text("FROM a\nCOPPY b c\n")
    assert main(["analyze", str(project / "other"), str(project / "bad")]) == 2
    assert "bad:2:1: " in capsys.readouterr().err
