"""RUNs of the author's head that the runtime stage needs too: all of one, or only the commands that set the image up."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace

from service.dockerfile.model import Instruction
from service.image import alternatives
from service.image.effects import Act, Layer, Phase, Write
from service.image.foldersmade import there_before
from service.image.history import below, touches
from service.image.image import Scope
from service.image.packagesources import only_sources, source_path
from service.image.removed import forced, gone_with_its_package
from service.image.runs import run_script
from service.image.sources import headers, patterns_of, stands_in
from service.image.toolchains import serves_idle
from service.knowledge.packagers import PACKAGERS
from service.refactoring.cut import IN_PLACE, Head, entangled, runs_again
from service.refactoring.facts import Facts
from service.refactoring.install import Untold, install_line, install_of
from service.refactoring.keep import COMPILED, CannotSlice, Kept
from service.refactoring.packages import Choice, chosen
from service.refactoring.runtime import Carried, Runtime, ensure
from service.shell.edit import keep_source
from service.shell.model import Command
from service.shell.values import words_with

_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_PINNED = re.compile("[=~<>]")
_EVERYWHERE = frozenset({"/", "/etc", "/usr", "/usr/local", "/usr/local/bin", "/var", "/opt", "/root", "/home", "/tmp", "/srv", "/usr/bin", "/bin"})
_TEMPORARY = ("/tmp/", "/var/tmp/")
_TOUCHING = frozenset({"chmod", "chown", "sed", "setcap", "dos2unix", "truncate"})
_OPERAND_FIRST = frozenset({"chmod", "chown", "chgrp"})
_ON_PATHS = _OPERAND_FIRST | {"mkdir", "ln", "rm", "rmdir", "touch"}
"""Commands whose operands are paths, of some behind a mode or an owner (GNU coreutils manual)."""
_MANAGERS = frozenset({"apt-get", "apt", "apk", "yum", "dnf", "microdnf", "zypper"})


def carry_run(
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
    again = [act for act in layer.acts if runs_again(act, layer.acts) and act.step != "ldconfig" and not _subsumed(act, kept, facts, runtime)]
    again = [act for act in again if not _of_the_build(act, index, head) and not _left_behind(act, index, head, runtime)]
    again = [act for act in again if not _scaffold(act, layer, head, facts) and not _serves_idle(act, facts)]
    again = [act for act in again if act.step != alternatives.STEP or not alternatives.idle(act, *_gone(head, facts, runtime))]
    again = [act for act in again if not only_sources(act) or _installs_later(act, index, head, facts, runtime)]
    again = [act for act in again if act.packages is None or not act.packages.upgrades or runtime.base.libc != "none"]
    packages = [act for act in again if act.phase is Phase.PACKAGES]
    others = [act for act in again if act.phase is not Phase.PACKAGES]
    removed = _removed_from(index, head)
    gone = [act for act in packages if act.packages is not None and act.packages.virtual in removed]
    choices = [choice for act in packages if act not in gone for choice in chosen(act, facts, runtime.base)]
    choices = [Choice(choice.name, (), f"the runtime base brings {choice.name}") if choice.name in provided else choice for choice in choices]
    runtime.dropped += (choice for choice in choices if choice.changed)
    kept_names = ((name, choice) for choice in choices if choice.name not in removed for name in choice.names if name not in removed)
    names = [name for name, choice in kept_names if not (choice.changed and name in runtime.installed)]
    unchanged = choices and not any(choice.changed or choice.name in removed for choice in choices)
    upgrades = any(act.packages is not None and act.packages.upgrades for act in packages)
    runtime.installed |= set(names)
    deleting = [act for act in layer.acts if id(act) in runtime.removals and _removes_there(act, index, layer, head, facts, runtime)]
    again, others = (sorted((*acts, *deleting), key=lambda act: act.index) for acts in (again, others))
    if not names and not others and not upgrades:
        return
    # Packages are installed from anywhere; a folder below /tmp would be made for them alone.
    passing = not others and facts.final.state.scopes[index].workdir.startswith(_TEMPORARY)
    ensure(index, head, facts, runtime, emitted, skip="WORKDIR" if passing else "")
    called = [*others, *(act for act in layer.acts if others and act.phase is Phase.FETCH)]
    runtime.programs |= {(act.words[0] or "").rsplit("/", 1)[-1] for act in called if act.words}
    runtime.runs += 1
    updated = not (names or upgrades) or any(
        act.step == "apt-get update" or (act.packages is not None and act.packages.manager != "apt") for act in layer.acts
    )
    doubtful = any(id(act) in runtime.removals and not _finds_it(act, facts, runtime) for act in others)
    if (unchanged or not choices) and updated and not doubtful and all(act in again or act.phase in (Phase.CHECK, Phase.CLEAN) for act in layer.acts):
        runtime.carried.append(Carried(index, _why_again(others, names), "repeated-run", item.text))
        return
    first = min((act.index for act in packages if act.packages is not None and (act.packages.installed or act.packages.upgrades)), default=-1)
    last = max((act.index for act in packages if act.packages is not None and (act.packages.installed or act.packages.upgrades)), default=-1)
    if (names or upgrades) and any(first < act.index < last for act in others):
        raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` installs packages before and after it sets up where they come from")
    before = [act for act in others if (names or upgrades) and act.index < first]
    after = [act for act in others if act not in before]
    # A repository's key and list come before the packages that need them.
    if before:
        _carry_commands(index, item, before, facts, runtime)
    if names or upgrades:
        _carry_packages(index, item, packages, choices, names, head, facts, runtime)
    if after:
        _carry_commands(index, item, after, facts, runtime)


def _gone(head: Head, facts: Facts, runtime: Runtime) -> tuple[tuple[Act, ...], frozenset[str]]:
    """All acts of the head, and the packages of theirs that the runtime stage does not get."""
    acts = tuple(act for _, run in head.runs for act in run.acts)
    choices = (choice for act in acts for choice in chosen(act, facts, runtime.base))
    return acts, frozenset(choice.name for choice in choices if choice.name not in choice.names)


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


def _left_behind(act: Act, index: int, head: Head, runtime: Runtime) -> bool:
    """Whether an act only changes files of the context that the build stage alone has: their COPY is not repeated."""
    if act.phase is not Phase.FILES or act.step not in _TOUCHING or not act.writes:
        return False
    repeated = {carried.index for carried in runtime.carried if carried.code == "repeated-copy"}
    lines = [(place, write.path) for place, item, layer in head.lines if place < index and layer is not None for write in _copied(item, layer)]
    there = [path for place, path in lines if place in repeated]
    gone = [path for place, path in lines if place not in repeated]
    # The folder that it runs in is there in any case.
    files = [write.path for write in act.writes if not below(act.cwd, write.path)]
    lost = all(any(below(path, one) for one in gone) and not any(touches(path, one) for one in there) for path in files)
    return lost and len(files) == len(act.writes)


def _copied(item: Instruction, layer: Layer) -> tuple[Write, ...]:
    return layer.writes if item.keyword in ("COPY", "ADD") else ()


def _carry_packages(
    index: int, item: Instruction, packages: list[Act], choices: list[Choice], names: list[str], head: Head, facts: Facts, runtime: Runtime
) -> None:
    words = [word for act in packages for word in act.words[1:] if word]
    if any(not word.startswith("-") and "/" in word and not word.startswith(("/", "http:", "https:")) for word in words):
        raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` installs packages of another release")
    pins = {_PINNED.split(word, maxsplit=1)[0]: word for act in packages for word in act.words if word and not word.startswith("-")}
    pins |= _as_written(item, packages, names, facts.final.state.scopes[index])
    change = packages[0].packages
    assert change is not None
    manager = next((act.packages.manager for act in packages if act.packages is not None and act.packages.installed), change.manager)
    if manager not in PACKAGERS:
        raise CannotSlice("packages-unreadable", f"packages of {manager} cannot be told apart")
    replaced = any(set(choice.names) - {choice.name} for choice in choices)
    if replaced and any(word.partition("=")[0] in PACKAGERS[manager].selecting for word in words):
        # Another release's libraries may have other names.
        raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` installs packages of another release")
    earlier = [act for place, run in head.runs if place < index for act in run.acts if act.step == PACKAGERS[manager].update]
    try:
        how = install_of(manager, packages, earlier[-1] if earlier else None, _by_sudo(index, item, packages, facts, runtime), _flags(item))
    except Untold as reason:
        raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` cannot be written again: {reason}") from reason
    how = replace(how, keeps=_deleted_by_hand(PACKAGERS[manager].left, head))
    listed = tuple(dict.fromkeys(pins.get(name, name) for name in names if pins.get(name, name)))
    needed = f"the program may need {', '.join(listed)}" if listed else "the author brings the base's packages up to date"
    because = "; ".join(choice.because for choice in choices if choice.because) or needed
    text = install_line(how, listed, facts.dockerfile.newline)
    runtime.carried.append(Carried(index, because, "runtime-packages", text, packages=listed, install=how))


def _deleted_by_hand(folder: str, head: Head) -> bool:
    """Whether a later line of the author's deletes what is in a folder, and fails where nothing is (`rm /var/cache/apk/*`)."""
    acts = (act for _, _, layer in head.tail if layer is not None for act in layer.acts)
    return any(act.step == "rm" and not forced(act) and any(below(path, folder) for path in act.deletes) for act in acts)


