"""Paths: what the original image holds is in the new one with the same origin, or there is a reason from a closed list."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from service.deadline import check
from service.ecosystems import ECOSYSTEMS
from service.ecosystems.checked import CHECKED
from service.image import alternatives
from service.image.effects import Act, Kind, Phase, Write
from service.image.history import History, below, inside, stage_source, touches
from service.image.image import Image
from service.image.launchers import idle_tools
from service.image.ownership import Carried, carried
from service.image.packagecheck import explicit
from service.image.packagesources import serves_no_install
from service.image.sources import fetched_around, headers, is_source, made_on_the_way, named_as_source, only_unpacked, patterns_of, stands_in
from service.image.toolchains import idle_packages, idle_toolchain, runs_on, serves_idle
from service.image.verdict import LeftBehind
from service.knowledge.folders import parents

if TYPE_CHECKING:
    from service.image.verify import Findings, Pair

_IN_THEIR_FOLDER = frozenset({"configure", "make", "cmake", "ninja", "meson"})
"""Steps that build in a folder of sources: what was unpacked there is what they read."""
_BY_NAME = {ecosystem.name: ecosystem for ecosystem in ECOSYSTEMS}

_CHANGES = frozenset({"chmod", "chown", "setcap", "sed", "dos2unix"})


def check_paths(pair: Pair, found: Findings) -> None:
    """Appends what is left behind and why, what is assumed, and what would be lost."""
    _assume_rows(pair, found)
    before, after = History(pair.before), History(pair.after)
    if any(layer.opaque for stage in pair.before.chain(pair.before.final) for layer in stage.layers) and len(pair.after.stages) != len(
        pair.before.stages
    ):
        found.failures.append("a command that cannot be read may have written anything")
        return
    _check_runs(pair, after, found)
    _check_temporary(pair, before, after, found)
    tools = idle_tools(pair.before, pair.program, pair.view)
    owned, deleted = carried(pair.before, pair.after), _deleted(pair.before)
    for write in _final_writes(before):
        check()
        if write.origin in owned.changes or id(write) in deleted:
            continue
        origin = owned.moved(write.origin)
        write = write if origin == write.origin else replace(write, origin=origin)
        if write.kind is Kind.CACHE:
            if write.origin not in after.of(write.path):
                found.left_behind.append(LeftBehind(write.path, "an exact package cache"))
        elif _kept(write, before, after, owned):
            continue
        elif write.path in tools:
            found.left_behind.append(LeftBehind(write.path, "a tool that only building calls"))
        else:
            _lost(write, pair, before, after, found)
    _check_required(pair, before, after, found)


def _deleted(image: Image) -> frozenset[int]:
    """The ids of writes that a later layer deletes again: what they wrote is not in the image."""
    layers = [layer for stage in image.chain(image.final) for layer in stage.layers]
    last = {path: place for place, layer in enumerate(layers) for path in layer.deletes}
    if not last:
        return frozenset()
    return frozenset(
        id(write)
        for place, layer in enumerate(layers)
        for write in layer.writes
        if any(last.get(path, -1) > place for path in (write.path, *parents(write.path)))
    )


def _check_temporary(pair: Pair, before: History, after: History, found: Findings) -> None:
    """What lies below /tmp is nobody's, unless the program runs there, starts it, or finds its programs there."""
    folders = {pair.before.config.workdir, *(call.cwd for call in pair.program.calls), *pair.program.started()}
    folders |= set((pair.before.config.env_value("PATH") or "").split(":"))
    for write in before.writes():
        used = _temporary(write) and any(touches(write.path, folder) for folder in folders if folder.startswith(("/tmp", "/var/tmp")))
        if used and not _only_installed_from(write, pair) and write.origin not in after.covers(write.path):
            found.failures.append(f"{write.path} would be lost: the program uses that folder")


def _only_installed_from(write: Write, pair: Pair) -> bool:
    """Whether a file of the context is a manifest that nothing but an install reads."""
    source = posixpath.normpath(write.origin.removeprefix("context:").partition(" ")[0])
    installs = {path for stage in pair.before.stages for layer in stage.layers for install in layer.installs for path in install.manifests}
    return write.origin.startswith("context:") and not write.tree and source in installs and not _runtime_manifest(source)


