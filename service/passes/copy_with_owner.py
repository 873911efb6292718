"""Set the owner and mode in the COPY instead of a RUN behind it.

Why: a RUN that changes the owner or mode of files stores all of them a second time, in a layer of its own; `COPY --chown` and `--chmod` store
them once.

Not where: the files were changed or added to between the COPY and the RUN, the base may have files of its own in the folder, the mode is
symbolic (`+x` depends on what the file had), or the group is the user's login group (`app:`). A folder that existed before the COPY keeps a
chown of its own, without `-R`: the COPY would not change it.

Source: https://docs.docker.com/reference/dockerfile/#copy---chown---chmod

before:
    FROM node:22-slim
    WORKDIR /app
    COPY . .
    RUN chown -R node:node /app
    USER node
    CMD ["node", "server.js"]

after:
    FROM node:22-slim
    WORKDIR /app
    COPY --chown=node:node . .
    RUN chown node:node /app
    USER node
    CMD ["node", "server.js"]
"""

from __future__ import annotations

from collections.abc import Iterator

from service.dockerfile.model import Instruction
from service.image.effects import Kind, Layer, Write
from service.image.history import below, touches
from service.image.ownership import RECURSIVE, Change, change_of, fresh, said_by
from service.image.runs import run_script
from service.knowledge.folders import nothing_below
from service.passes.flags import with_flag
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts
from service.shell.edit import drop_words

_BY = "copy_with_owner"
_MOST = 40
_COPIES = frozenset({Kind.CONTEXT, Kind.STAGE})
Row = tuple[int, Instruction, Layer]


def copy_with_owner(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """In the stage that ships. Each RUN is a candidate of its own, the last one first."""
    if facts.oversized:
        return
    rows = [(index, item, layer) for index, item, layer in facts.layers(facts.final) if layer is not None]
    places = [place for place, (_, item, layer) in enumerate(rows) if item.keyword == "RUN" and layer.acts and all(map(change_of, layer.acts))]
    edited = draft
    for place in places[: -_MOST - 1 : -1]:
        edited = _edited(edited, rows, place, facts)
    if edited is not draft:
        yield edited


def _edited(draft: Draft, rows: list[Row], place: int, facts: Facts) -> Draft:
    index, item, layer = rows[place]
    changes = [change_of(act) for act in layer.acts]
    if item.flags or item.heredocs or item.json is not None:
        return draft
    found = [change for change in changes if change is not None]
    copies = _copies(rows, place, found, facts)
    if not copies or any(change.step == "chmod" for change in found) and facts.options.builder != "buildkit":
        return draft
    offset = facts.offset(facts.final)
    folders = [path for change in found for path in change.paths if _stays(path, rows[:place], copies, facts)]
    text = _without_recursion(item, facts.final.state.scopes[index], found) if folders else ""
    if text is None or folders and len(folders) != sum(len(one.paths) for one in found):
        return draft
    paths = ", ".join(dict.fromkeys(path for change in found for path in change.paths))
    reason = Reason(_BY, "owner-in-copy", f"a {found[0].step} in a later layer stores {paths} a second time")
    if text:
        because = f"the COPY gives the files their {'owner' if found[0].step == 'chown' else 'mode'}; {folders[0]} itself was there before it"
        draft = draft.rewrite(offset + index, text, Reason(_BY, "owner-in-copy", because))
    for other, copy, _ in copies[:-1] if not text else copies:
        draft = draft.rewrite(offset + other, _flagged(copy, found, draft), reason)
    last, copy, _ = copies[-1]
    return draft if text else draft.merge(offset + index, offset + last, _flagged(copy, found, draft), reason)


def _flagged(copy: Instruction, changes: list[Change], draft: Draft) -> str:
    text = copy.text
    for change in changes:
        text = with_flag(text, draft.escape, change.step, change.value)
    return text


def _copies(rows: list[Row], place: int, changes: list[Change], facts: Facts) -> list[Row]:
    """The COPYs right before a RUN that bring all that it changes, and nothing else; none where anything else made a part of it."""
    start = next((at + 1 for at in range(place - 1, -1, -1) if rows[at][1].keyword == "RUN"), 0)
    found = [row for row in rows[start:place] if row[1].keyword in ("COPY", "ADD") and any(_wanted(row[2].writes, one) for one in changes)]
    base = facts.image.chain(facts.image.final)[0].state.base
    for change in changes:
        for path in change.paths:
            made = [write for _, _, layer in found for write in layer.writes if below(write.path, path)]
            tree = any(write.tree or write.path != path for write in made)
            whole = change.recursive and nothing_below(path, base) if tree else _placed(path, change, rows[:place], facts)
            if not made or not whole:
                return []
    return found if found and _nothing_else(rows[:place], found, changes, facts) else []


def _wanted(writes: tuple[Write, ...], change: Change) -> bool:
    return any(touches(write.path, path) for write in writes for path in change.paths)


def _nothing_else(rows: list[Row], found: list[Row], changes: list[Change], facts: Facts) -> bool:
    """Whether each COPY is covered by every change, and nothing but these copies wrote there."""
    for _, item, layer in found:
        if layer.opaque or any(write.kind not in _COPIES for write in layer.writes):
            return False
        for change in changes:
            if any(not any(below(write.path, path) for path in change.paths) for write in layer.writes):
                return False
            if item.flag(change.step) is not None and not said_by(layer, change):
                return False
    mine = {id(layer) for _, _, layer in found}
    parents = facts.image.chain(facts.image.final)[:-1]
    others = [layer for stage in parents for layer in stage.layers] + [layer for _, _, layer in rows if id(layer) not in mine]
    return not any(
        layer.opaque or write.origin != "workdir" and touches(write.path, path)
        for layer in others
        for write in (*layer.writes, *(Write(gone, Kind.FILES, True, "deleted") for gone in layer.deletes))
        for change in changes
        for path in change.paths
    )


def _placed(path: str, change: Change, rows: list[Row], facts: Facts) -> bool:
    """Whether the folder of a single file is there before the COPY: one that the COPY makes would get the file's owner."""
    folder = path.rpartition("/")[0] or "/"
    known = folder in ("/", facts.final.state.base.config.workdir) or any(
        write.origin == "workdir" and below(write.path, folder) for _, _, layer in rows for write in layer.writes
    )
    return change.step == "chmod" or known or folder.startswith(("/usr/", "/etc")) and folder.count("/") < 4


def _stays(path: str, rows: list[Row], copies: list[Row], facts: Facts) -> bool:
    """Whether a folder was there before the copies: then only a chown of its own changes it."""
    first = next(at for at, row in enumerate(rows) if row is copies[0])
    made = [write for _, _, layer in copies for write in layer.writes if write.path == path]
    if made and not made[0].tree:
        return False
    earlier = [write for _, _, layer in rows[:first] for write in layer.writes]
    return not (made and copies[0][2].writes[0].path == path and fresh(path, facts.image.chain(facts.image.final)[0].state.base, earlier))


def _without_recursion(item: Instruction, scope: object, changes: list[Change]) -> str | None:
    """The RUN without its `-R` options."""
    script = run_script(item, scope)  # type: ignore[arg-type]
    if not all(change.recursive for change in changes):
        return None
    return drop_words(item.text, item.offsets, script, RECURSIVE)
