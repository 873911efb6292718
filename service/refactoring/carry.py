"""The lines of the runtime stage that come from the author's own head: state, metadata, packages, users, files from the context."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from service.dockerfile.arguments import pairs
from service.dockerfile.model import Instruction
from service.dockerfile.patterns import glob_matches
from service.ecosystems import ECOSYSTEMS
from service.image.effects import Act, Kind, Layer, Phase
from service.image.history import below
from service.image.image import Scope
from service.image.model import BaseImage
from service.image.packagesources import only_sources
from service.image.runs import run_script
from service.image.sources import patterns_of, stands_in
from service.image.toolchains import serves_idle
from service.knowledge.variants import own_libraries
from service.refactoring.cut import IN_PLACE, METADATA, STATE, Head, entangled, runs_again
from service.refactoring.facts import Facts
from service.refactoring.keep import COMPILED, CannotSlice, Kept
from service.refactoring.packages import Choice, chosen, install_line
from service.shell.edit import keep_source

_READ_AGAIN = frozenset({"node", "bun", "deno"})
"""Ecosystems whose programs read their manifest when they run."""
_EVERYWHERE = frozenset({"/", "/etc", "/usr", "/usr/local", "/usr/local/bin", "/var", "/opt", "/root", "/home", "/tmp", "/srv", "/usr/bin", "/bin"})
_FOLDED = ("SHELL", "USER", "WORKDIR")
_PLAIN = re.compile(r"[A-Za-z0-9@_./+-]+")
_TOUCHING = frozenset({"chmod", "chown", "sed", "setcap", "dos2unix", "truncate"})


_OF_PACKAGES = ("/etc/", "/usr/share/", "/var/www/", "/var/lib/")
_KEPT_BY_APT = ("/etc/apt/", "/var/lib/apt/", "/var/lib/dpkg/", "/usr/share/doc", "/usr/share/man", "/usr/share/info", "/usr/share/locale")

_MANAGERS = frozenset({"apt-get", "apt", "apk", "yum", "dnf", "microdnf", "zypper"})


@dataclass(frozen=True, slots=True)
class Carried:
    """A line of the runtime stage. `index` is the author's line (in the stage) that it comes from; `move` says that it leaves the build stage;
    else `text` is a new or repeated instruction. A line that installs names its `packages`, their `manager`, and whether with Recommends."""

    index: int
    because: str
    code: str
    text: str = ""
    move: bool = False
    packages: tuple[str, ...] = ()
    manager: str = ""
    recommends: bool = False


@dataclass(slots=True)
class Runtime:
    """What the runtime stage is made of. `owners` maps a kept path to its `user:group`; `programs` are called and `installed` are packages
    of the repeated lines; `runs` counts them. `late` lines follow the copies."""

    base: BaseImage
    carried: list[Carried] = field(default_factory=list)
    dropped: list[Choice] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    programs: set[str] = field(default_factory=set)
    installed: set[str] = field(default_factory=set)
    late: list[Carried] = field(default_factory=list)
    runs: int = 0


def carry(head: Head, facts: Facts, kept: tuple[Kept, ...], whole: tuple[Kept, ...], provided: frozenset[str], new: BaseImage) -> Runtime:
    """Walks the head once, in the author's order. `provided` are packages that the new base brings itself."""
    runtime = Runtime(new)
    emitted: dict[str, Instruction] = {}
    for index, item, layer in head.lines:
        if item.keyword in METADATA:
            runtime.carried.append(Carried(index, f"{item.keyword} describes the image that ships, not the build", "moved-metadata", move=True))
        elif item.keyword == "ENV":
            _carry_env(index, item, head, facts, runtime)
        elif item.keyword in ("COPY", "ADD") and layer is not None:
            if _needed_copy(layer, head, facts, whole):
                _ensure(index, head, facts, runtime, emitted)
                runtime.carried.append(
                    Carried(index, f"the program needs {layer.writes[0].path}, which no build step changes", "repeated-copy", item.text)
                )
        elif item.keyword == "RUN" and layer is not None:
            _carry_run(index, item, layer, head, facts, kept, provided, runtime, emitted)
    _ensure(head.cut + 1, head, facts, runtime, emitted, skip="WORKDIR" if _tail_moves_on(head) else "")
    _carry_arguments(head, facts, runtime)
    _owned_first(runtime, facts)
    _find_libraries(head, facts, kept, runtime)
    _link_again(head, runtime)
    return runtime