def _check_runs(pair: Pair, after: History, found: Findings) -> None:
    """A run of the project's own program whose writes are not bounded is there again, in the final stage itself, and finds what it starts."""
    if len(pair.after.stages) == len(pair.before.stages):
        return
    again = {layer.instruction.value for layer in pair.after.stages[pair.after.final].layers}
    for layer in (layer for stage in pair.before.chain(pair.before.final) for layer in stage.layers):
        for act in layer.acts:
            if act.phase is not Phase.RUN:
                continue
            words = " ".join(word or "?" for word in act.words)[:60]
            if layer.instruction.value in again:
                _check_found(act, words, pair, after, found)
            elif act.opaque:
                found.failures.append(f"`{words}` would not run in the new image, and may have written anything")


def _check_found(act: Act, words: str, pair: Pair, after: History, found: Findings) -> None:
    base = pair.after.chain(pair.after.final)[0].state.base
    old = pair.before.chain(pair.before.final)[0].state.base
    name = act.words[0] or ""
    if "/" not in name and name in old.programs and name not in base.programs:
        found.failures.append(f"{base.reference} has no {name}, which `{words}` needs")
    before = History(pair.before)
    for word in act.words:
        path = posixpath.normpath(posixpath.join(act.cwd, word)) if word and not word.startswith("-") else ""
        if path and path != "/" and before.covering(path) and not after.of(path):
            found.failures.append(f"{path}, which `{words}` needs, would be missing")
    found.assumptions.append(f"`{words}` needs nothing that only the build stage has")


def _assume_rows(pair: Pair, found: Findings) -> None:
    """Where stages part, every row that says what a command writes counts as an assumption until a real build has confirmed it."""
    if len(pair.after.stages) == len(pair.before.stages):
        return
    used = {act.step for stage in pair.before.stages for layer in stage.layers for act in layer.acts if act.phase in (Phase.INSTALL, Phase.BUILD)}
    found.assumptions += (f"`{name}` writes where its documentation says" for name in sorted(used - CHECKED))


def _final_writes(history: History) -> list[Write]:
    """The writes of the final chain; a COPY --from of a stage that both files share counts as its own origin."""
    return [write for write in history.writes() if not _temporary(write)]


def _temporary(write: Write) -> bool:
    """Whether a path lies where nothing is meant to stay; a file that the context brings there (a list of packages) is for the build."""
    return write.kind is Kind.TEMPORARY or (write.kind is Kind.CONTEXT and write.path.startswith(("/tmp/", "/var/tmp/")))


def _kept(write: Write, before: History, after: History, owned: Carried) -> bool:
    """Whether everything that made the path in the original made it in the new image too, in the same order but for context copies."""
    place = _moved(write.path, after)
    if write.kind is Kind.STAGE:
        made = {owned.moved(origin) for origin in before.covering(write.path)} - owned.changes
        there = set(after.covering(place))
        if not made and not before.of(write.path):
            return _same_source(write, before.image, after.image)
        # A prune works on one folder of the project, which may come from a stage of its own.
        pruned = {origin for origin in made - there if origin in _prunes(before)}
        return made - pruned <= there and pruned <= set(after.of(place)) and (bool(made) or bool(after.of(place)))
    if write.kind is Kind.CONTEXT and _in_wider_copy(write, after):
        return True
    # Copies from the context commute with installing, which reads only manifests: `same_order` looks at commands alone.
    return write.origin in after.covers(place) and before.same_order(write.path, after, place)


def _same_source(write: Write, before: Image, after: Image) -> bool:
    """Whether a COPY --from of something that no line is known to make takes it from a stage of the same base and the same unread commands."""
    source = stage_source(write)
    if source is None or source[0] >= len(after.stages):
        return False
    again = any(other.origin == write.origin and other.path == write.path for other in History(after).writes())
    return again and _unread(before, source[0]) == _unread(after, source[0])


def _unread(image: Image, stage: int) -> tuple[str, ...]:
    chain = image.chain(stage)
    return (chain[0].state.base.reference, *(layer.instruction.value for part in chain for layer in part.layers if layer.opaque))


def _in_wider_copy(write: Write, after: History) -> bool:
    """Whether a copy of a folder brings the same part of the context to the same place."""
    source = write.origin.removeprefix("context:").partition(" ")[0]
    for other in after.writes():
        if other.kind is Kind.CONTEXT and other.tree and below(write.path, other.path):
            folder = other.origin.removeprefix("context:").partition(" ")[0]
            if posixpath.normpath(posixpath.join(folder, posixpath.relpath(write.path, other.path))) == source:
                return True
    return False


