"""Translation validation: two images in, a verdict out. It trusts no pass and sees only what the interpreter says of both files."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace

from service.context import BuildContext
from service.image.configcheck import check_config
from service.image.effects import Kind, Phase
from service.image.files import FileView
from service.image.foldersmade import change_of, is_folder, maker, there_before
from service.image.history import History, below, gone, stage_source, touches
from service.image.image import Image
from service.image.licences import STRIP, without_strip_options
from service.image.losses import check_paths, idle_install
from service.image.manifestcheck import check_manifests
from service.image.origin import check_brought
from service.image.packagecheck import check_packages
from service.image.program import Program
from service.image.removed import check_removed
from service.image.verdict import Difference, LeftBehind, Level, Verdict
from service.knowledge.folders import brings_data, missing
from service.knowledge.variants import own_libraries

_CHANGES = frozenset({"chown", "chmod", "setcap", "sed", "dos2unix"})
_VALUED = frozenset({"-m", "-o", "-g", "-t", "--mode", "--owner", "--group", "--target-directory"})
_TAKING = frozenset({"cp", "mv", "install", "rsync"})
_SYSTEM = ("/etc", "/usr", "/bin", "/sbin", "/lib", "/var", "/run", "/tmp", "/root", "/dev", "/opt", "/srv", "/mnt")
_BROUGHT = frozenset({Kind.CONTEXT, Kind.STAGE, Kind.ARTIFACT, Kind.FETCHED, Kind.DEPENDENCIES})
_EMPTY = ("/", "/opt", "/srv", "/tmp", "/root", "/mnt", "/home", "/media")
"""Folders that every system has and that hold nothing (Filesystem Hierarchy Standard 3.0)."""
_DISTRIBUTED = ("/etc", "/usr", "/bin", "/sbin", "/lib", "/var", "/run", "/dev", "/proc", "/sys")
"""Folders that hold what the distribution puts there: what is below them may be of the base."""


@dataclass(slots=True)
class Findings:
    """What the checks gather. A failure is a sentence that names what would break."""

    differences: list[Difference] = field(default_factory=list)
    left_behind: list[LeftBehind] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Pair:
    """The two images, the files the build sees, and the program that the original runs. `licences` are the names of passes that the caller
    asked for by name and that change what no other may: see `licences.py`."""

    before: Image
    after: Image
    context: BuildContext
    view: FileView
    program: Program
    licences: frozenset[str] = frozenset()


def verify(pair: Pair) -> Verdict:
    """`proved` with nothing assumed, `assumed` with each assumption, or `failed` with what would break."""
    found = Findings()
    if STRIP in pair.licences:
        pair = replace(pair, before=without_strip_options(pair.before), after=without_strip_options(pair.after))
    check_config(pair, found)
    if _layers_differ(pair):
        check_paths(pair, found)
        check_packages(pair, found)
        check_removed(pair, found)
        _check_sources(pair, found)
        _check_users(pair, found)
        _check_arguments(pair, found)
        _check_path(pair, found)
        _check_in_place(pair, found)
        _check_changed(pair, found)
        _check_made_anew(pair, found)
        _check_owned(pair, found)
        _check_folders(pair, found)
        _check_inputs(pair, found)
        check_brought(pair, found)
        check_manifests(pair, found)
    level: Level = "failed" if found.failures else "assumed" if found.assumptions else "proved"
    return Verdict(
        level,
        tuple(found.differences),
        tuple(dict.fromkeys(found.left_behind)),
        tuple(dict.fromkeys(found.assumptions)),
        tuple(found.failures),
    )


def _layers_differ(pair: Pair) -> bool:
    def shape(image: Image) -> list[tuple[str, list[tuple[str, str]]]]:
        return [
            (stage.state.base.reference, [(layer.instruction.keyword, layer.instruction.value) for layer in stage.layers]) for stage in image.stages
        ]

    return shape(pair.before) != shape(pair.after)


def _check_sources(pair: Pair, found: Findings) -> None:
    """Every COPY --from names an earlier stage and a path that something there makes."""
    history = History(pair.after)
    for stage in pair.after.stages:
        for layer in stage.layers:
            for write in layer.writes:
                source = stage_source(write)
                if source is None:
                    continue
                if source[0] >= stage.state.stage.index:
                    found.failures.append(f"COPY --from names stage {source[0]}, which is not earlier")
                elif _is_new(write.origin, pair) and not _made_there(source[1], source[0], history, pair):
                    found.failures.append(f"COPY --from takes {source[1]}, which nothing in that stage makes")
                elif gone(source[1], (layer for part in pair.after.chain(source[0]) for layer in part.layers)):
                    found.failures.append(f"COPY --from takes {source[1]}, which that stage deletes again")


def _made_there(path: str, stage: int, history: History, pair: Pair) -> bool:
    """Whether a stage makes a path: by one of the very commands that made it in the original, where those name it."""
    base = pair.after.chain(stage)[0].state.base
    if path in own_libraries(base)[0] or (brings_data(path, base) and not history.of(path, stage)):
        return True
    exact = {write.origin for write in History(pair.before).writes() if write.path == path and write.origin.startswith("run:")}
    origins = history.of(path, stage)
    return bool(exact & set(origins)) if exact else bool(origins)


def _is_new(origin: str, pair: Pair) -> bool:
    return all(write.origin != origin for stage in pair.before.stages for layer in stage.layers for write in layer.writes)


def _check_users(pair: Pair, found: Findings) -> None:
    """The users that the original makes exist, and so does the one it runs as."""
    made = {name for stage in pair.after.chain(pair.after.final) for layer in stage.layers for name in layer.users}
    base = pair.after.chain(pair.after.final)[0].state.base
    old = pair.before.chain(pair.before.final)[0].state.base
    for stage in pair.before.chain(pair.before.final):
        for name in (name for layer in stage.layers for name in layer.users):
            if name not in made and name not in base.users:
                found.failures.append(f"the user {name} is not made in the new image")
    user = pair.after.config.user.partition(":")[0]
    known = not user or user.isdigit() or user in made or user in base.users or base.reference == old.reference
    if not known:
        found.failures.append(f"the user {user} is not known in {base.reference}")


_SHELLS = frozenset({"sh", "ash", "dash", "bash"})


def _check_path(pair: Pair, found: Findings) -> None:
    """A program named without a slash is found on the new PATH, where the file itself put it there."""
    before, after = History(pair.before), History(pair.after)
    was, now = ((image.config.env_value("PATH") or "").split(":") for image in (pair.before, pair.after))
    base = pair.after.chain(pair.after.final)[0].state.base
    plain = {call.words[0] for call in pair.program.calls if call.words and call.words[0] and "/" not in call.words[0]}
    # A folder of programs that nobody lists may hold any name, but no shell.
    for name in sorted(plain - _SHELLS):
        folder = next((folder for folder in was if folder and before.covering(f"{folder}/{name}")), None)
        lost = folder is not None and name not in base.programs and not any(after.covering(f"{place}/{name}") for place in now if place)
        if lost and not all(idle_install(origin, pair) for origin in before.covering(f"{folder}/{name}")):
            found.failures.append(f"{name} lies in {folder}, which is not on the new PATH")
    started = (path for path in pair.program.started() if before.covering(path) and not after.covering(path))
    for path in started:
        if not all(idle_install(origin, pair) for origin in before.covering(path)):
            found.failures.append(f"{path} is started, and nothing puts it there")
    # An entrypoint may start what CMD's other words name.
    made = {write.path for write in before.writes()}
    for name in sorted({word for call in pair.program.calls for word in call.words[1:] if word and "/" not in word}):
        folder = next((folder for folder in was if f"{folder}/{name}" in made), None)
        if folder is not None and name not in base.programs and not any(after.covering(f"{place}/{name}") for place in now if place):
            found.failures.append(f"{name} lies in {folder}, which is not on the new PATH")


def _check_in_place(pair: Pair, found: Findings) -> None:
    """What a repeated chown or chmod changes is there by then: made by an earlier line of the stage, or the system's own."""
    final = pair.after.stages[pair.after.final]
    if len(pair.after.stages) == len(pair.before.stages) or final.state.parent is not None:
        return
    made: list[str] = []
    for layer in final.layers:
        for act in layer.acts:
            if act.step in _CHANGES:
                missing = (w.path for w in act.writes if not w.path.startswith(_SYSTEM) and not any(touches(w.path, path) for path in made))
                found.failures += (f"{path} would not be there yet when `{act.step}` changes it" for path in missing)
            made += (f"/home/{name}" for name in act.users)
            made += (write.path for write in act.writes)
        made += (write.path for write in layer.writes)