def _tail_moves_on(head: Head) -> bool:
    """Whether the tail sets its own folder before anything happens in the one it starts with."""
    for _, item, _ in head.tail:
        if item.keyword == "WORKDIR":
            return item.rest.strip().startswith("/")
        if item.keyword in ("RUN", "COPY", "ADD"):
            return False
    return False


def _owned_first(runtime: Runtime, facts: Facts) -> None:
    """A COPY leaves the owner of a folder that is there already: a WORKDIR that would make an owned folder comes after the copy."""
    for place in range(len(runtime.carried) - 1, -1, -1):
        carried = runtime.carried[place]
        if not carried.text.lstrip().upper().startswith("WORKDIR"):
            continue
        folder = _folder_after(carried.index, facts)
        if any(folder == path or folder.startswith(path.rstrip("/") + "/") for path in runtime.owners):
            runtime.late.insert(0, runtime.carried.pop(place))


def _link_again(head: Head, runtime: Runtime) -> None:
    """Links that a build made, behind the copies: a COPY of a link would bring what it points to."""
    for index, layer in head.runs:
        for act in layer.acts:
            links = [write for write in act.writes if write.link and act.step not in IN_PLACE]
            if not links:
                continue
            if not all(_PLAIN.fullmatch(one.path + one.link) for one in links):
                raise CannotSlice("entangled-run", f"`{act.step}` makes links whose names cannot be written again")
            text = "RUN " + " && ".join(f"ln -s {one.link} {one.path}" for one in links)
            runtime.late.append(Carried(index, f"`{act.step}` makes links, and a copy would follow them", "repeated-links", text))
            runtime.runs += 1


def _find_libraries(head: Head, facts: Facts, kept: tuple[Kept, ...], runtime: Runtime) -> None:
    """ldconfig after the copies: the loader finds a library outside of the system's folders only through its cache, which the author's line, or a
    later install of packages, wrote in the build stage (ldconfig(8))."""
    acts = [act for _, layer in head.runs for act in layer.acts]
    last = max((place for place, act in enumerate(acts) if act.step == "ldconfig"), default=-1)
    foreign = runtime.base.family != facts.final.state.base.family and own_libraries(facts.final.state.base)[0]
    libraries = any(_overlap(one.path, folder) for one in kept for folder in ("/usr/local/lib", "/usr/local/lib64"))
    installing = (place for place, act in enumerate(acts) if act.phase is Phase.BUILD and any(w.path.startswith("/usr/local") for w in act.writes))
    built = next(installing, None)
    by_packages = libraries and built is not None and any(act.phase is Phase.PACKAGES for act in acts[built:])
    if (last < 0 and not by_packages and not foreign) or not kept or (last < 0 and runtime.base.libc != "glibc"):
        return
    scopes = facts.final.state.scopes
    user = scopes[head.cut + 1].user if head.cut + 1 < len(scopes) else facts.image.config.user
    if user.partition(":")[0] not in ("", "root", "0"):
        raise CannotSlice("entangled-run", f"`ldconfig` must run again as root, and {user} is the user by then")
    words = acts[last].words if last >= 0 else ()
    plain = [word for word in words[1:] if word is not None and re.fullmatch(r"[\w./+-]+", word)]
    text = " ".join(("RUN ldconfig", *plain)) if len(plain) == len(words[1:]) else "RUN ldconfig"
    runtime.runs += 1
    runtime.late.append(Carried(head.cut, "libraries that are copied are found through ldconfig's cache", "repeated-run", text))


# --- state


def _ensure(index: int, head: Head, facts: Facts, runtime: Runtime, emitted: dict[str, Instruction], skip: str = "") -> None:
    """SHELL, USER and WORKDIR as they stand before a line, repeated in the author's order where the runtime stage does not have them yet."""
    latest: dict[str, tuple[int, Instruction]] = {}
    for position, item, _ in head.lines:
        if position >= index:
            break
        if item.keyword in _FOLDED:
            latest[item.keyword] = (position, item)
    for position, item in sorted(latest.values(), key=lambda found: found[0]):
        if emitted.get(item.keyword) is item or item.keyword == skip:
            continue
        emitted[item.keyword] = item
        text = item.text
        if item.keyword == "WORKDIR" and not item.rest.strip().startswith(("/", "$")):
            text = f"{item.word} {_folder_after(position, facts)}"
        runtime.carried.append(Carried(position, f"{item.keyword} belongs to the image that ships", "repeated-state", text))


