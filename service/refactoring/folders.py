"""Folders that the runtime stage's copies make anew: owner and mode as the author's lines left them."""

from __future__ import annotations

from service.dockerfile.model import Instruction
from service.image.effects import Layer
from service.image.foldersmade import change_of, is_folder, maker, recursive
from service.knowledge.folders import everywhere, missing
from service.refactoring.cut import Head
from service.refactoring.facts import Facts
from service.refactoring.keep import CannotSlice, Kept
from service.refactoring.runtime import Carried, Runtime, ensure, folder_after


def give_to_makers(kept: tuple[Kept, ...], facts: Facts, runtime: Runtime) -> None:
    """A folder that a user made is made for him again, where the program is not root: what is in it keeps its owner, the folder would not."""
    if _root(facts.image.config.user):
        return
    for one in kept:
        made = maker(one.path, facts.image)
        if one.path in runtime.owners or _root(made) or "$" in made or not _anew(one.path, facts, runtime):
            continue
        if not _there(one.path, facts, runtime):
            runtime.owners[one.path] = f"{made}:0" if made.isdigit() else made


def _anew(path: str, facts: Facts, runtime: Runtime) -> bool:
    """Whether a path is a folder that the runtime base does not have."""
    return missing(path, runtime.base) and is_folder(path, facts.image)


def _root(user: str) -> bool:
    return user.partition(":")[0] in ("", "root", "0")


def _there(path: str, facts: Facts, runtime: Runtime) -> bool:
    """Whether a WORKDIR of the runtime stage makes the folder in front of the copies, for the same user."""
    folders = (folder_after(one.index, facts) for one in runtime.carried if one.text.lstrip().upper().startswith("WORKDIR"))
    return any(folder == path or folder.startswith(f"{path}/") for folder in folders)


def carry_changes(
    index: int, item: Instruction, layer: Layer, head: Head, facts: Facts, kept: tuple[Kept, ...], runtime: Runtime, emitted: dict[str, Instruction]
) -> None:
    """The changes of mode, group and owner that are made to a copied folder itself: it has them before anything is copied into it."""
    for one in kept:
        if everywhere(one.path):
            _give_again(index, one.path, layer, head, facts, runtime, emitted)
        if not _anew(one.path, facts, runtime):
            continue
        changes = ((act, change_of(act, one.path)) for act in layer.acts)
        # Of everything below it too, a new owner is the copy's own.
        found = [change for act, change in changes if change is not None and not (change[:1] == ("chown",) and recursive(act))]
        if () in found:
            raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` changes {one.path} in a way that cannot be said again")
        if found:
            ensure(index, head, facts, runtime, emitted, skip="WORKDIR")
            text = " && ".join((f"RUN mkdir -p {one.path}", *(f"{command} {value} {one.path}" for command, value in found)))
            because = f"a copy would make {one.path} anew, without what `{'`, `'.join(dict.fromkeys(command for command, _ in found))}` did to it"
            runtime.carried.append(Carried(index, because, "repeated-run", text))
            runtime.runs += 1


def _give_again(index: int, path: str, layer: Layer, head: Head, facts: Facts, runtime: Runtime, emitted: dict[str, Instruction]) -> None:
    """A folder that every image has keeps its owner when something is copied into it: who was given it with all it holds is given it again."""
    changes = (change_of(act, path) for act in layer.acts if act.step == "chown" and recursive(act))
    owner = next((change[1] for change in changes if change is not None and len(change) > 1), "")
    if not owner or _root(facts.image.config.user):
        return
    ensure(index, head, facts, runtime, emitted, skip="WORKDIR")
    because = f"{path} is there already: what is copied into it gets its owner, the folder itself does not"
    runtime.carried.append(Carried(index, because, "repeated-run", f"RUN chown {owner} {path}"))
    runtime.runs += 1