def _check_changed(pair: Pair, found: Findings) -> None:
    """What a repeated chown or chmod changes was copied, built or fetched in the original: one of those that put it there does so again."""
    if len(pair.after.stages) == len(pair.before.stages):
        return
    before, after = History(pair.before), History(pair.after)
    for act in (act for layer in pair.after.stages[pair.after.final].layers for act in layer.acts if act.step in _CHANGES):
        # The folder that it runs in is there in any case.
        for path in (write.path for write in act.writes if not below(act.cwd, write.path)):
            exact = {write.origin for write in before.writes() if write.path == path and write.by not in _CHANGES}
            brought = exact or {write.origin for write in before.writes() if write.kind in _BROUGHT and below(path, write.path)}
            if brought and not brought & set(after.of(path)):
                found.failures.append(f"{path}, which `{act.step}` changes, would not be there")


def _check_made_anew(pair: Pair, found: Findings) -> None:
    """A folder that a copy makes has the owner and the mode that it had: it would be root's, with the mode that folders have."""
    final = pair.after.stages[pair.after.final]
    if len(pair.after.stages) == len(pair.before.stages) or final.state.parent is not None:
        return
    user = pair.before.config.user.partition(":")[0] not in ("", "root", "0")
    acts = [act for part in pair.before.chain(pair.before.final) for layer in part.layers for act in layer.acts]
    again = [act for layer in final.layers for act in layer.acts]
    copied = {write.path for layer in final.layers for write in layer.writes if stage_source(write) is not None}
    base = pair.after.chain(pair.after.final)[0].state.base
    for path in sorted(path for path in copied if missing(path, base) and is_folder(path, pair.before)):
        changes = [change for act in acts if (change := change_of(act, path)) is not None]
        by_flag = {layer.instruction.flag("chown") for layer in final.layers if any(write.path == path for write in layer.writes)}
        for change in changes:
            said = change[:1] == ("chown",) and by_flag - {None, ""}
            if not said and change not in [one for act in again if (one := change_of(act, path)) is not None]:
                found.failures.append(f"{path} would be made anew, without what `{' '.join(change) or 'chmod'}` did to it")
        made, now = (maker(path, image).partition(":")[0] for image in (pair.before, pair.after))
        given = any(change[:1] == ("chown",) for change in changes)
        if user and not given and made not in ("", "root", "0", now):
            found.failures.append(f"{path} would be made anew for root, and it was {made}'s")


