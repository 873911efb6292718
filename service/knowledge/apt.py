"""Debian's and Ubuntu's packages by suite: sizes, sections, dependencies. The tables come from the package indexes (see `importer`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from functools import cache, lru_cache
from importlib.resources import files
from sys import intern
from typing import Any

from service.knowledge.bundle import unpacked
from service.knowledge.lines import SortedLines
from service.quick import quick
from service.remembering import remembered

_DATA = json.loads(files(__package__).joinpath("debian.json").read_text())
_BUILD_SECTIONS = frozenset(_DATA["build_sections"])
_BUILD_ONLY = frozenset(_DATA["build_only"])
_BUILD_PATTERNS = re.compile("|".join(translate(pattern) for pattern in _DATA["build_patterns"]["names"]))
_PLAIN = re.compile("|".join(translate(pattern) for pattern in _DATA["plain_compilers"]["names"]))
_VERSIONED = re.compile("|".join(translate(pattern) for pattern in _DATA["versioned_compilers"]))
_PROGRAMS = frozenset(_DATA["programs"])
LIBC_HEADERS = frozenset(_DATA["libc_headers"])
"""What a compiler takes to make any program."""
NEVER_RUN = frozenset(_DATA["never_run"])
"""Packages that nobody keeps for a program to call."""
_REPLACEMENTS: dict[str, list[str]] = _DATA["replacements"]
_MANAGERS: dict[str, list[str]] = _DATA["managers"]
_CALLED: dict[str, list[str]] = _DATA["called_by_managers"]
_NO_LIBRARIES = (
    *("-dev", "-doc", "-perl", "-java", "-ruby", "-cil", "-ocaml", "-data", "-bin", "-tools", "-utils", "-common", "-dbg", "-source", "-el"),
    *("-stdlib", "-minimal"),
)
_ALONG: dict[str, str] = _DATA["comes_along"]["packages"]
WITH_COMPILERS: str = _DATA["with_compilers"]["program"]
"""The program of a language that comes with the tools for building packages (debian.json)."""
_HEADERS: dict[str, dict[str, Any]] = _DATA["beside_headers"]
_RECOMMENDED: dict[str, list[str]] = {name: row for name, row in _DATA["beside_recommended"].items() if name != "source"}
_BESIDE: dict[str, dict[str, list[str]]] = {name: row for name, row in _DATA["beside_managers"].items() if name != "source"}
SUITES = ("bullseye", "bookworm", "trixie")
UBUNTU = ("jammy", "noble")
NEIGHBOUR = "bookworm"
"""Sections and dependencies hardly change: this suite's table speaks for a suite that has none."""
NEWER: str = _DATA["plain_compilers"]["newer"]
"""What a compiler of another archive brings along for the programs that it links."""
_JDK = {
    "apt": re.compile(r"(?:openjdk-(?P<release>\d{1,2})|default)-jdk(?:-headless)?"),
    "apk": re.compile(r"openjdk(?P<release>\d{1,2})(?:-jdk)?"),
}
DATE = _DATA["date"]
_MOST_PACKAGES = 5_000


@quick
@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes read off the .deb itself: its files, those of them that slim images exclude (documentation, translations), the .pyc that its modules
    give, and the files of both kinds in gzip -6."""

    files: int
    excluded: int
    compiled: int
    packed: int
    packed_excluded: int


@quick
@dataclass(frozen=True, slots=True)
class Package:
    """`installed` and `deb` are bytes, to the KiB; `depends` and `recommends` are tuples of alternatives; `exact` are dependencies on one version.
    `measured` is None where nobody opened the .deb; `installed` is then Debian's own Installed-Size."""

    name: str
    installed: int
    deb: int
    section: str
    source: str
    depends: tuple[tuple[str, ...], ...]
    recommends: tuple[tuple[str, ...], ...]
    exact: frozenset[str]
    priority: str
    measured: Measured | None = None


