from __future__ import annotations

import time

import pytest

from service.dockerfile.arguments import arguments, pairs, sources_and_destination
from service.dockerfile.ignore import visible
from service.dockerfile.patterns import glob_matches, matches
from service.dockerfile.reader import read_fragment


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*.go", "main.go", True),
        ("*.go", "cmd/main.go", False),
        ("a?c", "abc", True),
        ("[a-c]x", "bx", True),
        ("[^a]x", "ax", False),
        ("package*.json", "package-lock.json", True),
        ("\\*", "*", True),
        ("[", "[", False),
    ],
)
def test_gos_filepath_match(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("src/**", "src/a/b", True),
        ("**/x", "a/b/x", True),
        ("**", "a", True),
        ("a/**/b", "a/b", True),
        ("src/**", "lib/a", False),
    ],
)
def test_any_depth(pattern: str, path: str, expected: bool) -> None:
    assert glob_matches(pattern, path) is expected


def test_many_stars_take_linear_time() -> None:
    start = time.perf_counter()
    matches("*a" * 12 + "b", "a" * 600)
    once = time.perf_counter() - start
    start = time.perf_counter()
    matches("*a" * 12 + "b", "a" * 2_400)
    assert time.perf_counter() - start < max(once, 0.0005) * 60


def test_dockerignore() -> None:
    files = ["a.md", "README.md", "src/x.py", "src/x.pyc", "node_modules/a/b.js", "docs/a.txt", ".git/config"]
    text = "# comment\n*.md\n!README.md\n**/*.pyc\nnode_modules\n/docs\n.git/\n"
    assert visible(files, text) == {"README.md", "src/x.py"}


def test_a_folder_that_comes_back() -> None:
    files = ["a/b/c.txt", "a/b/d.md", "a/e/c.txt", "x/y/z/w.log", "x/keep.log"]
    assert visible(files, "a\n!a/b\n**/*.md\n") == {"a/b/c.txt", "x/y/z/w.log", "x/keep.log"}
    assert visible(files, "**/*.log\n!x/keep*\n") == set(files) - {"x/y/z/w.log"}
    assert visible(files, "!a/b\na\n") == {"x/y/z/w.log", "x/keep.log"}
    assert visible(files, "*\n!x/*/z\n") == {"x/y/z/w.log"}
    assert visible(files, ".\n!x/keep.log\n") == {"x/keep.log"}


def test_many_rules_over_many_files() -> None:
    """Folders are matched once, however many files lie in them."""
    files = [f"src/module{number % 40}/part/deep/file{number}.txt" for number in range(4_000)]
    text = "\n".join(f"*/module*/x{number}*/y*" for number in range(500))
    start = time.perf_counter()
    assert len(visible(files, text)) == len(files)
    assert time.perf_counter() - start < 10


def test_arguments() -> None:
    (env,) = read_fragment('ENV A=1 B="x y" C=a\\ b\n')
    assert pairs(env) == (("A", "1"), ("B", '"x y"'), ("C", "a\\ b"))
    (legacy,) = read_fragment("ENV KEY some value\n")
    assert pairs(legacy) == (("KEY", "some value"),)
    (arg,) = read_fragment("ARG A B=2\n")
    assert arguments(arg) == (("A", None), ("B", "2"))
    (copy,) = read_fragment('COPY ["a b", "c", "/d/"]\n')
    assert sources_and_destination(copy) == (("a b", "c"), "/d/")