def _folder_after(position: int, facts: Facts) -> str:
    scopes = facts.final.state.scopes
    return scopes[position + 1].workdir if position + 1 < len(scopes) else facts.image.config.workdir


def _carry_env(index: int, item: Instruction, head: Head, facts: Facts, runtime: Runtime) -> None:
    names = [name for name, _ in pairs(item)]
    # What the runtime base sets itself would be another value there, not none.
    own = any(runtime.base.config.env_value(name) is not None for name in names)
    if not own and all(build_only(name, head, facts) for name in names) and not any(_used_later(name, head) for name in names):
        return
    runtime.carried.append(Carried(index, "ENV belongs to the image that ships", "repeated-state", _with_equals(item)))


def _with_equals(item: Instruction) -> str:
    """A line of `ENV name value` as `ENV name=value`, since BuildKit warns of every one (build check LegacyKeyValueFormat); as it is where the value
    would have to be quoted anew."""
    name, value = (item.rest.split(None, 1) + [""])[:2]
    value = value.strip()
    spaced = len(value.split()) > 1
    quoted = value[:1] in ("'", '"') and value.find(value[0], 1) == len(value) - 1 and "\\" not in value
    if "=" in name or not value or "\n" in item.text.strip() or (spaced and not quoted and any(mark in value for mark in "\"'\\`")):
        return item.text
    return f'{item.word} {name}="{value}"' if spaced and not quoted else f"{item.word} {name}={value}"


def build_only(name: str, head: Head, facts: Facts) -> bool:
    """Whether only tools read an ENV, none of which the program is: their ecosystem built something and does not run it."""
    used = {act.ecosystem for _, layer in head.runs for act in layer.acts if act.phase in (Phase.INSTALL, Phase.BUILD)}
    for ecosystem in ECOSYSTEMS:
        if (
            ecosystem.name in used
            and not facts.program.names & frozenset(ecosystem.interpreters)
            and any(glob_matches(p, name) for p in ecosystem.build_env)
        ):
            return not any(f"${name}" in text or f"${{{name}" in text for text in facts.program.texts)
    return False


def _used_later(name: str, head: Head) -> bool:
    lines = [item for _, item, _ in head.tail] + [item for _, item, _ in head.lines if item.keyword in METADATA]
    return any(_mentions(item.text, name) for item in lines)


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"\$\{{?{re.escape(name)}(?![A-Za-z0-9_])", text) is not None


def _carry_arguments(head: Head, facts: Facts, runtime: Runtime) -> None:
    """The ARGs that a line of the runtime stage uses, in front of their first use."""
    lines = list(head.lines)
    texts = [(carried.index, carried.text or {i: item.text for i, item, _ in lines}[carried.index]) for carried in runtime.carried]
    texts += [(index, item.text + "".join(heredoc.content for heredoc in item.heredocs)) for index, item, _ in head.tail]
    for index, item, _ in reversed(lines):
        if item.keyword != "ARG":
            continue
        names = [word.partition("=")[0] for word in item.rest.split()]
        if any(_mentions(text, name) for name in names for used, text in texts):
            position = next((place for place, carried in enumerate(runtime.carried) if carried.index > index), len(runtime.carried))
            runtime.carried.insert(
                position, Carried(index, f"the runtime stage uses ${names[0]}; each stage declares its own", "repeated-argument", item.text)
            )
            texts.append((index, item.text))


# --- files from the context


def _needed_copy(layer: Layer, head: Head, facts: Facts, whole: tuple[Kept, ...]) -> bool:
    """Whether a COPY of the head must be repeated: not what a build step touches, installs from, or a later COPY brings anyway."""
    paths = [write.path for write in layer.writes if write.kind is not Kind.TEMPORARY and not write.path.startswith(("/tmp/", "/var/tmp/"))]
    if not paths or any(_overlap(path, kept.path) for path in paths for kept in whole) or _only_compiled(paths, head):
        return False
    sources = {write.origin.removeprefix("context:").partition(" ")[0] for write in layer.writes}
    manifests = {path for _, run in head.runs for install in run.installs for path in install.manifests if install.ecosystem not in _READ_AGAIN}
    if sources <= manifests:
        return False
    return not all(_covered_later(write.path, write.origin, head) for write in layer.writes)


