"""The invariants of ARCHITECTURE.md, over real files and generated ones."""

from __future__ import annotations

import ast
from dataclasses import is_dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service import BuildContext, DockerfileError, Options, refactor
from service.ecosystems import ECOSYSTEMS
from service.passes import PASSES
from tests.shared import context_of, needs_corpus, rows

SERVICE = Path(__file__).parents[1] / "service"
LINES = st.lists(
    st.sampled_from(
        [
            "WORKDIR /app",
            "COPY . .",
            "COPY go.mod go.sum ./",
            "COPY package*.json ./",
            "RUN npm ci",
            "RUN npm run build && rm -rf /tmp/x",
            "RUN go build -o server .",
            "RUN apt-get update && apt-get install -y gcc libpq-dev",
            "RUN pip install -r requirements.txt",
            "RUN ./unknown.sh",
            "RUN useradd app && chown -R app /app",
            "USER app",
            "ENV NODE_ENV=production",
            "ARG V=1",
            "LABEL v=$V",
            "EXPOSE 80",
            "VOLUME /data",
            "# a comment",
            "",
            'ENTRYPOINT ["./server"]',
            'CMD ["node", "server.js"]',
            "CMD python app.py",
            "HEALTHCHECK CMD curl -f localhost",
            'SHELL ["/bin/bash", "-c"]',
            "RUN <<EOF\nset -e\nmake\nEOF",
            "ONBUILD RUN x",
            "FROM debian:bookworm AS other",
        ]
    ),
    max_size=12,
)
BASES = st.sampled_from(
    ["golang:1.22-bookworm", "node:22-bookworm", "python:3.12", "alpine:3.20", "maven:3.9-eclipse-temurin-21", "who/knows:1", "scratch"]
)
CONTEXT = BuildContext(
    {
        "package.json": '{"dependencies": {"a": "1"}, "devDependencies": {"b": "1"}}',
        "go.mod": "module x\n",
        "requirements.txt": "flask\n",
        "server.js": "",
    },
    complete=True,
)


@settings(max_examples=150, deadline=None)
@given(BASES, LINES, st.sampled_from([CONTEXT, BuildContext.unknown()]), st.booleans())
def test_refactoring_holds_its_promises(base: str, lines: list[str], context: BuildContext, strict: bool) -> None:
    text = "\n".join([f"FROM {base}", *lines]) + "\n"
    try:
        once = refactor(text, context, Options(strict=strict))
    except DockerfileError:
        return
    assert once == refactor(text, context, Options(strict=strict))
    assert once.verdict.level in (("proved",) if strict else ("proved", "assumed"))
    assert (once.outcome == "unchanged") == (once.dockerfile == text)
    assert once.remarks
    again = refactor(once.dockerfile, context, Options(strict=strict))
    assert again.dockerfile == once.dockerfile
    kept = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert all(line in once.dockerfile for line in kept)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_answered_or_refused(text: str) -> None:
    try:
        found = refactor("FROM golang:1.22\n" + text)
    except DockerfileError as error:
        assert error.line >= 1
        return
    assert isinstance(found.dockerfile, str)


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n" + "ENV A=1\n" * 9_000,
        "FROM a\nENV a=x" + "".join(f"\nENV a=$a$a b{index}=$a" for index in range(60)),
        "FROM a\nRUN " + "a && " * 8_000 + "b",
        "FROM a\nRUN " + "(" * 4_000,
        "FROM a\nCOPY " + "*a" * 5_000 + " /x/",
        "FROM a\nEXPOSE 1-65535\nEXPOSE 1-65535/udp",
        "FROM golang:1.22\n" + "WORKDIR x\n" * 3_000 + "RUN go build -o y\nCMD ./y",
        "FROM node:22\n" + "COPY a b\n" * 2_000 + "RUN npm ci\nCMD npm start",
    ],
    ids=lambda text: text[:30].replace("\n", " "),
)
def test_hostile_files_end(text: str) -> None:
    refactor(text, CONTEXT)


@needs_corpus
def test_every_tenth_real_file_twice() -> None:
    changed = []
    for row in list(rows("dev.jsonl.gz"))[::10]:
        context = BuildContext(**context_of(row))
        try:
            once = refactor(row["dockerfile"], context)
        except DockerfileError:
            continue
        again = refactor(once.dockerfile, context)
        changed += [] if again.dockerfile == once.dockerfile else [row["id"]]
    assert changed == []


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def room(path: Path) -> str:
    """The importer makes data; nothing of it runs in the server, so it is a room of its own."""
    parts = path.relative_to(SERVICE).parts
    return "importer" if "importer" in parts else parts[0]


FILES = sorted(SERVICE.rglob("*.py"))


@pytest.mark.parametrize(
    ("library", "rooms"),
    [
        ("dockerfile_parse", {"dockerfile"}),
        ("tree_sitter", {"shell"}),
        ("tree_sitter_bash", {"shell"}),
        ("flask", {"http"}),
        ("flask_smorest", {"http"}),
        ("marshmallow", {"http"}),
        ("argparse", {"cli"}),
        ("socket", {"proof", "registry"}),
        ("subprocess", {"importer", "proof"}),
    ],
)
def test_only_one_room_knows_a_library(library: str, rooms: set[str]) -> None:
    users = {room(path) for path in FILES if any(name == library or name.startswith(library + ".") for name in imports(path))}
    assert users <= rooms


@pytest.mark.parametrize(
    ("rooms", "forbidden"),
    [
        (
            {"dockerfile", "shell"},
            ("service.image", "service.refactoring", "service.passes", "service.ecosystems", "service.knowledge", "service.report"),
        ),
        (
            {"image", "ecosystems", "knowledge"},
            ("service.refactoring", "service.passes", "service.report", "service.http", "service.cli", "service.sizing"),
        ),
        ({"sizing"}, ("service.passes", "service.refactoring", "service.http", "service.cli")),
        ({"passes", "refactoring", "report"}, ("service.http", "service.cli")),
    ],
)
def test_no_room_looks_upstairs(rooms: set[str], forbidden: tuple[str, ...]) -> None:
    wrong = {(str(path.relative_to(SERVICE)), name) for path in FILES if room(path) in rooms for name in imports(path) if name.startswith(forbidden)}
    assert wrong == set()


def test_values_are_frozen() -> None:
    import service.dockerfile.model
    import service.image.effects
    import service.image.image
    import service.image.model
    import service.refactoring.result
    import service.shell.model

    modules = (
        service.dockerfile.model,
        service.image.effects,
        service.image.image,
        service.image.model,
        service.refactoring.result,
        service.shell.model,
    )
    values = [value for module in modules for value in vars(module).values() if isinstance(value, type) and is_dataclass(value)]
    assert values
    assert all(value.__dataclass_params__.frozen for value in values)  # type: ignore[attr-defined]


def test_no_two_ecosystems_claim_one_command_or_image() -> None:
    images = [image for ecosystem in ECOSYSTEMS for image in ecosystem.images]
    assert len(images) == len(set(images))
    claims: dict[tuple[str, ...], set[str]] = {}
    for ecosystem in ECOSYSTEMS:
        for step in ecosystem.steps:
            first, *rest = (word.split("|") for word in step.command.split())
            for program in first:
                claims.setdefault((program, *(" ".join(words) for words in rest)), set()).add(ecosystem.name)
    assert {key: names for key, names in claims.items() if len(names) > 1} == {}


def test_every_row_cites_its_source() -> None:
    assert [step.command for ecosystem in ECOSYSTEMS for step in ecosystem.steps if not step.source] == []
    assert len({one.name for one in PASSES}) == len(PASSES)
