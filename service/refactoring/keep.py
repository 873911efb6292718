"""The slice: which paths of the build stage the runtime stage gets. Keep by default; what goes has a reason from a closed list."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from service.deadline import check
from service.ecosystems import ECOSYSTEMS, Ecosystem
from service.image.effects import Act, Kind, Phase, Write
from service.image.foldersmade import recursive
from service.image.history import below, gone, inside, touches
from service.image.launchers import idle_tools
from service.image.origin import GENERATING
from service.image.sources import fetched_around, is_source, made_on_the_way, named_as_source, only_unpacked, patterns_of
from service.image.toolchains import idle_packages
from service.refactoring.cut import IN_PLACE, Head, runs_again
from service.refactoring.facts import Facts

NEVER_WHOLE = frozenset({"/", "/usr", "/root", "/etc", "/var", "/lib", "/bin", "/sbin", "/usr/lib", "/usr/bin", "/lib64", "/usr/share", "/usr/sbin"})
_MULTIARCH = ("/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu")
_SHARED = ("/usr/local", "/opt")
_MOST_ASSETS = 12
_MOVING = ("mv", "cp", "install")
_INSTALLING = ("configure", "make", "cmake", "ninja", "meson")
COMPILED = frozenset(ecosystem.name for ecosystem in ECOSYSTEMS if ecosystem.compiled)
_BY_NAME = {ecosystem.name: ecosystem for ecosystem in ECOSYSTEMS}


@dataclass(frozen=True, slots=True)
class Kept:
    """A path to copy from the build stage, and why. `target` differs from `path` only for a program that moves to /usr/local/bin."""

    path: str
    because: str
    target: str = ""


class CannotSlice(Exception):
    """A path that may not be copied, with the stable code and the reason."""

    def __init__(self, code: str, because: str) -> None:
        super().__init__(because)
        self.code, self.because = code, because


def built_paths(head: Head) -> tuple[Write, ...]:
    """What the head's RUNs leave that must be copied: no caches, nothing temporary, nothing that runs again."""
    found: list[Write] = []
    for _, layer in head.runs:
        for act in layer.acts:
            check()
            if act.deletes:
                found = [write for write in found if not _covered(write.path, act.deletes)]
            if not runs_again(act, layer.acts) and act.phase is not Phase.CLEAN:
                linking = act.step not in IN_PLACE
                found += (write for write in act.writes if write.kind not in (Kind.CACHE, Kind.TEMPORARY) and not (write.link and linking))
    return tuple(found)


def whole(head: Head, facts: Facts) -> tuple[Kept, ...]:
    """Every path that was built, and the project folders that the program runs in: the shortest cover of them."""
    writes = (*built_paths(head), *_projects(head, facts))
    left, programs = _build_folders(head, facts), program_paths(facts)
    acts = tuple(act for _, layer in head.runs for act in layer.acts)
    idle = {write.origin for act in acts if idle_packages(act, acts, facts.program, facts.view) for write in act.writes}
    compiling = {write.origin for act in acts if act.ecosystem in COMPILED for write in act.writes}
    on_path = frozenset(programs) - frozenset(facts.program.started())
    tools = idle_tools(facts.image, facts.program, facts.view)
    found: dict[str, Kept] = {}
    for write in dict.fromkeys(writes):
        check()
        tool = write.kind is Kind.INTERMEDIATE and not write.tree and write.path not in programs
        behind = write.path not in programs and any(below(write.path, folder) for folder in left)
        if behind or tool or write.path in tools or write.origin in idle or _on_the_way(write, head, facts) or _fetched_source(write, head, facts):
            continue
        if only_unpacked(write, acts, facts.program):
            continue
        if "*" in write.path:
            raise CannotSlice("path-untold", f"`{write.by}` writes {write.path}, and which folder that is, is not known")
        if write.path in NEVER_WHOLE:
            raise CannotSlice("path-too-wide", f"`{write.by}` writes {write.path}, which is never copied whole")
        if write.path in _SHARED and any(below(path, write.path) for path in facts.final.state.base.toolchain):
            raise CannotSlice("path-too-wide", f"`{write.by}` writes {write.path}, where {facts.final.state.base.reference} keeps its toolchain")
        if write.path.startswith(_MULTIARCH):
            raise CannotSlice("path-system-library", f"`{write.by}` writes {write.path}: libraries come as packages")
        # Of a folder that a compiler's installer fills (go/bin, cargo/bin) the programs that are started, where they are named.
        compiled = write.kind is Kind.ARTIFACT and write.tree and write.origin in compiling
        installed = [path for path in programs if compiled and path in on_path and posixpath.dirname(path) == write.path]
        for path in installed or (write.path,):
            found.setdefault(path, Kept(path, f"`{write.by}` makes {path}"))
    return _cover((*found.values(), *_wider(head, facts)))


