"""What a build makes of its compiler's libraries: C++, Fortran, OpenMP."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from service.ecosystems import ECOSYSTEMS
from service.image.effects import Act, Phase
from service.image.files import FileView
from service.knowledge.linked import MARKS

_BUILD_FILES = (".mk", ".cmake", ".am", ".ac", ".in", ".pro", ".cabal", ".gemspec")
_BUILD_NAMES = frozenset({"Makefile", "GNUmakefile", "makefile", "CMakeLists.txt", "meson.build", "setup.py", "build.rs", "SConstruct", "extconf.rb"})
_CPP = (".cc", ".cpp", ".cxx", ".C", ".hpp", ".hh", ".hxx", ".mm")
_FORTRAN = (".f90", ".f95", ".F90", ".f", ".for", ".f03", ".f08")
_LINKING = frozenset(one.name for one in ECOSYSTEMS if one.compiled) | {"python", "ruby", "php", ""}
_CPP_COMPILERS = frozenset({"g++", "c++", "clang++"})


def features(acts: Iterable[Act], view: FileView) -> frozenset[str]:
    """`c++` unless everything is known and none of it is C++; `fortran` and `openmp` where something says so."""
    acts = tuple(acts)
    found = {name for name, marks in MARKS.items() if any(mark in text for text in _texts(acts, view) for mark in marks)}
    files = view.context.files
    fetched = any(act.phase is Phase.FETCH for act in acts)
    called = any((act.words[0] or "").rsplit("/", 1)[-1] in _CPP_COMPILERS for act in acts if act.words)
    if called or fetched or not view.context.complete or any(path.endswith(_CPP) for path in files):
        found.add("c++")
    if any(path.endswith(_FORTRAN) for path in files):
        found.add("fortran")
    return frozenset(found)


def links(acts: Iterable[Act]) -> bool:
    """Whether a compiler may have linked something that stays: not where only Node's packages are built, whose base has what they link."""
    return any(act.phase in (Phase.INSTALL, Phase.BUILD) and act.ecosystem in _LINKING for act in acts)


def _texts(acts: tuple[Act, ...], view: FileView) -> Iterable[str]:
    """Command lines with their own environment, and the build files that were sent."""
    for act in acts:
        if act.phase is not Phase.PACKAGES:
            yield " ".join(word or "" for word in act.words)
            yield from (value for _, value in act.env)
    for path, content in view.context.files.items():
        if content and (posixpath.basename(path) in _BUILD_NAMES or path.endswith(_BUILD_FILES)):
            yield content
