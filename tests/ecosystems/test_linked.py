"""The libraries that come with a compiler's package."""

from __future__ import annotations

import pytest

from service import BuildContext, Options, refactor
from service.knowledge.linked import linked_libraries


@pytest.mark.parametrize(
    ("package", "suite", "features", "libraries"),
    [
        ("gfortran", "bookworm", (), ("libgfortran5", "libquadmath0")),
        ("gfortran-12", "bookworm", ("openmp",), ("libgfortran5", "libgomp1", "libquadmath0")),
        ("gcc", "bookworm", ("openmp",), ("libgomp1",)),
        ("gcc", "bookworm", (), ()),
        ("ghc", "trixie", (), ("libffi8", "libgmp10", "libnuma1")),
        ("make", "bookworm", ("openmp",), ()),
        # Which libgfortran stretch has, no table says; OpenMP's library is called the same everywhere.
        ("gfortran", "stretch", (), None),
        ("gcc", "stretch", ("openmp",), ("libgomp1",)),
    ],
)
def test_on_debian(package: str, suite: str, features: tuple[str, ...], libraries: tuple[str, ...] | None) -> None:
    assert linked_libraries(package, "apt", suite, frozenset(features)) == libraries


def test_on_alpine() -> None:
    assert linked_libraries("g++", "apk", "alpine3.20", frozenset({"c++"})) == ("libstdc++", "libgcc")
    assert linked_libraries("g++", "apk", "alpine3.20", frozenset()) == ()


@pytest.mark.parametrize(
    ("files", "line"),
    [({"main.cpp": None}, "RUN apk add --no-cache libstdc++ libgcc"), ({"main.c": None}, ""), ({}, "RUN apk add --no-cache libstdc++ libgcc")],
)
def test_what_is_not_known_may_be_cpp(files: dict[str, str | None], line: str) -> None:
    text = 'FROM alpine:3.20\nRUN apk add --no-cache build-base cmake\nWORKDIR /app\nCOPY . .\nRUN cmake . && make\nCMD ["./app"]\n'
    known = BuildContext({"CMakeLists.txt": "project(app)\nadd_executable(app main.c)\n", **files}, complete=True)
    context = known if files else BuildContext.unknown()
    found = refactor(text, context, Options())
    assert found.outcome == "split"
    assert [one for one in found.dockerfile.splitlines() if one.startswith("RUN apk add")][1:] == ([line] if line else [])