def _wider(head: Head, facts: Facts) -> Iterator[Kept]:
    """Sources that the program runs in, where a build of a part of them may write to another part (`outDir: "../static"`)."""
    folders = {facts.image.config.workdir, *(call.cwd for call in facts.program.calls)}
    for index, item, layer in head.lines:
        writes = layer.writes if layer is not None and item.keyword in ("COPY", "ADD") else ()
        roots = (write.path for write in writes if write.kind is Kind.CONTEXT and write.tree and write.path not in NEVER_WHOLE)
        for root in (root for root in roots if any(touches(folder, root) for folder in folders if folder != "/")):
            acts = [act for place, run in head.runs if place > index for act in run.acts]
            act = next((act for act in acts if act.cwd != root and below(act.cwd, root) and _writes_around(act)), None)
            if act is not None:
                yield Kept(root, f"`{act.step}` in a part of {root} may write to others")
            elif _changed_as_a_whole(root, acts):
                yield Kept(root, f"{root} gets its owner and mode as a whole, with what was made in it")


def _changed_as_a_whole(root: str, acts: Iterable[Act]) -> bool:
    """Whether owner or mode of a folder and all below it are changed behind what an interpreted language's build made in a part of it."""
    made = False
    for act in acts:
        if made and act.step in ("chmod", "chown") and recursive(act) and any(write.path == root for write in act.writes):
            return True
        making = act.phase in (Phase.BUILD, Phase.INSTALL) and act.ecosystem not in COMPILED
        made = made or (making and any(one.path != root and below(one.path, root) for one in act.writes))
    return False


def _writes_around(act: Act) -> bool:
    """Whether a build is of an ecosystem whose programs are not compiled, and known to write its project's folder only as a whole."""
    free = act.phase is Phase.BUILD and act.ecosystem not in COMPILED
    return free and any(write.path == act.cwd and write.tree and write.kind is Kind.ARTIFACT for write in act.writes)


def _build_folders(head: Head, facts: Facts) -> frozenset[str]:
    """Folders that a compiler ran in and the program does not, where what it needs was moved or copied out of them."""
    folders = {facts.image.config.workdir, *(call.cwd for call in facts.program.calls)}
    acts = [act for _, layer in head.runs for act in layer.acts]
    moved = [act for act in acts if act.step in (*_MOVING, *_INSTALLING)]
    copied = [write.path for _, item, layer in head.lines if layer is not None and item.keyword in ("COPY", "ADD") for write in layer.writes]
    found = set()
    for act in acts:
        if act.phase is not Phase.BUILD or act.ecosystem not in COMPILED:
            continue
        # What configures, builds or installs names its build folder first.
        own = [write.path for write in act.writes[:1] if act.step in _INSTALLING]
        for build in (act.cwd, *own, *fetched_around(act.cwd, acts)):
            outside = any(not below(write.path, act.cwd) and not below(write.path, build) for one in moved for write in one.writes)
            named = any(below(path, build) for path in facts.program.paths())
            # What starts in / could find sources of its own by `src/...`, but not those that were fetched to be installed.
            rooted = "/" in folders and (build == "/" or any(touches(path, build) for path in copied))
            if outside and not named and not rooted and not any(touches(folder, build) for folder in folders if folder != "/"):
                found.add(build)
    return frozenset(found)