def _only_compiled(paths: list[str], head: Head) -> bool:
    """Whether the paths lie where a compiler ran, in a folder that the program does not run in (else it would be kept)."""
    folders = [act.cwd for _, run in head.runs for act in run.acts if act.phase is Phase.BUILD and act.ecosystem in COMPILED and act.cwd != "/"]
    return all(any(_overlap(path, folder) for folder in folders) for path in paths)


def _covered_later(path: str, origin: str, head: Head) -> bool:
    """A COPY in the tail brings the same context path to the same place."""
    source = origin.removeprefix("context:").partition(" ")[0]
    for _, _, layer in head.tail:
        for write in layer.writes if layer is not None else ():
            if write.kind is Kind.CONTEXT and write.tree:
                folder = write.origin.removeprefix("context:").partition(" ")[0]
                inside = source if folder == "." else posixpath.relpath(source, folder)
                if not inside.startswith("..") and posixpath.normpath(posixpath.join(write.path, inside)) == path:
                    return True
    return False


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(other.rstrip("/") + "/") or other.startswith(one.rstrip("/") + "/")


# --- RUN


def _carry_run(
    index: int,
    item: Instruction,
    layer: Layer,
    head: Head,
    facts: Facts,
    kept: tuple[Kept, ...],
    provided: frozenset[str],
    runtime: Runtime,
    emitted: dict[str, Instruction],
) -> None:
    if entangled(layer.acts):
        raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` runs a script that builds and sets up the system")
    again = [act for act in layer.acts if runs_again(act, layer.acts) and act.step != "ldconfig" and not _subsumed(act, kept, runtime)]
    again = [act for act in again if not _of_the_build(act, index, head) and not _scaffold(act, layer, head, facts) and not _serves_idle(act, facts)]
    again = [act for act in again if not only_sources(act) or _installs_later(act, index, head, facts, runtime)]
    packages = [act for act in again if act.phase is Phase.PACKAGES]
    others = [act for act in again if act.phase is not Phase.PACKAGES]
    removed = _removed_from(index, head)
    gone = [act for act in packages if act.packages is not None and act.packages.virtual in removed]
    choices = [choice for act in packages if act not in gone for choice in chosen(act, facts, runtime.base)]
    choices = [Choice(choice.name, (), f"the runtime base brings {choice.name}") if choice.name in provided else choice for choice in choices]
    runtime.dropped += (choice for choice in choices if choice.changed)
    names = [name for choice in choices if choice.name not in removed for name in choice.names if name not in removed]
    unchanged = choices and not any(choice.changed or choice.name in removed for choice in choices)
    runtime.installed |= set(names)
    cleared = _cleared(layer, head, runtime)
    if not names and not others and not cleared:
        return
    _ensure(index, head, facts, runtime, emitted)
    called = [*others, *(act for act in layer.acts if others and act.phase is Phase.FETCH)]
    runtime.programs |= {(act.words[0] or "").rsplit("/", 1)[-1] for act in called if act.words}
    runtime.runs += 1
    updated = not names or any(act.step == "apt-get update" or (act.packages is not None and act.packages.manager != "apt") for act in layer.acts)
    if (unchanged or not choices) and updated and all(act in again or act.phase in (Phase.CHECK, Phase.CLEAN) for act in layer.acts):
        runtime.carried.append(Carried(index, _why_again(others, names), "repeated-run", item.text))
        return
    first = min((act.index for act in packages if act.packages is not None and act.packages.installed), default=-1)
    last = max((act.index for act in packages if act.packages is not None and act.packages.installed), default=-1)
    if names and any(first < act.index < last for act in others):
        raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` installs packages before and after it sets up where they come from")
    before = [act for act in others if names and act.index < first]
    after = [act for act in others if act not in before]
    # A repository's key and list come before the packages that need them.
    if before:
        _carry_commands(index, item, before, facts, runtime)
    if names:
        _carry_packages(index, item, packages, choices, names, facts, runtime)
    if after:
        _carry_commands(index, item, after, facts, runtime)
    if cleared:
        because = f"{cleared[0]} came with a package that the image keeps, and the author removes it"
        removing = [word or "" for act in layer.acts if act.step == "rm" for word in act.words[1:]]
        flag = "-rf" if any(word.startswith("-") and "r" in word.lower() for word in removing) else "-f"
        runtime.carried.append(Carried(index, because, "repeated-run", f"RUN rm {flag} {' '.join(cleared)}"))


