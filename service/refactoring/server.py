"""A static site served by a server program that the author installed beside the build tools: it ends on the server's own image."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from fnmatch import fnmatchcase

from service.ecosystems import ECOSYSTEMS
from service.image.history import below
from service.knowledge.servers import SERVERS, Server
from service.refactoring.cut import Head
from service.refactoring.facts import Facts
from service.refactoring.keep import Kept

_OTHERS = frozenset(name for one in ECOSYSTEMS for name in (*one.runners, *(one.interpreters if not one.compiled else ())))
"""What starts a program of its own beside a server."""


@dataclass(frozen=True, slots=True)
class Served:
    """`reference` is the server's image; `kept` the folders it serves. `problem` and `missing` say why it cannot be used."""

    server: Server
    reference: str
    kept: tuple[Kept, ...] = ()
    problem: str = ""
    missing: tuple[str, ...] = ()


def served(facts: Facts, head: Head, cover: tuple[Kept, ...]) -> Served | None:
    """None where the program is no such server, or where the base is its image already."""
    base = facts.final.state.base
    server = next((row for row in SERVERS if row.program in facts.program.names and row.family != base.family), None)
    installed = {name for layer in facts.final.layers for change in layer.packages for name in change.installed}
    if server is None or server.package not in installed:
        return None
    others = {name.rstrip("0123456789.") for name in facts.program.names - {server.program}}
    if others & _OTHERS:
        # It only stands in front of another program, which its own image could not run.
        return None
    reference = server.reference(base)
    if reference is None:
        return Served(server, "", problem=f"the distribution under {base.reference} is not known")
    companion = next((name for name in sorted(installed) if any(fnmatchcase(name, pattern) for pattern in server.companions)), None)
    if companion is not None:
        return Served(server, reference, problem=f"{companion} fits the distribution's {server.package} only, not the official image's")
    return _with_configuration(server, reference, facts, head, cover)


def _with_configuration(server: Server, reference: str, facts: Facts, head: Head, cover: tuple[Kept, ...]) -> Served:
    sources = _configuration(server, facts)
    if not sources:
        return Served(server, reference, problem=f"the packaged {server.program} serves its own default site, which the official image lacks")
    unread = _unread_folder(server, facts)
    if unread:
        return Served(server, reference, problem=f"the official {server.program} image reads no configuration from {unread}")
    missing = tuple(source for source in sources if facts.context.files.get(source) is None)
    if missing:
        return Served(server, reference, problem=f"what {', '.join(missing)} asks of {server.program} is not known", missing=missing)
    texts = [facts.context.files[source] or "" for source in sources]
    for word in server.conflicts:
        if any(word in _uncommented(text) for text in texts):
            return Served(server, reference, problem=f"the configuration names `{word}`, which the official {server.program} image lacks")
    roots = {path for text in texts for path in _roots(text, server)}
    return _kept(server, reference, roots, cover, facts)


def _configuration(server: Server, facts: Facts) -> tuple[str, ...]:
    """Context paths of the configuration files that were copied to where the server reads them."""
    found: list[str] = []
    for layer in facts.final.layers:
        for write in layer.writes:
            if write.path.startswith(server.configuration) and write.origin.startswith("context:"):
                source = write.origin.removeprefix("context:").partition(" ")[0]
                found += facts.view.below(source) or (source,)
    return tuple(dict.fromkeys(found))


def _unread_folder(server: Server, facts: Facts) -> str:
    """A folder of the distribution's own (/etc/nginx/sites-available) that a line writes to; empty where there is none. A file that replaces the main
    configuration says itself what is read."""
    writes = [write for layer in facts.final.layers for write in (*layer.writes, *(one for act in layer.acts for one in act.writes))]
    if any(write.path == server.main for write in writes):
        return ""
    return next((folder for folder in server.unread for write in writes if below(write.path, folder) or below(folder, write.path)), "")


def _uncommented(text: str) -> str:
    return "\n".join(line.partition("#")[0] for line in text.splitlines())


def _roots(text: str, server: Server) -> list[str]:
    words = _uncommented(text).replace(";", " ; ").replace("{", " { ").split()
    return [
        posixpath.normpath(words[index + 1].strip("\"'"))
        for index, word in enumerate(words[:-1])
        if word in server.roots and words[index + 1].startswith("/")
    ]


def _kept(server: Server, reference: str, roots: set[str], cover: tuple[Kept, ...], facts: Facts) -> Served:
    """Of the built folders only what is served, where a served folder lies inside one."""
    found: list[Kept] = []
    for kept in cover:
        inside = sorted(root for root in roots if root == kept.path or root.startswith(kept.path.rstrip("/") + "/"))
        if any(kept.path.startswith(root.rstrip("/") + "/") for root in roots):
            found.append(kept)
        else:
            found += (Kept(root, f"{server.program} serves {root}") for root in inside)
    if not found:
        return Served(server, reference, problem=f"no folder that the build makes is among those that {server.program} serves")
    return Served(server, reference, tuple(found))