def _prunes(history: History) -> frozenset[str]:
    acts = (act for stage in history.image.stages for layer in stage.layers for act in layer.acts if act.phase is Phase.PRUNE)
    return frozenset(write.origin for act in acts for write in act.writes)


def _moved(path: str, after: History) -> str:
    """Where a program went whose folder is not on the new PATH: /usr/local/bin."""
    if after.of(path):
        return path
    for write in after.writes():
        source = stage_source(write)
        if source is not None and write.path.startswith("/usr/local/bin") and below(path, source[1]):
            return posixpath.normpath(posixpath.join(write.path, posixpath.relpath(path, source[1])))
    return path


def idle_install(origin: str, pair: Pair) -> bool:
    """Whether the command behind an origin installed a language's packages for the build alone."""
    act = _maker(origin, pair)
    return act is not None and idle_packages(act, _acts(pair), pair.program, pair.view)


def _maker(origin: str, pair: Pair) -> Act | None:
    return next((act for act in _acts(pair) if any(write.origin == origin for write in act.writes)), None)


def _acts(pair: Pair) -> tuple[Act, ...]:
    return tuple(act for stage in pair.before.chain(pair.before.final) for layer in stage.layers for act in layer.acts)


def _lost(write: Write, pair: Pair, before: History, after: History, found: Findings) -> None:
    reason = _reason(write, pair, before, after, found)
    if reason is None:
        found.failures.append(f"{write.path} would be lost ({write.by or 'copied'})")
    elif reason:
        found.left_behind.append(LeftBehind(write.path, reason))


def _reason(write: Write, pair: Pair, before: History, after: History, found: Findings) -> str | None:
    """Why a path may go; empty where parts of it are accounted for one by one; None: it may not."""
    if write.kind is Kind.SYSTEM and serves_idle(write.by, pair.before, pair.program, pair.view):
        return "it only served packages that building needed"
    if write.by == alternatives.STEP and _alternative_goes(write, pair):
        return "it chooses among programs that only building calls"
    if len(pair.after.stages) > len(pair.before.stages) and serves_no_install(write, pair.before, pair.after):
        return "it only says where packages come from, and none of them is installed"
    if write.kind is Kind.INTERMEDIATE and idle_toolchain(write.by, pair.program, pair.view):
        return "a toolchain that nothing in the image calls"
    if write.by in _CHANGES and _changes_what_goes(write, before, after):
        return "it only changes what is left behind"
    builders = _builders(write.path, pair)
    leaving = {name for name in builders if _leaves(name, pair)}
    if write.kind is Kind.CONTEXT:
        return _context_reason(write, pair, builders, leaving, after, found)
    if write.kind is Kind.DEPENDENCIES and idle_install(write.origin, pair):
        return "packages that only building called"
    maker = _maker(write.origin, pair)
    ecosystem = maker.ecosystem if maker is not None else ""
    if ecosystem in leaving and (write.tree or write.kind is not Kind.ARTIFACT) and _something_kept(leaving, pair, after):
        return "what building leaves besides the artifact"
    if ecosystem in leaving and not _required(write.path, pair):
        return "what building leaves besides the artifact" if _something_kept(leaving, pair, after) else None
    if write.kind is Kind.FILES and leaving and stands_in(write.path, before.writes(), pair.view, _project(write.path, pair), patterns_of(leaving)):
        return "compiled into the artifact"
    if write.by == "mkdir" and _built_in(write.path, leaving, pair) and _out_of_sight(write.path, pair) and _something_kept(leaving, pair, after):
        return "a folder that was made to build in"
    if write.kind is Kind.FILES and headers(write.path) and len(pair.after.stages) > len(pair.before.stages):
        return "what only compiling looks at"
    acts = (act for stage in pair.before.chain(pair.before.final) for layer in stage.layers for act in layer.acts)
    if write.kind is Kind.FETCHED and only_unpacked(write, acts, pair.program):
        return "an archive that was unpacked"
    if _fetched_project(write, leaving, pair) and _something_kept(leaving, pair, after):
        found.assumptions.append(f"the program reads nothing in {write.path}, which is not its working directory")
        return "sources compiled into the artifact"
    if _fetched_source(write, leaving, pair) and _something_kept(leaving, pair, after):
        return "compiled into the artifact"
    inside_project = any(
        below(write.path, other.path) and (other.path != write.path or other.by in _IN_THEIR_FOLDER) and other.kind is Kind.ARTIFACT and other.tree
        for other in before.writes()
    )
    if write.kind in (Kind.FILES, Kind.FETCHED) and inside_project and leaving and not _required(write.path, pair):
        return "what building leaves besides the artifact"
    return None


