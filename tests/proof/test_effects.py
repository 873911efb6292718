"""What the tables say of a command, the cases that check it, and what was stored of the last check."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from service import ecosystems
from service.proof.effects import BadCase, Case, Claims, claims_of, layer_of, read_cases, unkept
from service.proof.engine import Engine

CASES = Path(__file__).parent / "effects"
STORE = Path(ecosystems.__file__).parent / "checked.json"
FILES = sorted(CASES.glob("*.toml"))
STORED: list[tuple[str, dict[str, Any]]] = [
    (name, case) for name, cases in (json.loads(STORE.read_text())["cases"] if STORE.exists() else {}).items() for case in cases
]


def test_a_command_that_rows_know() -> None:
    case = Case("debian:bookworm-slim", "apt-get update && apt-get install -y --no-install-recommends tree && rm -rf /var/lib/apt/lists/*")
    found = claims_of(case)
    assert found.rows == ("apt-get update", "apt-get install", "rm")
    assert {"cache /var/lib/apt/lists/**", "installs apt:tree", "deletes /var/lib/apt/lists"} <= set(found.sentences)


def test_a_command_that_no_row_knows() -> None:
    assert claims_of(Case("debian:bookworm-slim", "frobnicate --all")) == Claims((), ("anything, by `frobnicate --all`",))


def test_the_set_up_and_the_files_count_and_are_not_claimed() -> None:
    bare = Case("node:20", "npm install")
    placed = Case("node:20", "npm install", ("WORKDIR /app", "COPY package.json ./"), (("package.json", '{"dependencies": {"a": "1"}}'),))
    assert claims_of(bare) != claims_of(placed)
    assert "dependencies /app/**" in claims_of(placed).sentences
    assert not any("package.json" in sentence for sentence in claims_of(placed).sentences)


def test_a_case_as_a_dockerfile() -> None:
    case = Case("node:20", "npm ci", ("WORKDIR /app", "COPY . ."))
    assert case.before == "FROM node:20\nWORKDIR /app\nCOPY . .\n"
    assert case.dockerfile == case.before + "RUN npm ci\n"


# --- the files of cases


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_every_file_of_cases_is_read(file: Path) -> None:
    cases = read_cases(file)
    assert cases
    assert len(set(cases)) == len(cases)
    for case in cases:
        assert claims_of(case).rows, f"no row knows `{case.command}`, so that there is nothing to check"


def test_a_case_with_everything(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('[[case]]\nbase = "a"\nsetup = ["USER x"]\nrun = "b"\n[case.files]\n"z" = "1"\n"y" = "2"\n')
    assert read_cases(tmp_path / "x.toml") == (Case("a", "b", ("USER x",), (("y", "2"), ("z", "1"))),)


@pytest.mark.parametrize("text", ["[[case]]\nbase = 'a'\n", "[[case]]\nrun = 'a'\n", "[[case]\n"])
def test_a_case_that_cannot_be_read_is_said_with_its_file(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(BadCase, match=r"x\.toml"):
        read_cases(tmp_path / "x.toml")


def test_a_file_of_cases_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadCase, match=r"none\.toml"):
        read_cases(tmp_path / "none.toml")


# --- what a command leaves


class Container:
    """An engine whose only container has these paths."""

    def __init__(self, *paths: str) -> None:
        self.paths = frozenset(paths)

    def existing(self, container: str, paths: Sequence[str]) -> frozenset[str]:
        return self.paths & frozenset(paths)

    def files(self, container: str, path: str) -> list[str]:
        return []


def faults(case: Case, *paths: str) -> list[str]:
    return list(unkept(cast(Engine, Container(*paths)), "container", layer_of(case)))


CABAL = Case("debian:bookworm", "cabal build", ("WORKDIR /src", "COPY . ."), (("a.cabal", "name: a\n"),))


def test_of_what_a_command_makes_on_its_way_one_folder_is_enough() -> None:
    assert faults(CABAL, "/src/dist-newstyle") == []
    assert faults(CABAL, "/src/dist") == []
    assert faults(CABAL) == ["leaves no /src/dist, /src/dist-newstyle"]


def test_every_artifact_is_there() -> None:
    case = Case("debian:bookworm", "ghc -outputdir /tmp/o -o one A.hs && ghc -outputdir /tmp/o -o two A.hs", ("WORKDIR /src", "COPY . ."))
    assert faults(case, "/src", "/src/one", "/src/two") == []
    assert faults(case, "/src", "/src/one") == ["leaves no /src/two"]


# --- what was stored


def test_something_is_stored() -> None:
    assert STORED, "make proof-effects has stored nothing"


@pytest.mark.parametrize(("name", "stored"), STORED, ids=[f"{name}: {case['command']}" for name, case in STORED])
def test_a_row_is_as_it_was_when_it_was_checked(name: str, stored: dict[str, Any]) -> None:
    """A failure is no fault of the row: it changed after an engine had checked it, so that nothing real supports what it says now."""
    file = CASES / f"{name}.toml"
    cases = [case for case in (read_cases(file) if file.exists() else ()) if (case.base, case.command) == (stored["base"], stored["command"])]
    checked = Claims(tuple(stored["rows"]), tuple(stored["says"]))
    rows = ", ".join(checked.rows) or "no row"
    assert cases, f"`{stored['command']}` ({rows}) was checked, but is no case of {file.name} any more: say `make proof-effects ROWS={name}`"
    today = [claims_of(case) for case in cases]
    assert checked in today, (
        f"{rows}: changed after `{stored['command']}` on {stored['base']} was checked; "
        f"said {list(checked.sentences)}, says {list(today[0].sentences)}: say `make proof-effects ROWS={name}`"
    )