def _on_the_way(write: Write, head: Head, facts: Facts) -> bool:
    """Whether a compiler left a folder on its way to an artifact that lies elsewhere, and the program neither runs nor names anything there."""
    if write.kind is not Kind.INTERMEDIATE or not write.tree:
        return False
    acts = [act for _, layer in head.runs for act in layer.acts if act.ecosystem in COMPILED]
    owners = {act.ecosystem for act in acts if any(one.path == write.path for one in act.writes)}
    others = [one for act in acts if act.ecosystem in owners and act.phase is Phase.BUILD for one in act.writes if not below(one.path, write.path)]
    runners = {name for one in ECOSYSTEMS if one.name in owners for name in one.runners}
    if runners & facts.program.names:
        # The program is started by the very tool (`mix phx.server`), which reads what it left for itself.
        return False
    named = facts.program.paths()
    elsewhere = any(
        one.kind is Kind.ARTIFACT or (one.kind is Kind.INTERMEDIATE and one.tree and any(below(path, one.path) for path in named)) for one in others
    )
    on_path = (facts.image.config.env_value("PATH") or "").split(":")
    places = (facts.image.config.workdir, *(call.cwd for call in facts.program.calls), *named, *on_path)
    return elsewhere and not any(below(place, write.path) for place in places)


def _fetched_source(write: Write, head: Head, facts: Facts) -> bool:
    """Whether a download is a source that was compiled where it lies, and the program does not name it."""
    if write.kind is not Kind.FETCHED or write.tree or any(below(path, write.path) for path in facts.program.paths()):
        return False
    folder = posixpath.dirname(write.path)
    acts = (act for _, layer in head.runs for act in layer.acts if act.phase is Phase.BUILD and act.cwd == folder != "/")
    compiling = {act.ecosystem for act in acts} & COMPILED
    return bool(compiling) and is_source(write.path, patterns_of(compiling))


def _projects(head: Head, facts: Facts) -> tuple[Write, ...]:
    """The folders that sources were copied to and that a compiler ran in, where the program runs in them too or names something there."""
    folders = {facts.image.config.workdir, *(call.cwd for call in facts.program.calls)}
    copied = [
        write
        for _, item, layer in head.lines
        if layer is not None and item.keyword in ("COPY", "ADD")
        for write in layer.writes
        if write.kind is Kind.CONTEXT
    ]
    found = []
    for act in (act for _, layer in head.runs for act in layer.acts if act.phase is Phase.BUILD and act.ecosystem in COMPILED):
        for root in dict.fromkeys(write.path if write.tree else act.cwd for write in copied if touches(write.path, act.cwd)):
            if root in NEVER_WHOLE or gone(root, (layer for _, _, layer in head.lines if layer is not None)):
                continue
            named = any(below(path, root) for path in facts.program.told())
            if named or any(folder != "/" and touches(folder, root) for folder in folders):
                found.append(Write(root, Kind.ARTIFACT, True, f"run:{act.cwd}", act.step))
    return tuple(found)


def program_paths(facts: Facts) -> tuple[str, ...]:
    """Absolute paths of what the program starts, a program on PATH included."""
    folders = (facts.image.config.env_value("PATH") or "").split(":")
    written = {write.path for layer in facts.final.layers for write in layer.writes}
    # Of an installer that names no program only the folder is known.
    filled = {write.path for layer in facts.final.layers for write in layer.writes if write.kind is Kind.ARTIFACT and write.tree}
    bare = sorted({call.words[0] for call in facts.program.calls if call.words and call.words[0] and "/" not in call.words[0]})
    own = facts.final.state.base.programs
    on_path = (f"{folder}/{name}" for folder in folders for name in bare if f"{folder}/{name}" in written or (folder in filled and name not in own))
    return tuple(dict.fromkeys((*facts.program.started(), *on_path, *_run_paths(facts))))


