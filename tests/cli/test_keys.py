"""`restage keys`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from service.access.verify import KeyVerifier
from service.cli import main


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("RESTAGE_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def rows(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["keys", "list", "--json"]) == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_a_key_is_printed_once_and_opens(capsys: pytest.CaptureFixture[str], state: Path) -> None:
    assert main(["keys", "add", "ci", "--scope", "jobs", "--scope", "metrics", "--days", "3"]) == 0
    said = capsys.readouterr()
    text = said.out.strip()
    assert re.fullmatch(r"rst_[0-9a-f]{12}_[\w-]{43}", text) and "hash" in said.err
    assert KeyVerifier(f"sqlite:///{state}/restage.db").caller(text).scopes == {"jobs", "metrics"}
    assert main(["keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert text not in listed and text[-43:] not in listed and "ci" in listed and text[4:16] in listed


def test_listing_and_revoking(capsys: pytest.CaptureFixture[str]) -> None:
    assert rows(capsys) == []
    main(["keys", "add", "a"])
    main(["keys", "add", "b"])
    first = rows(capsys)[0]
    assert (first["state"], first["scopes"], first["expires"]) == ("usable", ["refactor"], None)
    assert main(["keys", "revoke", str(first["id"])]) == 0
    assert [row["state"] for row in rows(capsys)] == ["revoked", "usable"]
    assert main(["keys", "revoke", str(first["id"])]) == 2
    assert "no such key" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["add", ""], ["add", "x" * 201], ["add", "a\nb"], ["add", "a", "--days", "0"], ["add", "a", "--days", "-1"]])
def test_what_cannot_be_used(words: list[str], capsys: pytest.CaptureFixture[str], state: Path) -> None:
    assert main(["keys", *words]) == 2
    assert capsys.readouterr().err.startswith("restage: ")
    assert not state.exists()


@pytest.mark.parametrize(
    ("address", "said"), [("mysql://u:s3cret@h/d", "DATABASE_URL must be"), ("postgresql://u:s3cret@127.0.0.1:1/d", "cannot be used")]
)
def test_a_database_that_is_none_is_a_line_without_its_password(
    address: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    for words in (["list"], ["add", "x"], ["revoke", "x"]):
        assert main(["keys", *words]) == 2
        line = capsys.readouterr().err
        assert said in line and "s3cret" not in line and line.count("\n") == 1
