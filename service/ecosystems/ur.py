"""Ur/Web: whole programs, compiled through C. The runtime's libraries lie where its `make install` or the distribution's packages put them."""

from __future__ import annotations

import posixpath

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step, nothing
from service.image.effects import Phase

_URWEB = "urweb(1), COMPILATION and OPTIONS; Ur/Web manual, Project Files"
_VALUED = frozenset(
    {"-output", "-sql", "-endpoints", "-dbms", "-db", "-protocol", "-prefix", "-root", "-timeout", "-limit", "-css", "-ccompiler", "-sigfile"}
    | {"-filecache", "-js", "-path-prefix", "-path"}
)


def _project(arguments: Arguments) -> str | None:
    """The one project; None where there is none or more, or where it is the daemon."""
    words = arguments.positionals
    return words[0] if len(words) == 1 and words[0] not in (None, "daemon") else None


def _written(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """PROJECT.exe beside the project's file, or what `-output` and the file's `exe` name; with them the SQL and endpoints that are asked for."""
    project = _project(arguments)
    named = arguments.values("-output", "-sql", "-endpoints")
    if project is None or None in named:
        return None
    text = invocation.read(invocation.path(project.removesuffix(".urp") + ".urp"))
    folder = posixpath.dirname(invocation.path(project))
    lines = [line.split() for line in (text or "").splitlines()]
    said = [posixpath.join(folder, words[1]) for words in lines if len(words) == 2 and words[0] in ("exe", "sql")]
    return (*(invocation.path(name) for name in named if name), *said)


def _made(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The project's folder: whether its file names another program is not known as long as it has not been read."""
    project = _project(arguments)
    return None if project is None else (posixpath.dirname(invocation.path(project)),)


ECOSYSTEM = Ecosystem(
    name="ur",
    summary="Ur/Web programs",
    sources=("*.ur", "*.urs", "*.urp", "*.c", "*.h"),
    compiled=True,
    generates=True,
    development=("urweb",),
    toolchain=("mlton", "mlton-*"),
    source_endings=(".ur", ".urs"),
    steps=(
        Step("urweb -version|-numeric-version|-print-ccompiler|-print-cinclude", Phase.CHECK, writes=nothing, source=_URWEB),
        Step("urweb -tc", Phase.CHECK, writes=nothing, valued=_VALUED, source=_URWEB),
        Step("urweb", Phase.BUILD, writes=_written, scratch=_made, valued=_VALUED, source=_URWEB),
    ),
)
