"""What a build makes of its compiler's libraries: C++, Fortran, OpenMP."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from service.context import BuildContext
from service.ecosystems import ECOSYSTEMS
from service.image.effects import Act, Phase
from service.image.files import FileView
from service.knowledge.linked import MARKS

_BUILD_FILES = (".mk", ".cmake", ".am", ".ac", ".in", ".pro", ".cabal", ".gemspec")
_BUILD_NAMES = frozenset({"Makefile", "GNUmakefile", "makefile", "CMakeLists.txt", "meson.build", "setup.py", "build.rs", "SConstruct", "extconf.rb"})
_CPP = (".cc", ".cpp", ".cxx", ".C", ".hpp", ".hh", ".hxx", ".mm")
_FORTRAN = (".f90", ".f95", ".F90", ".f", ".for", ".f03", ".f08")
_LINKING = frozenset(one.name for one in ECOSYSTEMS if one.compiled) | {"python", "ruby", "php", ""}
_C_COMPILERS = frozenset({"gcc", "cc", "clang"})
_CPP_COMPILERS = frozenset({"g++", "c++", "clang++"})


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """A context, equal only to itself: looking through all of it once is enough."""

    context: BuildContext

    def __hash__(self) -> int:
        return id(self.context)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.context is other.context


def features(acts: Iterable[Act], view: FileView) -> frozenset[str]:
    """`c++` unless everything is known and none of it is C++; `fortran` and `openmp` where something says so."""
    acts = tuple(acts)
    words = [" ".join(word or "" for word in act.words) for act in acts if act.phase is not Phase.PACKAGES]
    found = set(_of_context(_Held(view.context))) | _marked(["\n".join((*words, *(value for act in acts for _, value in act.env)))])
    fetched = any(act.phase is Phase.FETCH for act in acts)
    called = any((act.words[0] or "").rsplit("/", 1)[-1] in _CPP_COMPILERS for act in acts if act.words)
    plain = [_plain_c(act) for act in acts if act.phase in (Phase.BUILD, Phase.INSTALL)]
    if called or fetched or not (view.context.complete or (plain and all(plain))):
        found.add("c++")
    return frozenset(found)


def _plain_c(act: Act) -> bool:
    """Whether a command is a C compiler with nothing but C in its hands (`cc main.c -o app`)."""
    compiler = (act.words[0] or "").rsplit("/", 1)[-1] if act.words else ""
    named = [word for word in act.words[1:] if word is None or posixpath.splitext(word)[1] or word.startswith("@")]
    return compiler in _C_COMPILERS and bool(named) and all(word is not None and word.endswith(".c") for word in named)


def _marked(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name, marks in MARKS.items() if any(mark in text for mark in marks)}


@lru_cache(maxsize=4)
def _of_context(held: _Held) -> frozenset[str]:
    """What the files' names, and the build files that were sent, say."""
    files = held.context.files
    texts = (text for path, text in files.items() if text and (posixpath.basename(path) in _BUILD_NAMES or path.endswith(_BUILD_FILES)))
    endings = {"c++": _CPP, "fortran": _FORTRAN}
    return frozenset(_marked(texts) | {name for name, ends in endings.items() if any(path.endswith(ends) for path in files)})


def links(acts: Iterable[Act]) -> bool:
    """Whether a compiler may have linked something that stays: not where only Node's packages are built, whose base has what they link."""
    return any(act.phase in (Phase.INSTALL, Phase.BUILD) and act.ecosystem in _LINKING for act in acts)