def _run_paths(facts: Facts) -> Iterator[str]:
    """What runs of the project's own program start: they may run again in the runtime stage."""
    for act in (act for layer in facts.final.layers for act in layer.acts if act.phase is Phase.RUN):
        if act.words[0] and "/" in act.words[0]:
            yield posixpath.normpath(posixpath.join(act.cwd, act.words[0]))


def precise(head: Head, facts: Facts, program_paths: Iterable[str]) -> tuple[Kept, ...] | None:
    """The artifact and its assets, where a compiled ecosystem's build and the whole context are known; else None."""
    if not facts.view.context.complete and not _only_sources(head):
        return None
    cover = whole(head, facts)
    named = (*program_paths, *made_on_the_way(facts.program, (write for layer in facts.final.layers for write in layer.writes)))
    early = {write.path for _, _, layer in head.lines if layer is not None for write in layer.writes}
    late = {write.path for _, _, layer in head.tail if layer is not None for write in layer.writes if not write.tree} - early
    wanted = tuple(path for path in named if path not in late)
    found: list[Kept] = []
    for kept in cover:
        parts = _artifacts(kept, head, facts, wanted)
        if parts is None:
            return None
        found += parts
    return _cover(found) if found != list(cover) else None


def _only_sources(head: Head) -> bool:
    """Whether the names alone say that no COPY brings anything but sources of what is compiled (`COPY *.go go.mod ./`)."""
    built = {act.ecosystem for _, layer in head.runs for act in layer.acts if act.phase is Phase.BUILD} & COMPILED
    writes = (write for _, item, layer in head.lines if layer is not None and item.keyword in ("COPY", "ADD") for write in layer.writes)
    sources = [write.origin.removeprefix("context:").partition(" ")[0] for write in writes if write.kind is Kind.CONTEXT]
    patterns = patterns_of(built)
    return bool(built and sources) and all(named_as_source(source, patterns) for source in sources)


def _cover(kept: Iterable[Kept]) -> tuple[Kept, ...]:
    """Without what lies below something else that is copied."""
    found = {one.path: one for one in reversed(tuple(kept))}
    return tuple(one for path, one in reversed(found.items()) if not _covered(path, (other for other in found if other != path)))


def _artifacts(kept: Kept, head: Head, facts: Facts, wanted: tuple[str, ...]) -> list[Kept] | None:
    """A project folder's artifacts and assets; the path itself where it is no project folder; None where that cannot be told."""
    acts = [act for _, layer in head.runs for act in layer.acts if act.phase in (Phase.INSTALL, Phase.BUILD)]
    touching = [act for act in acts if below(act.cwd, kept.path) or any(touches(write.path, kept.path) for write in act.writes)]
    copied = [
        write
        for _, item, layer in head.lines
        if layer is not None and item.keyword in ("COPY", "ADD")
        for write in layer.writes
        if touches(write.path, kept.path)
    ]
    if kept.path in _intermediate(head) and not any(below(write.path, kept.path) for write in copied):
        # What a compiler left on the way: of it only what the program names, where the rest was taken out.
        named = [Kept(path, "the program is built there") for path in (*wanted, *_beside(kept, head, facts)) if below(path, kept.path)]
        return list(_cover(named)) if named or _taken_out(kept, head) or _elsewhere(kept, acts) else [kept]
    if not copied:
        return [kept]
    ecosystems = {act.ecosystem for act in touching}
    compiled = [_BY_NAME[name] for name in ecosystems if name in _BY_NAME]
    if not compiled or not all(ecosystem.compiled for ecosystem in compiled):
        return None
    if any(facts.program.names & frozenset(ecosystem.runners) for ecosystem in compiled):
        # What runs a project rather than an artifact (`mix phx.server`) reads all of it.
        return None
    artifacts = (_explicit(kept, touching) & {write.path for write in built_paths(head)}) | {
        path for path in wanted if below(path, kept.path) and facts.view.source_of(path) not in facts.context.files
    }
    artifacts = {_distribution(path, compiled) for path in artifacts} | _beside(kept, head, facts)
    folders = _explicit(kept, touching)
    if any(ecosystem.folders for ecosystem in compiled) and any(not _covered(path, folders) for path in artifacts):
        return None
    elsewhere = _elsewhere(kept, acts)
    if not artifacts and not elsewhere and not _taken_out(kept, head):
        return None
    if (elsewhere or _taken_out(kept, head)) and _out_of_sight(kept, facts):
        return [Kept(path, "the program is built there") for path in sorted(artifacts & set(wanted))]
    if _generated(kept, touching, [act for _, layer in head.runs for act in layer.acts]):
        return None
    assets = [] if _runs_in(artifacts, facts) else _assets(kept, copied, compiled, facts)
    if assets is None or not _self_contained(artifacts, compiled, facts):
        return None
    return [*(Kept(path, "the program is built there") for path in sorted(artifacts)), *assets]


