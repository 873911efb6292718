"""What `make pairs` counts, on pairs made here; the corpus itself is not in the repository."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest

from scripts import pairs
from tests.shared import SHARED

BUILT = "FROM golang:1.22\nWORKDIR /app\nCOPY . .\nRUN go build -o app .\nCMD [\"./app\"]\n"
SPLIT = "FROM golang:1.22 AS build\nWORKDIR /app\nCOPY . .\nRUN go build -o app .\nFROM {base}\nCOPY --from=build /app /app\nCMD [\"./app\"]\n"


def row(before: str, after: str, **more: object) -> dict[str, object]:
    return {"id": "pair-1", "ecosystem": "go", "golden": True, "before": before, "after": after, **more}


@pytest.mark.parametrize(
    ("ours", "theirs", "slim"),
    [
        ("debian:bookworm-slim", "debian:bookworm", True),
        ("debian:bookworm", "debian:bookworm-slim", False),
        ("node:22-slim", "node:18-slim", True),
        ("node:22", "node:22-slim", False),
        ("node:22-slim", "node:22-alpine3.20", False),
        ("node:22-alpine3.19", "node:20-alpine3.20", True),
        ("eclipse-temurin:21-jre", "eclipse-temurin:21-jdk", True),
        ("eclipse-temurin:21-jdk", "eclipse-temurin:21-jre", False),
        ("who/knows:1-alpine", "who/knows:1-slim", True),
        ("who/knows:1", "who/knows:1-slim", False),
    ],
)
def test_the_same_family_or_slimmer(ours: str, theirs: str, slim: bool) -> None:
    assert pairs.as_slim(pairs.base(ours), pairs.base(theirs)) is slim


def test_a_base_behind_names_and_arguments_is_found() -> None:
    after = "ARG V=bookworm\nFROM golang:1.22 AS build\nFROM debian:${V}-slim AS base\nFROM base\nCOPY --from=build /app /app\n"
    (pair,) = pairs.compared(row(BUILT, after))
    assert pair.theirs.reference == "debian:bookworm-slim" and pair.theirs.kind == "slim"


def test_what_a_row_comes_to() -> None:
    (pair,) = pairs.compared(row(BUILT, SPLIT.format(base="debian:bookworm")))
    assert pair.split and pair.asked and pair.as_slim and not pair.crosses and not pair.cause
    (pair,) = pairs.compared(row(BUILT, SPLIT.format(base="alpine:3.20")))
    assert pair.split and pair.crosses and not pair.as_slim
    (pair,) = pairs.compared(row("FROM golang:1.22\nRUN mystery\nCMD [\"./app\"]\n", SPLIT.format(base="alpine")))
    assert not pair.split and pair.asked and pair.cause == "opaque-run"
    (pair,) = pairs.compared(row("FROM golang:1.22\nRUN go build\n", SPLIT.format(base="alpine")))
    assert not pair.asked and pair.cause == "no-program"
    assert not list(pairs.compared(row("COPY a b\n", BUILT)))


def test_the_report_adds_up(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        row(BUILT, SPLIT.format(base="debian:bookworm")),
        row(BUILT, SPLIT.format(base="alpine:3.20")),
        row("FROM golang:1.22\nRUN mystery\nCMD [\"./app\"]\n", SPLIT.format(base="alpine")),
        row("FROM golang:1.22\nRUN go build\n", SPLIT.format(base="alpine")),
        row(BUILT, SPLIT.format(base="alpine"), golden=False),
        row("FROM alpine:3.20\nCOPY app /\nCMD [\"/app\"]\n", SPLIT.format(base="alpine"), context_tree=["app"], context_files_total=1),
    ]
    path = tmp_path / "pairs.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(one) + "\n" for one in rows).encode()))
    monkeypatch.setattr(sys, "argv", ["pairs.py", str(path)])
    assert pairs.main() == 0
    report = capsys.readouterr().out
    assert "5 pairs, 4 with a program to run" in report and "split: 2/4 50 %" in report and "leave nothing behind: 2/3 67 %" in report
    assert "slimmer base: 1/2 50 %" in report and "another C library than ours: 1/1 100 %" in report
    assert "not split, opaque-run: 1" in report and "larger base than theirs: 1" in report


def test_without_the_corpus_it_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["pairs.py", str(SHARED / "absent.jsonl.gz")])
    assert pairs.main() == 0
    assert capsys.readouterr().out == "skipped: absent.jsonl.gz is absent\n"


def test_a_share_of_nothing() -> None:
    assert pairs.share(0, 0) == "0/0" and pairs.share(1, 3) == "1/3 33 %"
