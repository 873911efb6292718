from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service import BuildContext, refactor
from service.report.diff import unified
from service.report.result import as_json
from service.report.summary import as_text

TEXT = 'FROM golang:1.22-bookworm\nWORKDIR /app\nCOPY . .\nRUN go build -o server .\nCMD ["./server"]'
needs_patch = pytest.mark.skipif(shutil.which("patch") is None, reason="patch is absent")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is absent")
LINES = st.lists(st.sampled_from(["a", "b", "c\r", "", " x", "é"]), max_size=12)


def patched(before: str, diff: str, folder: Path, command: list[str]) -> bytes:
    target = folder / "Dockerfile"
    target.write_bytes(before.encode())
    subprocess.run(command, input=diff.encode(), cwd=folder, check=True, capture_output=True)
    return target.read_bytes()


@needs_patch
@settings(max_examples=40, deadline=None)
@given(LINES, LINES, st.booleans(), st.booleans())
def test_patch_takes_the_diff(tmp_path_factory: pytest.TempPathFactory, one: list[str], other: list[str], first: bool, second: bool) -> None:
    before, after = "\n".join(["x", *one]) + ("\n" if first else ""), "\n".join(["x", *other]) + ("\n" if second else "")
    diff = unified(before, after, "Dockerfile")
    assert (diff == "") == (before == after)
    if diff:
        assert patched(before, diff, tmp_path_factory.mktemp("p"), ["patch", "--binary", "--fuzz=0", "-p1", "-s"]) == after.encode()


@needs_git
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_git_apply_takes_the_diff(tmp_path: Path, end: str) -> None:
    text = TEXT.replace("\n", end)
    after = refactor(text).dockerfile
    assert patched(text, unified(text, after, "Dockerfile"), tmp_path, ["git", "apply", "--whitespace=nowarn", "-"]) == after.encode()


def test_a_large_file_gets_one_hunk() -> None:
    before = "".join(f"RUN {number}\n" for number in range(5_000))
    diff = unified(before, before.replace("RUN 2500\n", "RUN x\n"), "Dockerfile")
    assert diff.count("@@") == 2 and "-RUN 2500\n+RUN x\n" in diff


def test_the_answer_is_plain_data_with_its_reasons() -> None:
    context = BuildContext.unknown()
    document = as_json(refactor(TEXT, context), context)
    assert json.loads(json.dumps(document)) == document
    assert document["outcome"] == "split"
    lines = document["dockerfile"].splitlines()
    old = TEXT.splitlines()
    explained = {line for remark in document["remarks"] if remark["after"] for line in range(remark["after"][0], remark["after"][1] + 1)}
    changed = {number for number, line in enumerate(lines, 1) if line.strip() and line not in old}
    assert changed <= explained
    assert all(remark["because"] for remark in document["remarks"])
    assert [stage["role"] for stage in document["stages"]] == ["build", "runtime"]


def test_the_summary_for_a_terminal() -> None:
    text = as_text(refactor(TEXT), BuildContext.unknown())
    assert text.startswith("Split into a build and a runtime stage.")
    assert "MB" in text and "Verdict: assumed." in text