def _cleared(layer: Layer, head: Head, runtime: Runtime) -> tuple[str, ...]:
    """The files of packages that stay which the author removes (nginx's default site): the new stage's packages bring them again."""
    removed = (path for act in layer.acts if act.phase is Phase.CLEAN for path in act.deletes)
    gone = [path for path in removed if path.startswith(_OF_PACKAGES) and _PLAIN.fullmatch(path)]
    written = [write.path for _, _, made in head.lines if made is not None for write in made.writes if gone]
    stems = {re.split(r"[-.0-9]", name, maxsplit=1)[0] for name in runtime.installed}
    return tuple(
        path
        for path in dict.fromkeys(gone)
        if stems & set(re.split(r"[/.-]", path)) and not any(below(other, path) for other in written) and not path.startswith(_KEPT_BY_APT)
    )


def _installs_later(act: Act, index: int, head: Head, facts: Facts, runtime: Runtime) -> bool:
    """Whether the runtime stage installs packages behind an act, for which it says where they come from."""
    later = [one for place, run in head.runs for one in run.acts if place > index or (place == index and one.index > act.index)]
    kept = any(choice.names for one in later if one.phase is Phase.PACKAGES for choice in chosen(one, facts, runtime.base))
    return kept or any(layer.packages for _, _, layer in head.tail if layer is not None)


def _removed_from(index: int, head: Head) -> frozenset[str]:
    """Packages and apk groups that the author removes in a line or a later one: they are not there in the end."""
    later = (act for place, run in head.runs if place >= index for act in run.acts)
    return frozenset(name for act in later if act.packages is not None for name in act.packages.removed)


def _of_the_build(act: Act, index: int, head: Head) -> bool:
    """Whether an act only changes the mode, owner or text of what the build stage made or fetched itself: a download is not there to be made
    executable in the runtime stage."""
    if act.phase is not Phase.FILES or act.step not in _TOUCHING or not act.writes:
        return False
    earlier = ((one, run.acts) for place, run in head.runs if place <= index for one in run.acts if (place < index or one.index < act.index))
    made = {write.path for one, acts in earlier if not runs_again(one, acts) for write in one.writes if not write.tree}
    return all(write.path in made for write in act.writes)


def _carry_packages(
    index: int, item: Instruction, packages: list[Act], choices: list[Choice], names: list[str], facts: Facts, runtime: Runtime
) -> None:
    words = [word for act in packages for word in act.words[1:] if word]
    if any(word in ("-t", "--target-release") or (not word.startswith("-") and "/" in word and not word.startswith("/")) for word in words):
        raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` installs packages of another release")
    pins = {word.partition("=")[0]: word for act in packages for word in act.words if word and "=" in word and not word.startswith("-")}
    change = packages[0].packages
    assert change is not None
    manager = next((act.packages.manager for act in packages if act.packages is not None and act.packages.installed), change.manager)
    if manager not in ("apt", "apk"):
        raise CannotSlice("packages-unreadable", f"packages of {manager} cannot be told apart")
    recommends = any(act.packages.recommends for act in packages if act.packages is not None)
    listed = tuple(dict.fromkeys(pins.get(name, name) for name in names))
    because = "; ".join(choice.because for choice in choices if choice.because) or f"the program may need {', '.join(listed)}"
    text = install_line(manager, listed, recommends, facts.dockerfile.newline, _by_sudo(index, item, packages, facts, runtime))
    runtime.carried.append(Carried(index, because, "runtime-packages", text, packages=listed, manager=manager, recommends=recommends))


def installs_as_root(item: Instruction, scope: Scope) -> bool:
    """Whether a RUN installs packages without sudo, which only root can."""
    return any(command.name in _MANAGERS and "sudo" not in command.wrappers for command in run_script(item, scope).commands)


def _by_sudo(index: int, item: Instruction, packages: list[Act], facts: Facts, runtime: Runtime) -> bool:
    """Whether the runtime stage has to install through `sudo` as the author does: the base has it, and its user may not be root."""
    scope, base = facts.final.state.scopes[index], facts.final.state.base
    commands = run_script(item, scope).commands
    asked = {act.index for act in packages}
    if not any("sudo" in command.wrappers for place, command in enumerate(commands) if place in asked):
        return False
    if runtime.base.reference == base.reference and (base.packages is None or "sudo" in base.packages):
        return True
    if scope.user.partition(":")[0] not in ("", "root", "0"):
        raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` installs packages through sudo for {scope.user}")
    return False


