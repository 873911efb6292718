"""The ladder of runtime stages: from the smallest that could do to the author's own base; the first that verifies is taken."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, replace

from service.ecosystems import ECOSYSTEMS
from service.image.brought import brought
from service.image.effects import Phase
from service.image.history import History, below
from service.image.linking import features
from service.image.mentions import mentioned, starts_programs
from service.image.model import BaseImage
from service.image.toolchains import language_of, unused_language
from service.knowledge.images import base_image
from service.knowledge.needs import programs_needed
from service.knowledge.programs import package_of
from service.knowledge.variants import bare, own_libraries, slimmer, static_base
from service.refactoring.carry import carry
from service.refactoring.cut import Head
from service.refactoring.draft import Draft
from service.refactoring.facts import Facts
from service.refactoring.keep import CannotSlice, Kept, precise, program_paths, whole
from service.refactoring.rerun import installs_as_root
from service.refactoring.runtime import Runtime
from service.refactoring.server import served
from service.refactoring.stage import write_split
from service.refactoring.swap import Swap, swap
from service.refactoring.unmade import nothing_made

_DISTRIBUTIONS = frozenset({"debian", "ubuntu", "alpine"})
_LINKING = ("openjdk-", "default-jre", "default-jdk")


@dataclass(frozen=True, slots=True)
class Rung:
    """One runtime stage to try: the draft, or why it cannot be."""

    name: str
    base: str
    draft: Draft | None
    code: str = ""
    because: str = ""
    missing: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


def rungs(draft: Draft, facts: Facts, head: Head) -> Iterator[Rung]:
    """Rung by rung, smallest first."""
    try:
        cover = whole(head, facts)
    except CannotSlice as reason:
        yield Rung("any", "", None, reason.code, reason.because)
        return
    exact = precise(head, facts, program_paths(facts))
    if facts.options.runtime in ("auto", "slim", "alpine"):
        yield from _server(draft, facts, head, cover)
    for base in _bases(facts, head, exact):
        for name, kept in (("artifact", exact), ("folder", cover)):
            if kept is not None and not (name == "folder" and base.libc == "none") and not _stranded(kept, facts, base):
                yield _rung(draft, facts, head, base, kept, cover, name)


def _server(draft: Draft, facts: Facts, head: Head, cover: tuple[Kept, ...]) -> Iterator[Rung]:
    found = served(facts, head, cover)
    if found is None:
        return
    if found.problem:
        yield Rung("server", found.reference, None, "server-configuration", found.problem, found.missing)
        return
    yield _rung(draft, facts, head, base_image(found.reference), found.kept, cover, "server", frozenset({found.server.package}))


def _bases(facts: Facts, head: Head, exact: tuple[Kept, ...] | None) -> Iterator[BaseImage]:
    base, wanted = facts.final.state.base, facts.options.runtime
    if wanted in ("auto", "distroless", "scratch") and exact is not None and _static(facts, head):
        yield static_base()
    if wanted in ("auto", "slim"):
        acts = tuple(act for layer in facts.final.layers for act in layer.acts)
        if unused_language(base, acts, facts.program, facts.view):
            yield from (base_image(reference) for reference in bare(base))
        needed = programs_needed(facts.image.installs) & base.programs
        yield from (new for new in map(base_image, slimmer(base)) if needed <= new.programs)
    if wanted in ("auto", "same", "slim"):
        yield base


def _stranded(kept: tuple[Kept, ...], facts: Facts, new: BaseImage) -> bool:
    """Whether packages of the old base's language would ship onto a base without that language, where nothing could run them."""
    owner = language_of(facts.final.state.base)
    if owner is None or new.family in owner.images or new.family not in _DISTRIBUTIONS:
        return False
    acts = (act for layer in facts.final.layers for act in layer.acts if act.ecosystem == owner.name)
    placed = [act.install.target for act in acts if act.install is not None and act.install.target]
    return any(below(one.path, target) for target in placed for one in kept)


