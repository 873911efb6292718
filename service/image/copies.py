"""COPY and ADD: where each source comes to lie."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping

from service.deadline import check
from service.dockerfile.arguments import sources_and_destination
from service.dockerfile.model import Instruction
from service.dockerfile.patterns import expression
from service.dockerfile.words import ExpansionError, expand
from service.image.effects import Kind, Layer, Write
from service.image.files import FileView, Placed
from service.image.image import Scope
from service.knowledge.globals import tools_of

_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")
_WILD = frozenset("*?[")


def copy_layer(item: Instruction, scope: Scope, view: FileView, stages: Mapping[str, int], escape: str) -> tuple[Layer, tuple[Placed, ...]]:
    """The layer of a COPY or ADD, and what it places for later reads. `stages` maps the names and numbers of earlier stages to their index."""
    names = scope.variables()
    raw_sources, raw_destination = sources_and_destination(item)
    sources = [_expanded(source, names, escape) for source in raw_sources]
    target = _expanded(raw_destination, names, escape)
    if target is None or None in sources:
        return Layer(item, opaque=("/",)), ()
    known = [source for source in sources if source is not None]
    owner = f" {item.flag('chown') or ''} {item.flag('chmod') or ''}".rstrip()
    reference = item.flag("from")
    if reference is not None:
        return Layer(item, _from_stage(known, target, scope, reference, stages, owner)), ()
    return _from_context(item, known, target, scope, view, owner)


def _expanded(word: str, names: Mapping[str, str], escape: str) -> str | None:
    try:
        return expand(word, names, escape)
    except ExpansionError:
        return None


def _from_stage(sources: list[str], target: str, scope: Scope, reference: str, stages: Mapping[str, int], owner: str) -> tuple[Write, ...]:
    index = stages.get(reference.lower())
    origin = f"stage:{index}" if index is not None else f"image:{reference}"
    tools = tools_of(reference) if index is None else frozenset()
    found = []
    for source in sources:
        clean = "/" + posixpath.normpath(source).lstrip("/").removeprefix(".").lstrip("/")
        # What keeps its place is a folder where the other stage works in it too: `app.example.org` has no ending.
        same = len(sources) == 1 and clean == posixpath.normpath(posixpath.join(scope.workdir, target))
        folder = False if posixpath.basename(clean) in tools else _named_folder(clean, target)
        path = clean if same else _destination(clean, target, scope, len(sources) > 1, folder)
        found.append(Write(path, Kind.STAGE, True, f"{origin}:{clean}{owner}"))
    return tuple(found)


def _named_folder(source: str, target: str) -> bool | None:
    """A COPY --from of `/x/app` to `/y/app` or to a path without a slash keeps the name; to `dir/` a file lies below, a folder's contents do.

    Which it is cannot be seen from the line alone: a last part with an ending counts as a file.
    """
    return False if "." in posixpath.basename(source).strip(".") else None


def _destination(source: str, target: str, scope: Scope, several: bool, folder: bool | None) -> str:
    base = posixpath.normpath(posixpath.join(scope.workdir, target))
    path = "/" + base.lstrip("/")
    into = several or target.endswith(("/", "/.")) or target in (".", "./", "..") or path == posixpath.normpath(scope.workdir)
    return posixpath.join(path, posixpath.basename(source)) if folder is False and into else path


def _from_context(item: Instruction, sources: list[str], target: str, scope: Scope, view: FileView, owner: str) -> tuple[Layer, tuple[Placed, ...]]:
    writes: list[Write] = []
    placed: list[Placed] = []
    heredocs = [heredoc.name for heredoc in item.heredocs]
    expanded = [match for source in sources for match in _matching(source, view)]
    several = len(expanded) + len(heredocs) > 1
    for source in expanded:
        if "://" in source or source.startswith("git@"):
            path = _destination(source.partition("?")[0], target, scope, several, folder=False)
            writes.append(Write(path, Kind.FETCHED, False, f"url:{source}{owner}"))
            continue
        clean = _in_context(source)
        archive = item.keyword == "ADD" and clean.endswith(_ARCHIVES)
        folder = True if archive else view.is_folder(clean) if not _WILD & set(clean) else False
        wild = bool(_WILD & set(clean))
        path = _destination(clean, target, scope, several, folder)
        if wild:
            path, folder = _destination(clean, target, scope, several, True), True
        writes.append(Write(path, Kind.CONTEXT, folder is not False, f"context:{clean}{owner}"))
        if not wild and not archive:
            placed.append(Placed(clean, path, folder is not False))
    for heredoc in item.heredocs:
        path = _destination(heredoc.name, target, scope, several, folder=False)
        writes.append(Write(path, Kind.CONTEXT, False, f"heredoc:{heredoc.content}{owner}"))
        # Without quotes around its name BuildKit expands variables in it: what it says then is not its text.
        placed.append(Placed("", path, False, heredoc.content if not heredoc.expand or "$" not in heredoc.content else None))
    return Layer(item, tuple(writes)), tuple(placed)


def _in_context(source: str) -> str:
    """A source below the context, whatever `..` would lead out of it (docs.docker.com/reference/dockerfile/#copy: COPY ../something)."""
    return posixpath.normpath("/" + source).lstrip("/") or "."


def _matching(source: str, view: FileView) -> list[str]:
    """A wildcard's matches, where the whole context is known; else the pattern itself."""
    if not _WILD & set(source) or "://" in source or not view.context.known:
        return [source]
    check()
    pattern = _in_context(source)
    # Go's filepath.Match knows no `**`: two stars are one.
    wanted = re.compile(expression("/".join("*" if part == "**" else part for part in pattern.split("/"))) + r"\Z")
    paths = view.context.derived("_by_depth", lambda: _by_depth((*view.context.files, *sorted(view.folders))))
    found = [path for path in paths.get(pattern.count("/"), ()) if wanted.match(path + "/")]
    return found if view.context.complete else [*found, *([] if found else [source])]


def _by_depth(paths: Iterable[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for path in paths:
        found.setdefault(path.count("/"), []).append(path)
    return found