class AptTable:
    """One suite's packages."""

    def __init__(self, suite: str, blob: bytes) -> None:
        self.suite, self._lines = suite, SortedLines.of(blob)
        self.package = remembered(3_000)(self._package)
        self.providers = remembered(3_000)(self._providers)
        self._satisfying = lru_cache(maxsize=4_000)(self._satisfied_by)
        self._choice = lru_cache(maxsize=4_000)(self._chosen)
        self._closed = lru_cache(maxsize=128)(self._closure)

    def _package(self, name: str) -> Package | None:
        """A package by name; None where the suite has none."""
        line = self._lines.find(name.encode())
        if line is None or name.startswith("@"):
            return None
        fields = line.decode().split("\t")
        relations = fields[5].split(",") if fields[5] else []
        exact = [part[1:].split("|")[0] for part in relations if part[0] == "="] if "=" in fields[5] else []
        return Package(
            name,
            int(fields[1]) * 1024,
            int(fields[2]) * 1024,
            fields[3],
            fields[4] or name,
            tuple([_alternatives(part.lstrip("=")) for part in relations]),
            tuple([_alternatives(part) for part in fields[6].split(",")]) if fields[6] else (),
            frozenset(exact),
            fields[7],
            Measured(*[int(number) * 1024 for number in fields[8].split(",")]) if fields[8] else None,
        )

    def _providers(self, virtual: str) -> tuple[str, ...]:
        """The packages that provide a virtual one."""
        line = self._lines.find(b"@" + virtual.encode())
        return () if line is None else tuple(line.decode().split("\t")[1].split(","))

    def closure(self, names: Iterable[str], installed: frozenset[str] = frozenset(), recommends: bool = False) -> tuple[str, ...]:
        """What apt installs for some packages beyond what is there, in order of discovery. Unknown names are left out."""
        return self._closed(tuple(names), installed, recommends)

    def _closure(self, names: tuple[str, ...], installed: frozenset[str], recommends: bool) -> tuple[str, ...]:
        # In order of discovery, and as a set.
        found: list[str] = []
        taken: set[str] = set()
        queue = [name for name in (self._real(name) for name in names) if name]
        while queue and len(found) < _MOST_PACKAGES:
            name = queue.pop()
            if name in taken or name in installed:
                continue
            found.append(name)
            taken.add(name)
            package = self.package(name)
            for alternatives in (*package.depends, *(package.recommends if recommends else ())) if package else ():
                satisfying = self._satisfying(alternatives)
                # Nearly always something is there, and nobody has to choose.
                if satisfying.isdisjoint(taken) and satisfying.isdisjoint(installed) and (chosen := self._choice(alternatives)) is not None:
                    queue.append(chosen)
        return tuple(found)

    def known(self, name: str) -> bool:
        """Whether the suite has a package of this name, or one that provides it."""
        return self._real(name) is not None

    def _real(self, name: str) -> str | None:
        if self.package(name) is not None:
            return name
        return next(iter(self.providers(name)), None)

    def _satisfied_by(self, alternatives: tuple[str, ...]) -> frozenset[str]:
        """The packages that satisfy a dependency where they are there."""
        return frozenset(one for name in alternatives for one in (name, *self.providers(name)))

    def _chosen(self, alternatives: tuple[str, ...]) -> str | None:
        """The package that apt takes where none is there: the first alternative that exists, a virtual one by its first provider."""
        for name in alternatives:
            real = self._real(name)
            if real:
                return real
        return None

    def build_only(self, name: str) -> bool:
        """Whether a package only serves building: by a row or a pattern of debian.json, or as headers. Programs people start are never, nor are
        compilers that another archive may have brought, with newer libraries than the release's (`g++-13` of a PPA)."""
        package = self.package(name)
        if package is None and _VERSIONED.fullmatch(name):
            return False
        if name in _BUILD_ONLY or (name not in _PROGRAMS and _BUILD_PATTERNS.fullmatch(name)):
            return True
        return package is not None and package.section in _BUILD_SECTIONS and name not in _PROGRAMS

    def runtime_libraries(self, name: str) -> tuple[str, ...] | None:
        """The libraries behind a -dev package: what it depends on at its own version and is named like a library, or in section libs, through other
        -dev packages; or what debian.json puts in its place. None where there are none."""
        if name in _REPLACEMENTS and all(self.package(one) is not None for one in _REPLACEMENTS[name]):
            return tuple(_REPLACEMENTS[name])
        plain = _plain_name(name)
        if plain is not None:
            return (plain,) if self.package(plain) is not None else None
        found: dict[str, None] = {}
        seen: set[str] = set()
        queue = [name]
        while queue and len(seen) < 40:
            current = self._real(queue.pop())
            package = self.package(current) if current is not None and current not in seen else None
            if package is None:
                continue
            seen.add(package.name)
            leading = [alternatives[0] for alternatives in package.depends if _leads_on(package.name, alternatives[0])]
            for dependency in dict.fromkeys(
                [
                    *sorted(package.exact),
                    *(
                        leading
                        if not package.exact or package.section != "libdevel"
                        else [name for name in leading if name.rpartition("-")[0].startswith(package.name.removesuffix("-dev"))]
                    ),
                ]
            ):
                other = self.package(dependency)
                if other is not None and (other.section in ("libs", "oldlibs") or (dependency in package.exact and _is_library(other))):
                    found[dependency] = None
                elif other is not None and other.section == "libdevel":
                    queue.append(dependency)
        return tuple(found) or None