def _alternative_goes(write: Write, pair: Pair) -> bool:
    maker = _maker(write.origin, pair)
    return maker is not None and alternatives.idle(maker, _acts(pair), explicit(pair.before) - explicit(pair.after))


def _changes_what_goes(write: Write, before: History, after: History) -> bool:
    """Whether a change of mode, owner or text was made to files of the context that are left behind, which is judged of themselves."""
    content = [one.origin for one in before.writes() if one.kind is Kind.CONTEXT and below(write.path, one.path)]
    return bool(content) and after.covers(write.path).isdisjoint(content)


def _builders(path: str, pair: Pair) -> set[str]:
    """The ecosystems whose steps built or installed in a folder that touches the path, wrote there, or were given it."""
    return {
        act.ecosystem
        for stage in pair.before.chain(pair.before.final)
        for layer in stage.layers
        for act in layer.acts
        if act.phase in (Phase.INSTALL, Phase.BUILD)
        and (any(touches(path, write.path) for write in act.writes) or (act.cwd != "/" and touches(act.cwd, path)) or _compiles(act, path))
    }


def _compiles(act: Act, path: str) -> bool:
    """Whether a command builds of a file that it names: `gcc -o /usr/local/bin/tool /src/main.c`, from any folder."""
    name = posixpath.basename(path)
    words = (word for word in act.words[1:] if word and word.endswith(name))
    return act.phase is Phase.BUILD and any(posixpath.normpath(posixpath.join(act.cwd, word)) == path for word in words)


def _built_at_root(write: Write, pair: Pair) -> set[str]:
    """The ecosystems that compiled in / itself, for a file that lies there: of folders below it that says nothing."""
    if write.tree or posixpath.dirname(write.path) != "/":
        return set()
    acts = (act for stage in pair.before.chain(pair.before.final) for layer in stage.layers for act in layer.acts)
    return {act.ecosystem for act in acts if act.phase is Phase.BUILD and act.cwd == "/" and _leaves(act.ecosystem, pair)}


def _built_in(folder: str, ecosystems: set[str], pair: Pair) -> bool:
    """Whether a step of one of these ecosystems ran in a folder or below it."""
    acts = (act for stage in pair.before.chain(pair.before.final) for layer in stage.layers for act in layer.acts)
    return any(act.phase in (Phase.INSTALL, Phase.BUILD) and act.ecosystem in ecosystems and below(act.cwd, folder) for act in acts)


def _fetched_source(write: Write, leaving: set[str], pair: Pair) -> bool:
    """Whether a download is a file of a language that is compiled, and the program does not name it."""
    compiled = [name for name in leaving if _BY_NAME[name].compiled]
    file = write.kind is Kind.FETCHED and not write.tree and not _required(write.path, pair)
    return file and bool(compiled) and is_source(write.path, patterns_of(compiled))


def _fetched_project(write: Write, leaving: set[str], pair: Pair) -> bool:
    """Whether a folder was fetched to be compiled in it, and the program neither runs there nor names anything of it."""
    acts = (act for act in _acts(pair) if act.phase is Phase.BUILD and act.ecosystem in leaving and _BY_NAME[act.ecosystem].compiled)
    built = any(write.path in fetched_around(act.cwd, _acts(pair)) for act in acts)
    return write.kind is Kind.FETCHED and write.tree and built and _out_of_sight(write.path, pair)


def _leaves(name: str, pair: Pair) -> bool:
    """Whether an ecosystem's results are compiled into an artifact or only served: no interpreter of it is started."""
    ecosystem = _BY_NAME.get(name)
    if ecosystem is None:
        return False
    if pair.program.names & frozenset(ecosystem.runners):
        return False
    if ecosystem.compiled or not ecosystem.interpreters:
        return ecosystem.compiled
    acts = (act for stage in pair.before.chain(pair.before.final) for layer in stage.layers for act in layer.acts)
    return not runs_on(ecosystem, pair.program, pair.view, acts)


def _something_kept(leaving: set[str], pair: Pair, after: History) -> bool:
    """At least one path that a step of these ecosystems made is in the new image."""
    origins = {
        write.origin
        for stage in pair.before.chain(pair.before.final)
        for layer in stage.layers
        for act in layer.acts
        if (act.ecosystem in leaving and act.phase is Phase.BUILD) or act.step in ("mv", "cp", "install")
        for write in act.writes
        if write.kind is not Kind.CACHE
    }
    return any(origin in origins for write in after.writes() for origin in after.of(write.path))


