"""Which files of the build context lie where in the image: what a script or a manifest at a path contains."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass

from service.context import BuildContext
from service.image.history import inside
from service.quick import quick

COMMON_FILES = frozenset(
    {"Dockerfile", "Makefile", "Gemfile", "Pipfile", "Procfile", "Rakefile", "LICENSE", "gradlew", "mvnw", "artisan", "Caddyfile"}
)


@quick
@dataclass(frozen=True, slots=True)
class Placed:
    """A source of a COPY and where it came to lie. `tree`: a folder; then what lies below `source` lies below `path`. A heredoc has its
    `content` and no source."""

    source: str
    path: str
    tree: bool
    content: str | None = None


@quick
@dataclass(frozen=True, slots=True)
class FileView:
    """The context's files, and the copies made so far, the last one winning."""

    context: BuildContext
    folders: frozenset[str]
    placed: tuple[Placed, ...] = ()
    roots: frozenset[str] = frozenset()
    """The first parts of the paths that were copied to, to rule most folders out at once."""

    @classmethod
    def of(cls, context: BuildContext) -> FileView:
        return cls(context, context.derived("_folders", lambda: frozenset(_parents(context.files))))

    def with_copies(self, copies: Iterable[Placed]) -> FileView:
        new = tuple(copies)
        roots = {_root(copy.path) for copy in new}
        return FileView(self.context, self.folders, (*self.placed, *new), self.roots if roots <= self.roots else self.roots | roots)

    def is_folder(self, source: str) -> bool | None:
        """Whether a context path is a folder; None where nothing is known of it. Without a listing a name with a short ending is a file."""
        name = posixpath.normpath(source)
        if name == "." or name in self.folders:
            return True
        if name in self.context.files:
            return False
        last = posixpath.basename(name)
        stem, dot, ending = last.rpartition(".")
        return False if last in COMMON_FILES or (dot and (stem or ending) and len(ending) <= 10 and ending.isalnum()) else None

    def source_of(self, path: str) -> str | None:
        """The context path that an image path was copied from, by the last copy that covers it."""
        for copy in reversed(self.placed):
            if path == copy.path and not copy.tree:
                return copy.source or None
            if copy.tree and (path == copy.path or path.startswith(copy.path.rstrip("/") + "/")):
                found = posixpath.normpath(posixpath.join(copy.source, inside(path, copy.path)))
                if not self.context.complete or found in self.context.files or found in self.folders:
                    return found
        return None

    def reaches(self, folder: str) -> bool:
        """False where no copy can have brought what lies in a folder."""
        return not folder.startswith("/") or "" in self.roots or _root(folder) in self.roots

    def read(self, path: str) -> str | None:
        """The content of a file that the context or a heredoc brought; None where there is none or it was not sent."""
        source = self.source_of(path)
        if source is not None:
            return self.context.files.get(source)
        return next((copy.content for copy in reversed(self.placed) if path == copy.path and not copy.source), None)

    def has(self, path: str) -> bool | None:
        """Whether the context brought a file or folder to a path; None where nobody can say."""
        source = self.source_of(path)
        if source is not None and (source in self.context.files or source in self.folders):
            return True
        return False if self.context.complete else None

    def children(self, path: str) -> tuple[str, ...] | None:
        """Image paths of the files that the context brought directly into a folder; None where its listing is not complete."""
        if not self.context.complete:
            return None
        found = {copy.path: None for copy in self.placed if not copy.tree and posixpath.dirname(copy.path) == path}
        for copy in self.placed:
            if copy.tree and (path == copy.path or path.startswith(copy.path.rstrip("/") + "/")):
                folder = posixpath.normpath(posixpath.join(copy.source, inside(path, copy.path)))
                folder = "" if folder == "." else folder
                found |= {posixpath.join(path, posixpath.basename(file)): None for file in self.context.files if posixpath.dirname(file) == folder}
        return tuple(found)

    def below(self, source: str) -> tuple[str, ...]:
        """The context files at or below a source, in the listing's order."""
        name = posixpath.normpath(source)
        prefix = "" if name == "." else name + "/"
        return tuple(path for path in self.context.files if path == name or path.startswith(prefix))


def _root(path: str) -> str:
    return path[1:].partition("/")[0]


def _parents(files: Iterable[str]) -> Iterable[str]:
    seen: set[str] = set()
    for path in files:
        parent = posixpath.dirname(path)
        while parent and parent not in seen:
            seen.add(parent)
            yield parent
            parent = posixpath.dirname(parent)