def _beside(kept: Kept, head: Head, facts: Facts) -> set[str]:
    """The folders of what the program names among what a compiler left, where it loads what lies beside it."""
    trees = [
        write.path
        for _, layer in head.runs
        for act in layer.acts
        if act.ecosystem in _BY_NAME and _BY_NAME[act.ecosystem].beside
        for write in act.writes
        if write.kind is Kind.INTERMEDIATE and write.tree and touches(write.path, kept.path)
    ]
    named = (path for path in facts.program.paths() if facts.view.source_of(path) not in facts.context.files)
    return {posixpath.dirname(path) for path in named if any(below(posixpath.dirname(path), tree) for tree in trees) and below(path, kept.path)}


def _runs_in(artifacts: Iterable[str], facts: Facts) -> bool:
    """Whether the program runs in a folder that was built, and names nothing outside of it: then it reads what lies there."""
    places = {facts.image.config.workdir, *(call.cwd for call in facts.program.calls), *facts.program.paths()}
    return all(any(below(place, path) for path in artifacts) for place in places)


def _generated(kept: Kept, touching: Iterable[Act], acts: Iterable[Act]) -> bool:
    """Whether data may have been made in a folder that no row names: by a recipe that could not be read, or by the project's own program."""
    by_recipe = any(
        write.tree and below(kept.path, write.path)
        for act in touching
        if act.phase is Phase.BUILD and (act.ecosystem, act.step) in GENERATING
        for write in act.writes
        if write.kind is Kind.ARTIFACT
    )
    return by_recipe or any(act.phase is Phase.RUN and touches(write.path, kept.path) for act in acts for write in act.writes)


def _out_of_sight(kept: Kept, facts: Facts) -> bool:
    """Whether the program neither runs in a folder nor names anything there; one that starts in / finds nothing by `usr/src/app/...`."""
    folders = {facts.image.config.workdir, *(call.cwd for call in facts.program.calls)}
    near = any(folder != "/" and touches(folder, kept.path) for folder in folders)
    return not near and not any(below(path, kept.path) for path in facts.program.paths())


def _intermediate(head: Head) -> frozenset[str]:
    return frozenset(
        write.path for _, layer in head.runs for act in layer.acts for write in act.writes if write.kind is Kind.INTERMEDIATE and write.tree
    )


def _elsewhere(kept: Kept, acts: Iterable[Act]) -> bool:
    """Whether a build writes an artifact outside of a folder."""
    writes = (write for act in acts if act.phase is Phase.BUILD for write in act.writes)
    return any(write.kind is Kind.ARTIFACT and not below(write.path, kept.path) for write in writes)