def _is_library(package: Package) -> bool:
    """Whether a package that headers of its own version depend on is the library behind them, whatever section it is in: Ubuntu has LuaJIT's among
    the interpreters (debian-policy, 8.1: shared libraries are named `lib...`)."""
    name = package.name
    return name.startswith("lib") and package.section not in ("libdevel", "doc") and not name.endswith(_NO_LIBRARIES)


@lru_cache(maxsize=8_000)
def _alternatives(text: str) -> tuple[str, ...]:
    """Names that stand in thousands of rows are kept once, and most dependencies stand in many."""
    return tuple(map(intern, text.split("|")))


def _leads_on(name: str, dependency: str) -> bool:
    """A metapackage (default-libmysqlclient-dev) only names the -dev package it stands for."""
    return dependency.endswith(("-dev", "-compat")) and (name.startswith("default-") or name.endswith(("-compat", "-dev")))


def _plain_name(name: str) -> str | None:
    """The JRE of a JDK, the interpreter of `python3.11-dev` and `php8.3-dev`: what runs without what builds."""
    if name.startswith("openjdk-") and name.endswith(("-jdk", "-jdk-headless")):
        return name.replace("-jdk", "-jre")
    plain = name.removesuffix("-dev")
    if plain == name or not plain.removeprefix("python").removeprefix("php").replace(".", "").isdigit():
        return None
    return plain if plain.startswith("python") else f"{plain}-cli" if plain.startswith("php") else None


def replaced(name: str) -> tuple[str, ...] | None:
    """What debian.json puts in a package's place, whatever the suite; None where it has no row."""
    return tuple(_REPLACEMENTS[name]) if name in _REPLACEMENTS else None


def runtime_of(name: str, manager: str) -> str | None:
    """The package that runs what a JDK's package compiles; None for any other. Until Java 8 the two had folders of their own.

    Debian: openjdk-N-jdk depends on openjdk-N-jre of the same version; Alpine: openjdkN is openjdkN-jdk and openjdkN-jre (pkgs.alpinelinux.org).
    """
    found = _JDK[manager].fullmatch(name) if manager in _JDK else None
    if found is None or found["release"] in ("6", "7", "8"):
        return None
    return f"openjdk{found['release']}-jre" if manager == "apk" else name.replace("-jdk", "-jre")


