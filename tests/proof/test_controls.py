"""The deliberately broken rewrites as files; `make proof` shows that each is caught."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.dockerfile import read

HOME = Path(__file__).parent
CONTROLS = sorted((HOME / "controls").glob("*.Dockerfile"))
CHECKS = ("build", "config ", "probe ", "start", "exit code", "health check", "log", "files")


def head(file: Path) -> tuple[str, str, str]:
    app, why, by = file.read_text().splitlines()[:3]
    assert app.startswith("# app: ") and why.startswith("# ") and by.startswith("# by: ")
    return app.removeprefix("# app: "), why.removeprefix("# "), by.removeprefix("# by: ")


@pytest.mark.parametrize("file", CONTROLS, ids=[file.stem for file in CONTROLS])
def test_a_control_says_what_it_breaks_and_which_check_has_to_notice(file: Path) -> None:
    app, why, by = head(file)
    assert (HOME / "apps" / app / "proof.toml").is_file()
    assert why.endswith(".")
    assert by.startswith(CHECKS)


@pytest.mark.parametrize("file", CONTROLS, ids=[file.stem for file in CONTROLS])
def test_a_control_is_a_rewrite_of_its_application(file: Path) -> None:
    app, _, _ = head(file)
    original = (HOME / "apps" / app / "Dockerfile").read_text()
    text = file.read_text()
    assert str(read(text)) == text
    assert text.splitlines()[3].split()[:2] == next(line for line in original.splitlines() if line.startswith("FROM")).split()[:2]
    assert " AS build" in text and "COPY --from=build" in text


def test_controls_are_many_and_of_many_applications() -> None:
    assert len(CONTROLS) >= 18
    assert len({head(file)[0] for file in CONTROLS}) >= 8
    assert len({head(file)[2].split()[0] for file in CONTROLS}) >= 5