def _context_reason(write: Write, pair: Pair, builders: set[str], leaving: set[str], after: History, found: Findings) -> str | None:
    source = posixpath.normpath(write.origin.removeprefix("context:").partition(" ")[0])
    installs = {path for stage in pair.before.stages for layer in stage.layers for install in layer.installs for path in install.manifests}
    if source in installs and not write.tree and not _runtime_manifest(source):
        return "a manifest that only installing reads"
    files = pair.view.below(source)
    compiled = {name for name in leaving | _built_at_root(write, pair) if _BY_NAME[name].compiled}
    if compiled and named_as_source(source, patterns_of(compiled)) and not _required(write.path, pair) and _something_kept(compiled, pair, after):
        return "sources compiled into the artifact"
    if not leaving or not pair.context.complete or not files:
        served = leaving and builders <= leaving and _something_kept(leaving, pair, after) and not any(_BY_NAME[name].compiled for name in leaving)
        if compiled and _out_of_sight(write.path, pair) and _something_kept(compiled, pair, after):
            # As where the files are known: which they are makes no difference.
            found.assumptions.append(f"the program reads nothing in {write.path}, which is not its working directory")
            return "sources compiled into the artifact"
        return "compiled into what is served" if served else None
    patterns = patterns_of(leaving)
    interpreted = all(not _BY_NAME[name].compiled for name in leaving)
    for file in files:
        path = posixpath.join(write.path, inside(file, source)) if write.tree else write.path
        if write.origin in after.covers(path):
            continue
        if _out_of_sight(path, pair):
            found.assumptions.append(f"the program reads nothing in {write.path}, which is not its working directory")
            continue
        told = any(below(path, one) for one in pair.program.told())
        if not interpreted and (told or not is_source(inside(path, _project(path, pair)), patterns)):
            found.failures.append(f"{path} would be lost: nothing shows that it is compiled in")
            return ""
    return "sources compiled into the artifact"


def _out_of_sight(path: str, pair: Pair) -> bool:
    """Whether a file lies outside every folder that the program runs in, and nothing names it."""
    folders = {pair.before.config.workdir, *(call.cwd for call in pair.program.calls)}
    # A program that starts in / does not find its files by `usr/src/app/...`: a folder that was built in is far from it too.
    if "/" in folders and _project(path, pair) == "/":
        return False
    return not any(below(path, folder) for folder in folders if folder != "/") and not _required(path, pair)


def _project(path: str, pair: Pair) -> str:
    """The folder that a build step ran in above a path, or that the sources around that folder were copied or fetched to (`cd build && cmake ..`)."""
    layers = [layer for stage in pair.before.stages for layer in stage.layers]
    ran = {act.cwd for layer in layers for act in layer.acts if act.phase in (Phase.BUILD, Phase.INSTALL)}
    copied = {write.path for layer in layers for write in layer.writes if write.kind in (Kind.CONTEXT, Kind.FETCHED) and write.tree}
    folders = ran | {folder for folder in copied if folder != "/" and any(below(place, folder) for place in ran)}
    return max((folder for folder in folders if below(path, folder)), key=len, default="/")


def _runtime_manifest(source: str) -> bool:
    name = posixpath.basename(source)
    return any(manifest.runtime and name in manifest.names for ecosystem in ECOSYSTEMS for manifest in ecosystem.manifests)


def _required(path: str, pair: Pair) -> bool:
    """Whether the program names a path, something in it, or the folder that it lies in."""
    return any(below(wanted, path) for wanted in pair.program.paths()) or any(below(path, folder) for folder in pair.program.told())


def _certain(path: str, pair: Pair, before: History) -> bool:
    """Whether a word that looks like a path is one: a file of the context, something a line names or made on the way, or what the program starts."""
    if not pair.context.complete or path in pair.program.started() or path in made_on_the_way(pair.program, before.writes()):
        return True
    return pair.view.source_of(path) in pair.context.files or any(write.path == path for write in before.writes())


def _check_required(pair: Pair, before: History, after: History, found: Findings) -> None:
    """Every path that CMD, ENTRYPOINT, HEALTHCHECK or a script of theirs names is there, with the origin it had."""
    for path in pair.program.paths():
        was = before.of(path) if _certain(path, pair, before) else ()
        if was and not after.of(_moved(path, after)):
            found.failures.append(f"{path}, which the program names, would be missing")
