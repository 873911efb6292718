"""What an archive leaves in the folder of the root, told from what the same RUN does with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from service.image.effects import Act, Phase
from service.knowledge.folders import SYSTEM

UNPACKING = frozenset({"tar", "unzip"})
_ELSEWHERE = ("-C", "--directory", "--cd", "--strip", "--transform", "--xform", "-P", "--absolute-names")
"""Options that unpack into another folder than the archive says (tar(1), unzip(1))."""


def in_their_folder(acts: Sequence[Act]) -> list[Act]:
    """`tar xz && cd x-1.0 && ./configure && make` in the root: an archive of sources holds one folder (Automake manual, The
    Types of Distributions: `make dist` packs PACKAGE-VERSION), the one that is entered and built in next. Any other archive may have written
    anywhere below the root."""
    return [_narrowed(act, acts[place + 1 :]) if act.step in UNPACKING else act for place, act in enumerate(acts)]


def _narrowed(act: Act, later: Sequence[Act]) -> Act:
    elsewhere = any(word is None or word.startswith(_ELSEWHERE) for word in act.words) or (act.step == "unzip" and "-j" in act.words)
    if act.cwd != "/" or elsewhere or all(write.path != "/" for write in act.writes):
        return act
    folder = _entered(later)
    return act if folder is None else replace(act, writes=tuple(replace(one, path=folder) if one.path == "/" else one for one in act.writes))


def _entered(later: Sequence[Act]) -> str | None:
    """The folder of the root that is entered next by its relative name, where something is built in it and nothing has made it."""
    for place, act in enumerate(later):
        if act.step == "cd":
            inside = next((one.cwd for one in later[place + 1 :]), "/")
            top = inside.split("/")[1]
            relative = len(act.words) == 2 and not (act.words[1] or "").startswith(("/", "~", "-", "."))
            made = any(write.path.startswith(f"/{top}") for one in later[:place] for write in one.writes)
            built = any(one.phase is Phase.BUILD and one.cwd.startswith(inside) for one in later[place + 1 :])
            return f"/{top}" if top and top not in SYSTEM and relative and not made and built else None
        if act.cwd != "/":
            return None
    return None
