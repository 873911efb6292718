"""The lines of the runtime stage that come from the author's own head: state, metadata, packages, users, files from the context."""

from __future__ import annotations

import posixpath
import re

from service.dockerfile.arguments import pairs
from service.dockerfile.model import Instruction
from service.dockerfile.patterns import glob_matches
from service.ecosystems import ECOSYSTEMS
from service.image.effects import Kind, Layer, Phase
from service.image.history import below
from service.image.launchers import idle_tools
from service.image.linking import features
from service.image.model import BaseImage
from service.image.removed import from_the_system
from service.image.sources import is_source, named_as_source, patterns_of
from service.image.toolchains import runs_on
from service.knowledge.packagers import ENVIRONMENT
from service.knowledge.variants import own_libraries
from service.refactoring.cut import IN_PLACE, METADATA, Head
from service.refactoring.facts import Facts
from service.refactoring.folders import carry_changes, give_to_makers
from service.refactoring.keep import COMPILED, CannotSlice, Kept
from service.refactoring.rerun import carry_run
from service.refactoring.runtime import Carried, Runtime, ensure, folder_after

_READ_AGAIN = frozenset({"node", "bun", "deno"})
"""Ecosystems whose programs read their manifest when they run."""
_PLAIN = re.compile(r"[A-Za-z0-9@_./+-]+")


def carry(head: Head, facts: Facts, kept: tuple[Kept, ...], whole: tuple[Kept, ...], provided: frozenset[str], new: BaseImage) -> Runtime:
    """Walks the head once, in the author's order. `provided` are packages that the new base brings itself."""
    runtime = Runtime(new, removals=from_the_system(facts.image))
    emitted: dict[str, Instruction] = {}
    idle = _left_behind(head, facts, new)
    for index, item, layer in head.lines:
        if item.keyword in METADATA:
            runtime.carried.append(Carried(index, f"{item.keyword} describes the image that ships, not the build", "moved-metadata", move=True))
        elif item.keyword == "ENV" and index not in idle:
            runtime.carried.append(Carried(index, "ENV belongs to the image that ships", "repeated-state", _with_equals(item)))
        elif item.keyword in ("COPY", "ADD") and layer is not None:
            if _needed_copy(layer, head, facts, whole) and not _deleted_later(index, layer, head):
                ensure(index, head, facts, runtime, emitted)
                runtime.carried.append(
                    Carried(index, f"the program needs {layer.writes[0].path}, which no build step changes", "repeated-copy", item.text)
                )
        elif item.keyword == "RUN" and layer is not None:
            carry_run(index, item, layer, head, facts, kept, provided, runtime, emitted)
            carry_changes(index, item, layer, head, facts, kept, runtime, emitted)
    ensure(head.cut + 1, head, facts, runtime, emitted, skip="WORKDIR" if _tail_moves_on(head) else "")
    _carry_arguments(head, facts, runtime)
    give_to_makers(kept, facts, runtime)
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
        folder = folder_after(carried.index, facts)
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
    foreign = runtime.base.family != facts.final.state.base.family and own_libraries(facts.final.state.base, features(acts, facts.view))[0]
    libraries = any(_overlap(one.path, folder) for one in kept for folder in ("/usr/local/lib", "/usr/local/lib64"))
    installing = [place for place, act in enumerate(acts) if act.phase is Phase.BUILD and any(w.path.startswith("/usr/local") for w in act.writes)]
    by_packages = libraries and bool(installing) and any(act.phase is Phase.PACKAGES for act in acts[installing[0] :])
    certain = last >= 0 or by_packages or foreign
    # A project's `make install` may call ldconfig itself.
    by_install = libraries and any(acts[place].ecosystem in COMPILED for place in installing) and not _on_library_path(facts)
    if not kept or not (certain or by_install) or (last < 0 and runtime.base.libc != "glibc"):
        return
    scopes = facts.final.state.scopes
    user = scopes[head.cut + 1].user if head.cut + 1 < len(scopes) else facts.image.config.user
    if user.partition(":")[0] not in ("", "root", "0"):
        if not certain:
            return
        raise CannotSlice("entangled-run", f"`ldconfig` must run again as root, and {user} is the user by then")
    words = acts[last].words if last >= 0 else ()
    plain = [word for word in words[1:] if word is not None and re.fullmatch(r"[\w./+-]+", word)]
    text = " ".join(("RUN ldconfig", *plain)) if len(plain) == len(words[1:]) else "RUN ldconfig"
    runtime.runs += 1
    runtime.late.append(Carried(head.cut, "libraries that are copied are found through ldconfig's cache", "repeated-run", text))


def _on_library_path(facts: Facts) -> bool:
    """Whether LD_LIBRARY_PATH leads the loader to what was installed."""
    return "/usr/local/lib" in (facts.image.config.env_value("LD_LIBRARY_PATH") or "").split(":")


