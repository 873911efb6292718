"""Which files a build compiles in, and which no program reads."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from service.dockerfile.patterns import glob_matches
from service.ecosystems import ECOSYSTEMS
from service.image.effects import Act, Kind, Phase, Write
from service.image.files import FileView
from service.image.history import below, inside
from service.image.program import Program
from service.knowledge import clutter

_HEADERS = ("/usr/include", "/usr/local/include", "/usr/lib/pkgconfig", "/usr/share/pkgconfig", "/usr/share/aclocal")
"""Where only a compiler and its tools look; a base without one need not have the folders."""
_UNPACKING = frozenset({"tar", "unzip"})
_PACKED = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip", ".whl", ".gem")
"""What packages of languages are published as."""


def patterns_of(ecosystems: Iterable[str]) -> tuple[str, ...]:
    """The globs of sources and clutter for some ecosystems, by name."""
    names = frozenset(ecosystems)
    return tuple(pattern for ecosystem in ECOSYSTEMS if ecosystem.name in names for pattern in ecosystem.sources) + clutter.PATTERNS


def is_source(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path below a project folder matches a pattern, by its whole path or by its last part for a pattern without a slash."""
    name = posixpath.basename(path)
    return any(glob_matches(pattern, path) or ("/" not in pattern and glob_matches(pattern, name)) for pattern in patterns)


def named_as_source(source: str, patterns: Iterable[str]) -> bool:
    """Whether a COPY's source brings only sources by its very name (`*.go`, `src/main.c`), whatever the context holds."""
    name = posixpath.basename(source)
    return "." in name.strip(".") and is_source(name.replace("*", "x"), patterns)


def headers(path: str) -> bool:
    """Whether a path lies where nothing but compiling looks."""
    return any(below(path, folder) for folder in _HEADERS)


def only_unpacked(write: Write, acts: Iterable[Act], program: Program) -> bool:
    """Whether a download is an archive that a command unpacks or a language's package that is installed, and the program does not name it."""
    if write.kind is not Kind.FETCHED or any(below(path, write.path) for path in program.paths()):
        return False
    package = write.path.endswith(_PACKED)
    taking = (act for act in acts if act.step in _UNPACKING or (package and act.phase is Phase.INSTALL))
    words = ((act.cwd, word) for act in taking for word in act.words[1:])
    return any(word is not None and posixpath.normpath(posixpath.join(cwd, word)) == write.path for cwd, word in words)


def fetched_around(folder: str, acts: Iterable[Act]) -> tuple[str, ...]:
    """The folders of fetched sources, each of its own, that a folder lies in: what was cloned to be built there."""
    trees = (write.path for act in acts for write in act.writes if write.kind is Kind.FETCHED and write.tree)
    return tuple(dict.fromkeys(path for path in trees if path != "/" and below(folder, path)))


def stands_in(path: str, writes: Iterable[Write], view: FileView, project: str, patterns: Iterable[str]) -> bool:
    """Whether a RUN wrote a source of the project there (`echo 'fn main() {}' > src/main.rs`), or a folder in which nothing else lies."""
    within = [write for write in writes if below(write.path, path) and write.kind in (Kind.FILES, Kind.CONTEXT) and write.by != "mkdir"]
    known = all(write.kind is Kind.FILES or view.context.complete for write in within)
    files = [file for write in within for file in _files(write, view)]
    return bool(files) and known and all(is_source(posixpath.relpath(file, project), patterns) for file in files)


def _files(write: Write, view: FileView) -> Iterator[str]:
    """The files that a write brings, as paths in the image."""
    if write.kind is not Kind.CONTEXT or not write.tree:
        yield write.path
        return
    source = posixpath.normpath(write.origin.removeprefix("context:").partition(" ")[0])
    yield from (posixpath.join(write.path, inside(file, source)) for file in view.below(source))


def made_on_the_way(program: Program, writes: Iterable[Write]) -> tuple[str, ...]:
    """The paths that CMD, ENTRYPOINT or HEALTHCHECK name in a folder that a compiler fills on its way (`target/wasm32-wasi/release/guest.wasm`)."""
    trees = [write.path for write in writes if write.kind is Kind.INTERMEDIATE and write.tree]
    return tuple(path for path in program.paths(scripts=False) if any(path != tree and below(path, tree) for tree in trees))