def comes_along(package: str, others: Iterable[str]) -> bool:
    """Whether a package comes with others whatever the release: Python 2 with each of its modules and programs (debian.json)."""
    pattern = _ALONG.get(package, "")
    return bool(pattern) and any(fnmatchcase(name, pattern) and not name.endswith("-dev") for name in others)


def beside_headers(package: str, suite: str | None) -> tuple[str, ...]:
    """What came with an interpreter's headers and what is installed may count on: the interpreter's library and modules (debian.json)."""
    row, own = _HEADERS.get(package), table(suite)
    if row is None:
        plain = _plain_name(package)
        named = f"lib{package}" if plain is not None and plain.startswith("python") else ""
        return ((own.runtime_libraries(named) or ()) if own is not None else (f"lib{plain}",)) if named else ()
    if own is None:
        found = beside(row["manager"], suite) or ()
        return tuple(name for name in found if name.startswith("libpython") or name in row["modules"])
    modules = tuple(name for name in row["modules"] if own.package(name) is not None)
    return (*modules, *(own.runtime_libraries(row["through"]) or ()))


def recommended_modules(package: str) -> tuple[str, ...]:
    """Modules of a language's interpreter that apt installs with a package unless it is told not to (debian.json)."""
    return tuple(name for pattern, names in _RECOMMENDED.items() if fnmatchcase(package, pattern) for name in names)


def manager(name: str) -> frozenset[str]:
    """The programs of a language's package manager, by the package that brings them (debian.json); empty for any other package."""
    return frozenset(_MANAGERS.get(name, ()))


def called_by_manager(package: str, name: str) -> bool:
    """Whether a language's package manager depends on a package for its own work only, to fetch, unpack and compile (debian.json)."""
    return any(fnmatchcase(name, pattern) for pattern in _CALLED.get(package, ()))


def listed(name: str) -> bool:
    """Whether debian.json itself lists a package as a build tool, whatever a release's index says of it."""
    return name in _BUILD_ONLY


def versioned_compiler(name: str) -> bool:
    """Whether a package is one release of a compiler (`g++-6`), with libraries of that release (debian.json)."""
    return _VERSIONED.fullmatch(name) is not None


def plain_libraries(name: str) -> bool:
    """Whether a package is a compiler of one release of its own, and what it links needs no library but those that every image of the distribution's
    release has, if it comes from there (debian.json)."""
    return _PLAIN.fullmatch(name) is not None


def beside(package: str, suite: str | None) -> tuple[str, ...] | None:
    """What stays of a language's package manager on a release whose index is not bundled (debian.json); None where that is not known."""
    found = _BESIDE.get(package, {}).get(suite or "")
    return tuple(found) if found is not None else None


@cache
def table(suite: str | None) -> AptTable | None:
    """The table of a suite of Debian or Ubuntu; None where there is none."""
    if suite not in SUITES and suite not in UBUNTU:
        return None
    return AptTable(suite, unpacked(f"apt-{suite}.tsv.gz"))


@cache
def minbase(suite: str) -> frozenset[str]:
    """The packages of `debian:<suite>[-slim]` or of `ubuntu`'s image: priority required, apt, and what they depend on."""
    found = table(suite)
    if found is None:
        return frozenset()
    names = _DATA_MINBASE.get(suite) or _DATA_MINBASE["bookworm"]
    return frozenset(names) | frozenset(found.closure(tuple(names)))


@cache
def lasting() -> frozenset[str]:
    """The programs that the minimal base of every release with a table has (bash, coreutils, tar): a release without one has them as well. Libraries
    come and go with the releases."""
    common = frozenset.intersection(*(minbase(suite) for suite in _DATA_MINBASE))
    return frozenset(name for name in common if not name.startswith(("lib", "zlib")))


_DATA_MINBASE: dict[str, list[str]] = json.loads(files(__package__).joinpath("minbase.json").read_text())["suites"]
