"""Who may import what: the rooms' walls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "service"
ADAPTERS = {"http", "cli", "registry", "access", "database", "jobs"}
OWNERS = {
    "dockerfile_parse": {"dockerfile"},
    "tree_sitter": {"shell"},
    "tree_sitter_bash": {"shell"},
    "flask": {"http"},
    "flask_smorest": {"http"},
    "marshmallow": {"http"},
    "werkzeug": {"http"},
    "webargs": {"http"},
    "gunicorn": {"http"},
    "yaml": {"http"},
    "sqlalchemy": {"database", "jobs", "access"},
    "alembic": {"database", "jobs"},
    "dramatiq": {"jobs"},
    "redis": {"jobs", "http"},
    "pika": {"jobs"},
    # The network: registries where an operator allows it, the program that asks containers from inside, and what a maintainer runs to make data.
    "http": {"registry", "proof", "http", "importer"},
    "socket": {"registry", "proof"},
    "ssl": {"registry"},
    "urllib.request": {"registry", "importer"},
    # An issuer is asked for its keys.
    "requests": {"access"},
    "joserfc": {"access"},
    "authlib": {"access"},
    "environs": {"settings"},
    "structlog": {"http"},
    "prometheus_client": {"http"},
    "flask_limiter": {"http"},
    "flask_cors": {"http"},
}


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def room(file: Path) -> str:
    parts = file.relative_to(ROOT).parts
    return "importer" if parts[:2] == ("knowledge", "importer") else parts[0]


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_library_has_one_room(file: Path) -> None:
    foreign = {name for name in imported(file) if room(file) not in OWNERS.get(name, OWNERS.get(name.split(".")[0], {room(file)}))}
    assert not foreign


@pytest.mark.parametrize("file", [file for file in FILES if room(file) not in ADAPTERS], ids=lambda file: str(file.relative_to(ROOT)))
def test_the_core_knows_no_adapter(file: Path) -> None:
    assert not {name for name in imported(file) if name.startswith(tuple(f"service.{adapter}" for adapter in ADAPTERS))}


@pytest.mark.parametrize("file", [file for file in FILES if room(file) == "image"], ids=lambda file: str(file.relative_to(ROOT)))
def test_the_interpreter_knows_no_pass(file: Path) -> None:
    assert not {name for name in imported(file) if name.startswith(("service.passes", "service.refactoring"))}


def test_the_walls_are_looked_at() -> None:
    assert "flask" in set(imported(ROOT / "http" / "app.py"))
    assert {room(file) for file in FILES} >= {"http", "cli", "image", "dockerfile", "shell"}
