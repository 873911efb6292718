"""The command as a shell sees it: output, messages and exit status."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from service.cli import main
from service.http.responses import RefactoringSchema
from service.passes import PASSES
from service.version import VERSION

PLAIN = 'FROM alpine:3.20\r\nCMD ["sh"]'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "Dockerfile"
    place.write_bytes(PLAIN.encode())
    return place


def test_the_new_file_goes_out_and_the_summary_to_stderr(file: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main([str(file)]) == 0
    out, err = capfdbinary.readouterr()
    assert out == PLAIN.encode()
    assert err.strip()


def test_quiet(file: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main([str(file), "--quiet"]) == 0
    assert capfdbinary.readouterr() == (PLAIN.encode(), b"")


def test_an_unchanged_file_has_an_empty_diff(file: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["--diff", "--quiet", str(file)]) == 0
    assert capfdbinary.readouterr().out == b""


def test_json_has_the_shape_of_the_http_answer(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["refactor", "--json", str(file)]) == 0
    out, err = capfd.readouterr()
    assert RefactoringSchema().validate(json.loads(out)) == {}
    assert err == ""


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PLAIN.encode())))
    assert main(["-", "--quiet"]) == 0
    assert capfdbinary.readouterr().out == PLAIN.encode()


def test_passes_are_listed(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["passes"]) == 0
    assert [line.split()[0] for line in capfd.readouterr().out.splitlines()] == [row.name for row in PASSES]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--skip", "no_such", "FILE"], "no pass 'no_such'"),
        (["--build-arg", "A", "FILE"], "NAME=VALUE"),
        (["FILE/none"], "Not a directory"),
        (["FILE", "--context", "FILE"], "not a folder"),
    ],
)
def test_unusable_arguments(file: Path, capfd: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert main([word.replace("FILE", str(file)) for word in arguments]) == 2
    assert message in capfd.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--runtime", "floppy", "x"], ["--diff", "--json", "x"], ["passes", "x"]])
def test_wrong_usage(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: restage" in capfd.readouterr().err


def test_a_wrong_dockerfile_is_named_with_its_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "Dockerfile"
    wrong.write_text("FROM alpine\nCOPPY . .\n")
    assert main([str(wrong)]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert f"{wrong}:2:" in err


def test_bytes_that_are_no_text(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_bytes(b"FROM \xff")
    assert main([str(tmp_path / "Dockerfile")]) == 2
    assert "not UTF-8 (byte 6)" in capfd.readouterr().err


def test_version(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capfd.readouterr().out) == (0, f"restage {VERSION}\n")


def test_as_a_process(file: Path) -> None:
    command = [sys.executable, "-c", "import sys; from service.cli import main; sys.exit(main())", str(file), "--quiet"]
    done = subprocess.run(command, capture_output=True, cwd=Path(__file__).parents[2], timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (0, PLAIN.encode(), b"")


def test_remarks_as_sarif(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "api.Dockerfile"
    file.write_text("FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o /bin/api .\nCMD [\"/bin/api\"]\n")
    assert main(["--sarif", str(file)]) == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert run["artifacts"][0]["location"]["uri"] == "api.Dockerfile"
    assert run["results"]