def _as_written(item: Instruction, acts: list[Act], names: list[str], scope: Scope) -> dict[str, str]:
    """By package, the author's own word for it where that names an ARG: whoever builds may give it another value. Of a word that stands for several
    (`$EXTRA`) the first has it, and the others nothing."""
    commands = run_script(item, scope).commands
    known = scope.variables()
    found: dict[str, str] = {}
    for word in (word for act in acts if act.index < len(commands) for word in commands[act.index].words[1:]):
        if not scope.args.keys() & set(_VARIABLE.findall(word.raw)):
            continue
        values = [_PINNED.split(value or "", maxsplit=1)[0] for value in words_with(word, known)]
        if not all(values) or 0 < len(set(values) & set(names)) < len(set(values)):
            raise CannotSlice("entangled-run", f"which packages are installed depends on what {word.raw[:40]} is at the build")
        found |= {**dict.fromkeys(values, ""), values[0]: word.raw}
    return found


def _flags(item: Instruction) -> tuple[str, ...]:
    """What a RUN is given besides its command: secrets, files and the network; caches are of no use to a line that leaves nothing to cache."""
    return tuple(f"--{flag.name}={flag.value}" for flag in item.flags if flag.value and not (flag.name == "mount" and "type=cache" in flag.value))


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


def _removes_there(act: Act, index: int, layer: Layer, head: Head, facts: Facts, runtime: Runtime) -> bool:
    """Whether what an act deletes of the base or of a package can lie in the runtime stage: not a toolchain that only the old base has, and no
    list of repositories where nothing is installed."""
    old, paths = facts.final.state.base, runtime.removals[id(act)]
    if sum(other.index == act.index for other in layer.acts) > 1:
        # Of a script: all of it runs again, or none.
        return False
    if all(source_path(path) for path in paths):
        return _installs_later(act, index, head, facts, runtime)
    dropped = [choice.name for choice in runtime.dropped if choice.name not in choice.names]
    paths = tuple(path for path in paths if not gone_with_its_package(path, dropped, runtime.installed, runtime.base))
    gone = old.toolchain if runtime.base.reference != old.reference else ()
    return runtime.base.libc != "none" and not all(any(below(path, folder) for folder in gone) for path in paths)