def _taken_out(kept: Kept, head: Head) -> bool:
    """Whether something that was built below a folder is copied or moved out of it."""
    taking = [act for _, layer in head.runs for act in layer.acts if act.step in ("mv", "cp", "install")]
    acts = [act for act in taking if below(act.cwd, kept.path) or any(_source_below(word, act, kept) for word in act.words[1:-1])]
    return any(write.kind is not Kind.TEMPORARY and not below(write.path, kept.path) for act in acts for write in act.writes)


def _source_below(word: str | None, act: Act, kept: Kept) -> bool:
    return word is not None and below(posixpath.normpath(posixpath.join(act.cwd, word)), kept.path)


def _explicit(kept: Kept, acts: Iterable[Act]) -> set[str]:
    """Files that a build step names itself (`-o app`)."""
    return {
        write.path
        for act in acts
        if act.phase is Phase.BUILD
        for write in act.writes
        if write.kind is Kind.ARTIFACT and write.path != kept.path and below(write.path, kept.path) and write.path != act.cwd
    }


def _assets(kept: Kept, copied: Iterable[Write], compiled: Iterable[Ecosystem], facts: Facts) -> list[Kept] | None:
    """Context files below a project folder that are neither sources nor clutter, gathered by their first folder; of what the program is told of
    the sources too."""
    told = facts.program.told()
    patterns = patterns_of(ecosystem.name for ecosystem in compiled)
    groups: dict[str, bool] = {}
    for write in copied:
        source = posixpath.normpath(write.origin.removeprefix("context:").partition(" ")[0])
        for file in facts.view.below(source):
            path = posixpath.join(write.path, inside(file, source)) if write.tree else write.path
            if not below(path, kept.path):
                continue
            if not is_source(inside(path, kept.path), patterns):
                groups[inside(path, kept.path).split("/", 1)[0]] = True
            elif (given := next((one for one in told if below(path, one)), None)) is not None:
                groups[inside(given, kept.path) if below(given, kept.path) else "."] = True
    if len(groups) > _MOST_ASSETS:
        return None
    return [Kept(posixpath.normpath(posixpath.join(kept.path, name)), f"{name} is not compiled in: the program may read it") for name in groups]


def _self_contained(artifacts: Iterable[str], compiled: Iterable[Ecosystem], facts: Facts) -> bool:
    """A jar carries its libraries only where a build file says so, a distribution's folder always does; so does a binary."""
    for ecosystem in compiled:
        bundling = ecosystem.bundling
        scripts = {path for path in artifacts if facts.view.read(path) is not None}
        jars = [path for path in artifacts if bundling is not None and path not in scripts and _distribution(f"{path}/x", (ecosystem,)) != path]
        if bundling is None or not jars:
            continue
        texts = [content for path, content in facts.context.files.items() if content and posixpath.basename(path) in bundling.manifests]
        if not all(path.endswith(bundling.endings) for path in jars):
            return False
        if not any(mark in text for text in texts for mark in bundling.marks) or any(mark in text for text in texts for mark in bundling.against):
            return False
    return True


def _distribution(path: str, compiled: Iterable[Ecosystem]) -> str:
    """The folder above a program that holds it with everything it needs, where an ecosystem builds such; else the path itself."""
    patterns = [pattern.split("/") for ecosystem in compiled if ecosystem.bundling is not None for pattern in ecosystem.bundling.folders]
    parts = path.split("/")
    for end in range(len(parts) - 1, 0, -1):
        for pattern in patterns:
            tail = parts[max(0, end - len(pattern)) : end]
            if len(tail) == len(pattern) and all(fnmatchcase(part, one) for part, one in zip(tail, pattern, strict=True)):
                return "/".join(parts[:end])
    return path


def _covered(path: str, folders: Iterable[str]) -> bool:
    return any(below(path, folder) for folder in folders)
