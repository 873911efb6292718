"""A download that a shell or an interpreter runs, straight away or once it is saved: what the well-known ones do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from service.ecosystems import Arguments, Invocation
from service.ecosystems.rules import here
from service.image.effects import Act, Kind, Phase, Write
from service.knowledge.installers import Installer, installer_at

_READERS = frozenset({"sh", "bash", "dash", "ash", "python", "perl", "php"})
_NOTHING = Arguments((), ())
RECENT = 64
"""Commands between a download and what runs it: more are not looked through for every command."""
LOADERS = frozenset({"curl", "wget"})


def piped_installer(index: int, invocation: Invocation, source: Sequence[str | None], folders: tuple[str, ...]) -> Act | None:
    """The act of `curl URL | bash -s -- ...`; None where it is none, or a script that nobody described. `source` are the words of the command in
    front of the pipe, `folders` are mounted: what is written there does not stay."""
    reader = (invocation.words[0] or "").rsplit("/", 1)[-1].rstrip("0123456789.") if invocation.words else ""
    loader = (source[0] or "").rsplit("/", 1)[-1] if source else ""
    rest = invocation.words[1:]
    from_pipe = not rest or (rest[0] or "").startswith("-")
    if reader not in _READERS or loader not in LOADERS or not from_pipe or any(word is None for word in rest):
        return None
    return _described(index, source[1:], rest, invocation, folders)


def saved_installer(index: int, invocation: Invocation, folders: tuple[str, ...]) -> Act | None:
    """The same of `curl -O URL && python3 get-pip.py ...`, and of a script that is started by its path; None where no download is known to have
    brought it there."""
    words = invocation.words[1:] if (invocation.words[0] or "").rsplit("/", 1)[-1].rstrip("0123456789.") in _READERS else invocation.words
    if not words or not words[0] or words[0].startswith("-") or None in words or (words is invocation.words and "/" not in words[0]):
        return None
    path = invocation.path(words[0])
    recent = islice(invocation.before(), RECENT)
    brought = next((act for act in recent if any(write.path == path for write in act.writes if act.step != "chmod")), None)
    if brought is None or brought.step not in LOADERS:
        return None
    return _described(index, brought.words[1:], words[1:], invocation, folders)


def _described(index: int, loaded: Sequence[str | None], given: Sequence[str | None], invocation: Invocation, folders: tuple[str, ...]) -> Act | None:
    """The act of a script that comes from the one address among `loaded` and is `given` arguments."""
    addresses = [word for word in loaded if word is not None and "://" in word]
    found = installer_at(addresses[0]) if len(addresses) == 1 else None
    if found is None or (found.bases and invocation.base.family not in found.bases) or (found.plain and given):
        return None
    return _act(index, found, invocation, folders)


def _act(index: int, found: Installer, invocation: Invocation, folders: tuple[str, ...]) -> Act:
    phase = Phase(found.phase)
    origin = f"run::{found.addresses[0]} {' '.join(word or '?' for word in invocation.words)}"
    kinds = {Phase.SETUP: Kind.SYSTEM, Phase.INSTALL: Kind.DEPENDENCIES, Phase.FETCH: Kind.FETCHED}
    rows = (
        (found.writes, kinds.get(phase, Kind.ARTIFACT), phase not in (Phase.BUILD, Phase.FETCH)),
        (found.scratch, Kind.INTERMEDIATE, False),
        (found.caches, Kind.CACHE, True),
    )
    writes = tuple(
        Write(path, kind, tree, origin, found.step)
        for names, kind, tree in rows
        for path in here(*names)(invocation, _NOTHING) or ()
        if not any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)
    )
    return Act(index, phase, found.step, found.ecosystem, invocation.words, invocation.cwd, writes)