def _finds_it(act: Act, facts: Facts, runtime: Runtime) -> bool:
    """Whether a deletion succeeds in the runtime stage as it stands: it does not mind, or all that may hold the path is there again."""
    return forced(act) or (runtime.base.reference == facts.final.state.base.reference and not runtime.dropped)


def _delete(command: Command, act: Act, paths: tuple[str, ...]) -> str:
    """The author's command with -f, for what it deletes of the base and its packages: a package that would hold a path may not be there."""
    words = [word.raw for word in command.words[1:]]
    if command.name != "rm" or any(mark in word for word in words for mark in "$`\\\n"):
        raise CannotSlice("entangled-run", f"`{command.name}` deletes what may not be there")
    options = [word for word in words if word.startswith("-")]
    named = [word for word in words if not word.startswith("-") and _place(word, act.cwd) in paths]
    return " ".join(("rm", *(options if forced(act) else ("-f", *options)), *(named or (word for word in words if word not in options))))


def _place(word: str, cwd: str) -> str:
    """The path that a word names; of a pattern for all that lies in a folder, the folder."""
    return posixpath.normpath(posixpath.join(cwd, word.strip("'\"").removesuffix("/*")))


def _carry_commands(index: int, item: Instruction, acts: list[Act], facts: Facts, runtime: Runtime) -> None:
    """Only the commands that run again, cut out of their chain with the author's layout."""
    deleting = [act for act in acts if id(act) in runtime.removals]
    doubtful = [act for act in deleting if not _finds_it(act, facts, runtime)]
    mixed = any(set(act.deletes) - set(runtime.removals[id(act)]) for act in deleting)
    if doubtful or (mixed and len(deleting) == len(acts)):
        if len(deleting) < len(acts):
            raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` deletes what may not be there, and more")
        because = "what the author deletes of the base or its packages is not to come back"
        commands = run_script(item, facts.final.state.scopes[index]).commands
        again = "RUN " + " && ".join(_delete(commands[act.index], act, runtime.removals[id(act)]) for act in acts)
        runtime.carried.append(Carried(index, because, "repeated-run", again))
        return
    scope = facts.final.state.scopes[index]
    script = run_script(item, scope)
    if item.heredocs or item.json is not None:
        raise CannotSlice("entangled-run", "a RUN builds and sets up the system in one heredoc")
    if any(act.cwd != scope.workdir and act.cwd not in _EVERYWHERE and not _from_anywhere(act) for act in acts):
        raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` sets up the system from a folder that only the build stage has")
    text = keep_source(item.text, item.offsets, script, {act.index for act in acts}, all(map(_from_anywhere, acts)))
    if text is None:
        raise CannotSlice("entangled-run", f"`{item.rest[:60].strip()}` builds and sets up the system in one command that cannot be taken apart")
    runtime.carried.append(Carried(index, _why_again(acts, []), "repeated-run", text))


