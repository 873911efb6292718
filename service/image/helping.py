"""Packages whose programs worked for the build (they fetched, unpacked, changed files), and that nothing in the image calls afterwards."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from service.ecosystems import ECOSYSTEMS
from service.image.effects import Act, Phase
from service.image.files import FileView
from service.image.mentions import CODE, mentioned
from service.image.packagesources import only_sources
from service.image.program import Program
from service.knowledge.helpers import HELPERS, Helper

_INTERPRETED = frozenset(one.name for one in ECOSYSTEMS if one.interpreters and not one.compiled)
_WORD = re.compile(r"[A-Za-z0-9_+-]{1,24}")
_STARTING = (".sh", ".bash", ".conf", ".ini", ".service", ".cron", ".crontab")
_STARTING_NAMES = frozenset({"Procfile", "crontab", "Justfile", "Taskfile.yml"})
_AGAIN = frozenset({Phase.RUN, Phase.SETUP})


def helped(package: str, acts: Iterable[Act], program: Program, view: FileView) -> str | None:
    """Why a package goes whose programs fetch, unpack or change files: a command of the build called it, all that the program consists of is known,
    and nothing of it names what the package brings. None for any other, and where packages of an interpreted language were installed, which may
    call anything."""
    helper = HELPERS.get(package)
    if helper is None or program.unread or program.opaque or not program.names or not view.context.complete:
        return None
    acts = tuple(acts)
    if any(act.phase is Phase.INSTALL and act.ecosystem in _INTERPRETED for act in acts):
        return None
    if helper.programs & (mentioned(program, view) | _called_again(acts) | frozenset(_in_scripts(view))) or not _used(helper, acts):
        return None
    return f"{package} worked for the build; nothing in the image calls it"


def _used(helper: Helper, acts: Iterable[Act]) -> bool:
    """Whether a command of the build is one of the package's, or an archive that takes it was fetched or unpacked."""
    acts = tuple(acts)
    if any(posixpath.basename((act.words or (None,))[0] or "") in helper.programs | helper.callers for act in acts):
        return True
    unpacking = [act for act in acts if act.step == "tar"]
    words = [word or "" for act in acts if act.step == "tar" or act.phase is Phase.FETCH for word in act.words]
    flags = [word for act in unpacking for word in act.words[1:] if word and (word.startswith("-") or word == act.words[1])]
    asked = any(letter in flag for flag in flags if not flag.startswith("--") for letter in helper.letters) or not helper.letters.isdisjoint(flags)
    return asked or any(word.endswith(helper.unpacks) for word in words)


def _called_again(acts: Iterable[Act]) -> frozenset[str]:
    """The programs of commands that run in the runtime stage too: what sets the system up, fetches the key of a package source, or is the project's
    own."""
    again = (act for act in acts if act.phase in _AGAIN or only_sources(act))
    return frozenset(posixpath.basename(word) for act in again for word in act.words[:1] if word)


def _in_scripts(view: FileView) -> Iterator[str]:
    """Words of the context's scripts and of settings of what starts programs, whoever runs them."""
    for path, content in view.context.files.items():
        name = posixpath.basename(path)
        script = name.endswith(_STARTING) or name in _STARTING_NAMES or (content or "").startswith("#!")
        if script and content is not None and not (name.endswith(CODE) and not content.startswith("#!")):
            yield from _WORD.findall(content)
