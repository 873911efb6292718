from __future__ import annotations

from service import BuildContext
from service.dockerfile import read
from service.image.interpret import interpret
from service.sizing import estimate
from service.sizing.contents import Contents
from service.sizing.rebuild import BASE, CHANGES, DEPENDENCY, SOURCE, rebuilds

FILES = {"package.json": 400, "package-lock.json": 9_000, "src/index.js": 2_000, "public/a.css": 50_000}
CONTEXT = BuildContext(dict.fromkeys(FILES), complete=True, sizes=FILES)


def rows(text: str) -> dict[str, tuple[int, int]]:
    """(layers, steps) for each change."""
    image = interpret(read(text), CONTEXT)
    found = estimate(image, CONTEXT)
    contents = Contents.of(CONTEXT)
    return {when: (one.layers, one.steps) for when, one in zip(CHANGES, rebuilds(image, found, contents), strict=True)}


def test_everything_copied_first() -> None:
    found = rows("FROM node:20-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN npm run build\n")
    assert found[SOURCE] == found[DEPENDENCY] == (3, 3)


def test_manifests_first() -> None:
    found = rows("FROM node:20-slim\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n")
    assert found[SOURCE] == (2, 2) and found[DEPENDENCY] == (4, 4)


def test_a_copy_of_what_did_not_change_is_cached() -> None:
    """BuildKit compares the content that a COPY --from takes: node_modules are the same after an edit of a source file."""
    text = (
        "FROM node:20-slim AS build\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY src ./src\n"
        "FROM node:20-slim\nCOPY --from=build /app/node_modules /app/node_modules\nCOPY public /app/public\nCOPY --from=build /app/src /app/src\n"
    )
    found = rows(text)
    # public is copied behind node_modules and changes with a source file, too.
    assert found[SOURCE] == (2, 3)
    assert found[DEPENDENCY] == (3, 6)


def test_a_new_base_makes_everything_again() -> None:
    layers, steps = rows("FROM node:20-slim\nCOPY src /app\n")[BASE]
    assert steps == 1 and layers > 1


def test_a_stage_that_nobody_needs_is_not_counted() -> None:
    assert rows("FROM node:20-slim AS extra\nCOPY . .\nFROM node:20-slim\nCOPY src /src\n")[SOURCE] == (1, 1)


def test_a_package_on_the_command_line_is_a_dependency() -> None:
    assert rows("FROM python:3.12-slim\nRUN pip install flask\nCOPY src /src\n")[DEPENDENCY] == (2, 2)