def _check_owned(pair: Pair, found: Findings) -> None:
    """What a copy from the build stage gives to an owner was given to him by a line that found it there, or made by him."""
    final = pair.after.stages[pair.after.final]
    if len(pair.after.stages) == len(pair.before.stages) or final.state.parent is not None:
        return
    acts = [act for part in pair.before.chain(pair.before.final) for layer in part.layers for act in layer.acts if act.step == "chown"]
    for layer in final.layers:
        user = (layer.instruction.flag("chown") or "").partition(":")[0]
        for write in layer.writes if user else ():
            giving = [act for act in acts if any(below(write.path, one.path) for one in act.writes)]
            there = any(there_before(write.path, act, pair.before, pair.view) for act in giving)
            if giving and not there and maker(write.path, pair.before) != layer.instruction.flag("chown") and stage_source(write) is not None:
                found.failures.append(f"{write.path} would be given away by a line that came before it was made")


def _check_folders(pair: Pair, found: Findings) -> None:
    """A folder that a repeated line goes to, and that a line of the original makes, is there by then."""
    final = pair.after.stages[pair.after.final]
    if len(pair.after.stages) == len(pair.before.stages) or final.state.parent is not None:
        return
    before, made = History(pair.before), list[str]()
    for layer in final.layers:
        for act in layer.acts:
            own = act.cwd in _EMPTY or act.cwd.startswith(_DISTRIBUTED)
            if act.step == "cd" and not own and before.of(act.cwd) and not any(touches(act.cwd, path) for path in made):
                found.failures.append(f"{act.cwd}, which a line of the runtime stage goes to, would not be there")
            made += (write.path for write in act.writes)
        made += (write.path for write in layer.writes)


def _check_inputs(pair: Pair, found: Findings) -> None:
    """What a cp or mv of the runtime stage takes is there by then, as it was in the original."""
    if len(pair.after.stages) == len(pair.before.stages):
        return
    before, after = History(pair.before), History(pair.after)
    built = {
        write.origin
        for stage in pair.before.chain(pair.before.final)
        for layer in stage.layers
        for act in layer.acts
        if act.phase is Phase.BUILD
        for write in act.writes
        if write.kind is not Kind.CACHE
    }
    for act in (act for layer in pair.after.stages[pair.after.final].layers for act in layer.acts if act.step in _TAKING):
        for option, word in zip(act.words, act.words[1:-1], strict=False):
            if option in _VALUED:
                continue
            path = posixpath.normpath(posixpath.join(act.cwd, word)) if word is not None else act.cwd
            if word is not None and (word.startswith("-") or not before.covering(path)):
                continue
            missing = [origin for origin in before.of(path) if origin in built and origin not in after.of(path)]
            if missing or not (after.of(path) or word is None):
                found.failures.append(f"{path}, which `{act.step}` takes, would not be there")


def _check_arguments(pair: Pair, found: Findings) -> None:
    """A build argument that a repeated RUN uses is declared in its stage."""
    declared = {name for stage in pair.before.stages for scope in stage.state.scopes for name in scope.args}
    final = pair.after.stages[pair.after.final]
    for item, scope in zip(final.state.stage.instructions, final.state.scopes, strict=True):
        if item.keyword != "RUN":
            continue
        for name in declared:
            if (f"${name}" in item.rest or f"${{{name}" in item.rest) and name not in scope.args and name not in scope.env:
                found.failures.append(f"${name} is out of scope in `{item.rest[:50]}`")