def _static(facts: Facts, head: Head) -> bool:
    """Proof that the program is one static binary that asks nothing of the system: linked without libc, no shell, no other program."""
    builds = [
        (act, ecosystem)
        for _, layer in head.runs
        for act in layer.acts
        if act.phase is Phase.BUILD
        for ecosystem in ECOSYSTEMS
        if ecosystem.name == act.ecosystem
    ]
    if not builds or facts.program.shell or facts.program.unread:
        return False
    for act, ecosystem in builds:
        env = {**facts.final.state.scopes[-1].env, **dict(act.env)}
        asked = bool(ecosystem.static_env) and all(env.get(name) == value for name, value in ecosystem.static_env)
        if not asked and not act.static:
            return False
        if starts_programs(facts.view, ecosystem.source_endings) is not False:
            return False
    return True


def _rung(
    draft: Draft,
    facts: Facts,
    head: Head,
    new: BaseImage,
    kept: tuple[Kept, ...],
    cover: tuple[Kept, ...],
    name: str,
    provided: frozenset[str] = frozenset(),
) -> Rung:
    """One candidate, written out."""
    old = facts.final.state.base
    if nothing_made(head, kept):
        return Rung(name, new.reference, None, "program-unclear", "a compiler ran, and nothing that it made is known to be left")
    change = swap(facts, new, compiled=_compiled(facts, kept))
    if change.problem:
        return Rung(name, new.reference, None, "base-unknown", change.problem)
    if change.missing:
        return Rung(
            name,
            new.reference,
            None,
            "missing-context",
            f"without {', '.join(change.missing)} nobody can say what {new.reference} would lack",
            tuple(change.missing),
        )
    reference = textual_reference(facts.final.state.stage.base, old.reference, new.reference)
    try:
        runtime = carry(head, facts, kept, cover, provided, new)
    except CannotSlice as reason:
        return Rung(name, new.reference, None, reason.code, reason.because)
    problem = _untold_home(facts, kept) or _unfit(facts, new, runtime, head)
    if problem:
        return Rung(name, new.reference, None, "base-unfit", problem)
    runtime.programs |= {(act.words[0] or "").rsplit("/", 1)[-1] for _, _, layer in head.tail if layer is not None for act in layer.acts if act.words}
    _replayed(old, new, runtime, change)
    later = {name for _, _, layer in head.tail if layer is not None for one in layer.packages for name in one.installed}
    for package in runtime.installed | later:
        change.install.pop(package, None)
    data = (Kept(path, why) for path, why in change.copies.items())
    placed = (*_libraries(old, new, head, facts), *data, *(_on_path(one, facts, new) for one in kept))
    written = write_split(draft, facts, head, reference, placed, runtime, change)
    return Rung(name, new.reference, _completed(written, facts, new, head), assumptions=tuple(change.assumptions))


def _libraries(old: BaseImage, new: BaseImage, head: Head, facts: Facts) -> tuple[Kept, ...]:
    """The compiler's own shared libraries, newer than the distribution's: what was linked with them needs them."""
    globs, folder = own_libraries(old, features((act for _, layer in head.runs for act in layer.acts), facts.view))
    linked = any(act.phase is Phase.BUILD for _, layer in head.runs for act in layer.acts)
    if new.family == old.family or not linked:
        return ()
    return tuple(Kept(path, f"{old.reference} links with its own {posixpath.basename(path).rstrip('*')}", folder) for path in globs)


def _compiled(facts: Facts, kept: tuple[Kept, ...]) -> bool:
    """Whether the program is a binary among what is copied, rather than an interpreter's."""
    interpreters = {name for ecosystem in ECOSYSTEMS for name in ecosystem.interpreters}
    return not facts.program.names & interpreters


def _unfit(facts: Facts, new: BaseImage, runtime: Runtime, head: Head) -> str:
    """Why a base cannot carry the runtime stage: no shell for what needs one, an interpreter that it lacks."""
    tail_runs = any(item.keyword == "RUN" for _, item, _ in head.tail)
    if new.libc == "none" and (facts.program.shell or runtime.runs or tail_runs):
        return f"{new.reference} has no shell, and something needs one"
    user = facts.image.config.user.partition(":")[0]
    if new.libc == "none" and user and not user.isdigit() and user not in ("root", "nobody", "nonroot"):
        return f"{new.reference} has no user {user}"
    old = facts.final.state.base
    if new.reference != old.reference:
        inherited = inherited_path(facts, new)
        if inherited:
            return f"{inherited} is a path of {old.reference}'s own: whether {new.reference} has it is not known"
    if "slim" in new.variant and "slim" not in old.variant:
        # The packages' own scripts link pages of the manual into a folder that slim images lack, and fail (bugs.debian.org/863199).
        later = {name for _, _, layer in head.tail if layer is not None for one in layer.packages for name in one.installed}
        linking = sorted(name for name in runtime.installed | later if name.startswith(_LINKING))
        if linking:
            return f"{linking[0]} cannot be installed on {new.reference}, which has no folder for its manual pages"
    needed = frozenset(name for _, layer in head.runs for act in layer.acts for name in act.runs_on)
    interpreters = (mentioned(facts.program, facts.view) | needed) & old.programs - brought(facts.image, facts.program)
    lacking = sorted(interpreters - new.programs) if new.reference != old.reference else []
    return f"{new.reference} has no {lacking[0]}" if lacking else ""