def _from_anywhere(act: Act) -> bool:
    """Whether an act is the same from any folder: it makes users, or names all its paths from the root."""
    operands = [word for word in act.words[1:] if word is None or not word.startswith("-")]
    named = operands[1:] if act.step in _OPERAND_FIRST else operands
    return bool(act.users) or (act.step in _ON_PATHS and all(word is not None and word.startswith("/") for word in named))


def _why_again(acts: list[Act], names: list[str]) -> str:
    done = sorted({act.step for act in acts if act.step})
    if names and not done:
        return f"the program may need {', '.join(names[:6])}"
    if not done:
        return "what it does to the base's packages belongs to the image that ships"
    return f"`{'`, `'.join(done[:4])}` set up the image that ships"


def _subsumed(act: Act, kept: tuple[Kept, ...], facts: Facts, runtime: Runtime) -> bool:
    """Whether an act only changes paths that are copied as they are; a chown of such a path becomes the copy's owner."""
    if act.phase is not Phase.FILES or act.step not in IN_PLACE or not act.writes:
        return False
    if all(write.path.startswith(("/tmp/", "/var/tmp/")) for write in act.writes):
        return True
    inside = [any(write.path == other.path or write.path.startswith(other.path.rstrip("/") + "/") for other in kept) for write in act.writes]
    if act.step == "chown" and _recursive(act):
        _own(act, kept, facts, runtime)
    return all(inside)


def _serves_idle(act: Act, facts: Facts) -> bool:
    """Whether an act only makes packages available that the runtime stage does without (NodeSource's list, where Node only served the build)."""
    return serves_idle(act.step, facts.image, facts.program, facts.view)


def _scaffold(act: Act, layer: Layer, head: Head, facts: Facts) -> bool:
    """Whether an act only makes what the build needs: gone again at the end of the same RUN, a folder to build in, or a stand-in for sources."""
    if act.phase is not Phase.FILES or not act.writes:
        return False
    gone = [path for later in layer.acts if later.index > act.index for path in later.deletes]
    if all(any(below(write.path, path) for path in gone) or headers(write.path) for write in act.writes):
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


def _own(act: Act, kept: tuple[Kept, ...], facts: Facts, runtime: Runtime) -> None:
    owner = next((word for word in act.words[1:] if word is not None and not word.startswith("-")), None)
    if owner is None or (act.words[0] or "").endswith("chgrp"):
        return
    for other in kept:
        reached = any(other.path == write.path or other.path.startswith(write.path.rstrip("/") + "/") for write in act.writes)
        if reached and there_before(other.path, act, facts.image, facts.view):
            runtime.owners[other.path] = owner.rstrip(":") if not owner.endswith(":") else f"{owner.rstrip(':')}:{owner.rstrip(':')}"