# --- state


def _left_behind(head: Head, facts: Facts, new: BaseImage) -> frozenset[int]:
    """The lines of ENV that only tools of the build read, and no later line of the runtime stage."""
    found: set[int] = set()
    values: list[str] = []
    for index, item, _ in reversed(head.lines):
        if item.keyword != "ENV":
            continue
        names = [name for name, _ in pairs(item)]
        # What the runtime base sets itself would be another value there, not none.
        own = any(new.config.env_value(name) is not None for name in names)
        used = any(_used_later(name, head) or any(_mentions(text, name) for text in values) for name in names)
        if not own and not used and all(build_only(name, head, facts) for name in names):
            found.add(index)
        else:
            values.append(item.text)
    return frozenset(found)


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
    acts = [act for layer in facts.final.layers for act in layer.acts]
    for ecosystem in (one for one in ECOSYSTEMS if one.name in used and any(glob_matches(p, name) for p in one.build_env)):
        if not runs_on(ecosystem, facts.program, facts.view, acts):
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
        if any(_mentions(text, name) or (name in ENVIRONMENT and _runs(text)) for name in names for used, text in texts):
            position = next((place for place, carried in enumerate(runtime.carried) if carried.index > index), len(runtime.carried))
            runtime.carried.insert(
                position, Carried(index, f"the runtime stage uses ${names[0]}; each stage declares its own", "repeated-argument", item.text)
            )
            texts.append((index, item.text))


def _runs(text: str) -> bool:
    """Whether a line is a RUN: what it starts finds the stage's ARGs in its environment, whether the line names them or not."""
    return text.lstrip()[:4].upper() == "RUN "


# --- files from the context


def _needed_copy(layer: Layer, head: Head, facts: Facts, whole: tuple[Kept, ...]) -> bool:
    """Whether a COPY of the head must be repeated: not what a build step touches, installs from, or a later COPY brings anyway."""
    paths = [write.path for write in layer.writes if write.kind is not Kind.TEMPORARY and not write.path.startswith(("/tmp/", "/var/tmp/"))]
    if paths and idle_tools(facts.image, facts.program, facts.view).issuperset(paths):
        return False
    if not paths or _brought_anyway(paths, whole) or _only_compiled(paths, head):
        return False
    sources = {write.origin.removeprefix("context:").partition(" ")[0] for write in layer.writes}
    manifests = {path for _, run in head.runs for install in run.installs for path in install.manifests if install.ecosystem not in _READ_AGAIN}
    if sources <= manifests or _source_by_name(sources, paths, head, facts):
        return False
    return not all(_covered_later(write.path, write.origin, head) for write in layer.writes)


def _brought_anyway(paths: list[str], whole: tuple[Kept, ...]) -> bool:
    """Whether what is copied from the build stage holds a part of it: of a folder in which a build made something at a place of its own, the rest
    comes from the context as before."""
    return any(below(path, kept.path) for path in paths for kept in whole)


def _source_by_name(sources: set[str], paths: list[str], head: Head, facts: Facts) -> bool:
    """Whether a COPY brings nothing but sources of what is compiled, as the names alone say (`COPY main.c .`) or, of a folder, all that lies in it;
    and the program names none."""
    built = {act.ecosystem for _, run in head.runs for act in run.acts if act.phase is Phase.BUILD} & COMPILED
    patterns = patterns_of(built)
    if not built:
        return False
    if all(_holds_sources(source, patterns, facts) for source in sources):
        return not any(facts.view.has(path) for path in facts.program.paths())
    named = all(named_as_source(source, patterns) for source in sources)
    return named and not any(below(path, copied) for path in facts.program.paths() for copied in paths)


def _holds_sources(source: str, patterns: tuple[str, ...], facts: Facts) -> bool:
    """Whether all files of a folder of the context are sources or of no use to a program (documentation)."""
    files = facts.view.below(posixpath.normpath(source)) if facts.context.complete else ()
    return bool(files) and all(is_source(posixpath.relpath(file, source), patterns) for file in files)


def _deleted_later(index: int, layer: Layer, head: Head) -> bool:
    """Whether a later RUN of the head deletes all that a COPY brings: the author's image does not have it either."""
    deletes = [path for later, run in head.runs if later > index for act in run.acts for path in act.deletes]
    return all(any(below(write.path, path) for path in deletes) for write in layer.writes)


def _only_compiled(paths: list[str], head: Head) -> bool:
    """Whether the paths lie where a compiler ran, in a folder that the program does not run in (else it would be kept)."""
    folders = [act.cwd for _, run in head.runs for act in run.acts if act.phase is Phase.BUILD and act.ecosystem in COMPILED and act.cwd != "/"]
    # What is copied to the root lies everywhere, and was not all built in.
    return all(path != "/" and any(_overlap(path, folder) for folder in folders) for path in paths)


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