def _carry_commands(index: int, item: Instruction, acts: list[Act], facts: Facts, runtime: Runtime) -> None:
    """Only the commands that run again, cut out of their chain with the author's layout."""
    scope = facts.final.state.scopes[index]
    script = run_script(item, scope)
    if item.heredocs or item.json is not None:
        raise CannotSlice("entangled-run", "a RUN builds and sets up the system in one heredoc")
    if any(act.cwd != scope.workdir and act.cwd not in _EVERYWHERE for act in acts):
        raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` sets up the system from a folder that only the build stage has")
    text = keep_source(item.text, item.offsets, script, {act.index for act in acts})
    if text is None:
        raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` builds and sets up the system in one command that cannot be taken apart")
    runtime.carried.append(Carried(index, _why_again(acts, []), "repeated-run", text))


def _why_again(acts: list[Act], names: list[str]) -> str:
    done = sorted({act.step for act in acts if act.step})
    if names and not done:
        return f"the program may need {', '.join(names[:6])}"
    return f"`{'`, `'.join(done[:4])}` set up the image that ships"


def _subsumed(act: Act, kept: tuple[Kept, ...], runtime: Runtime) -> bool:
    """Whether an act only changes paths that are copied as they are; a chown of such a path becomes the copy's owner."""
    if act.phase is not Phase.FILES or act.step not in IN_PLACE or not act.writes:
        return False
    if all(write.path.startswith(("/tmp/", "/var/tmp/")) for write in act.writes):
        return True
    inside = [any(write.path == other.path or write.path.startswith(other.path.rstrip("/") + "/") for other in kept) for write in act.writes]
    if act.step == "chown" and _recursive(act):
        _own(act, kept, runtime)
    return all(inside)


def _serves_idle(act: Act, facts: Facts) -> bool:
    """Whether an act only makes packages available that the runtime stage does without (NodeSource's list, where Node only served the build)."""
    return serves_idle(act.step, facts.image, facts.program, facts.view)


def _scaffold(act: Act, layer: Layer, head: Head, facts: Facts) -> bool:
    """Whether an act only makes what the build needs: gone again at the end of the same RUN, a folder to build in, or a stand-in for sources."""
    if act.phase is not Phase.FILES or not act.writes:
        return False
    gone = [path for later in layer.acts if later.index > act.index for path in later.deletes]
    if all(any(below(write.path, path) for path in gone) for write in act.writes):
        return True
    builds = [other for _, run in head.runs for other in run.acts if other.phase is Phase.BUILD and other.ecosystem in COMPILED]
    if act.step in ("mkdir", "install -d") and all(any(write.path == other.cwd != "/" for other in builds) for write in act.writes):
        return not any(below(path, write.path) for write in act.writes for path in _places(facts))
    projects = [other.cwd for other in builds if other.cwd != "/" and all(below(write.path, other.cwd) for write in act.writes)]
    if not projects:
        return False
    writes = [write for _, _, made in head.lines if made is not None for write in made.writes]
    patterns = patterns_of(other.ecosystem for other in builds)
    return all(stands_in(write.path, writes, facts.view, max(projects, key=len), patterns) for write in act.writes)


def _places(facts: Facts) -> tuple[str, ...]:
    """Where the program runs, and what it names."""
    return (facts.image.config.workdir, *(call.cwd for call in facts.program.calls), *facts.program.paths())


def _recursive(act: Act) -> bool:
    return any(word is not None and word.startswith("-") and not word.startswith("--") and "R" in word or word == "--recursive" for word in act.words)


def _own(act: Act, kept: tuple[Kept, ...], runtime: Runtime) -> None:
    owner = next((word for word in act.words[1:] if word is not None and not word.startswith("-")), None)
    if owner is None or (act.words[0] or "").endswith("chgrp"):
        return
    for other in kept:
        if any(other.path == write.path or other.path.startswith(write.path.rstrip("/") + "/") for write in act.writes):
            runtime.owners[other.path] = owner.rstrip(":") if not owner.endswith(":") else f"{owner.rstrip(':')}:{owner.rstrip(':')}"


def states(head: Head) -> Iterator[Instruction]:
    """The head's state instructions, for tests and remarks."""
    return (item for _, item, _ in head.lines if item.keyword in STATE)