def _untold_home(facts: Facts, kept: tuple[Kept, ...]) -> str:
    """A path below /root that only a tool's `~` stands for, on a base whose user is not known: nothing in the file says that it is root."""
    base, stage = facts.final.state.base, facts.final.state.stage
    if base.source or not any(one.path.startswith("/root/") for one in kept) or any("/root" in item.text for item in stage.instructions):
        return ""
    for item, scope in zip(stage.instructions, facts.final.state.scopes, strict=True):
        if item.keyword == "USER" or (item.keyword == "RUN" and installs_as_root(item, scope)):
            return ""
    return f"which folder is the home of {base.reference}'s user is not known"


def inherited_path(facts: Facts, new: BaseImage) -> str:
    """A program started by a path that no line makes and that another base need not have: it is no usual place for programs, or it is a language's
    own program and `new` another family's image (/usr/bin/java lies elsewhere in openjdk's)."""
    history, old = History(facts.image), facts.final.state.base
    usual = ("/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin", "/usr/local/sbin")
    own = old.programs if new.family != old.family else frozenset()
    odd = (
        path
        for path in facts.program.started()
        if (posixpath.dirname(path) not in usual or posixpath.basename(path) in own) and not history.of(path)
    )
    return next(odd, "")


def _replayed(old: BaseImage, new: BaseImage, runtime: Runtime, change: Swap) -> None:
    """Programs that the repeated lines call and the new base lacks (`adduser` on a slim suite)."""
    for name in sorted(runtime.programs - new.programs):
        package = package_of(name, change.manager)
        if package and old.packages is not None and package in old.packages and new.packages is not None and package not in new.packages:
            change.install.setdefault(package, f"a repeated line calls {name}")
            change.early = True


def textual_reference(written: str, resolved: str, new: str) -> str:
    """The new reference as the author would write it: `node:${V}` stays variable in `node:${V}-slim`, `sdk:${V}` in `aspnet:${V}`."""
    if "$" in written and new.startswith(resolved):
        return written + new[len(resolved) :]
    name, _, tag = written.rpartition(":")
    if "$" in tag and "$" not in name and "@" not in resolved and new.rpartition(":")[2] == resolved.rpartition(":")[2]:
        return f"{new.rpartition(':')[0]}:{tag}"
    return written if new == resolved else new


def _on_path(kept: Kept, facts: Facts, new: BaseImage) -> Kept:
    """A program named without a slash whose folder the new base's PATH lacks goes to /usr/local/bin; so does a whole folder of programs."""
    # An entrypoint may start what CMD's other words name.
    called = {word for call in facts.program.calls for word in call.words if word and "/" not in word and not word.startswith("-")}
    old = (facts.final.state.base.config.env_value("PATH") or "").split(":")
    lost = [folder for folder in old if folder and folder not in (new.config.env_value("PATH") or "").split(":")]
    folder, name = posixpath.split(kept.path)
    if folder in lost and name in called:
        return replace(kept, target=f"/usr/local/bin/{name}", because=f"{kept.because}; {folder} is not on the runtime base's PATH")
    if kept.path in lost and called and not any(below(path, kept.path) for path in facts.program.started()):
        return replace(kept, target="/usr/local/bin", because=f"{kept.because}; it is not on the runtime base's PATH")
    return kept


def _completed(draft: Draft, facts: Facts, new: BaseImage, head: Head) -> Draft:
    """With the inherited settings that the new base lacks: the working directory, and ENV that programs read."""
    from service.refactoring.inherit import inherit

    return inherit(draft, facts, new, head)
