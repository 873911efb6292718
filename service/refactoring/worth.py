"""Is a split worth it, and what stands in its way."""

from __future__ import annotations

from service.ecosystems import ECOSYSTEMS
from service.image.effects import Act, Kind, Phase
from service.knowledge import apt
from service.knowledge.images import base_image
from service.knowledge.sizes import image_size
from service.knowledge.variants import heavy_folders, stored_folders
from service.refactoring.cut import Head
from service.refactoring.draft import Draft
from service.refactoring.facts import Facts, facts_of
from service.refactoring.ladder import Rung
from service.refactoring.packages import chosen
from service.sizing import Estimate, estimate

_DOWNLOADS = frozenset(ecosystem.name for ecosystem in ECOSYSTEMS if ecosystem.downloads)
_DOWNLOADING = frozenset(step.name for ecosystem in ECOSYSTEMS if ecosystem.downloads for step in ecosystem.steps)
_DISTRIBUTIONS = frozenset({"debian", "ubuntu", "alpine"})
"""Where only the distribution's own documentation would go, the author may name its slim variant; two stages change nothing else."""
_STORING = (Phase.BUILD, Phase.INSTALL)
"""What fills a store of compiled dependencies: `go get` and `go install` of a program build it."""
_CHANGES = frozenset({"chmod", "chown", "setcap", "sed", "dos2unix"})
"""Steps that leave a file of the context what it is."""
_LEAST_BYTES = 10_000_000
_LEAST_SHARE = 0.10


def worth(rung: Rung, facts: Facts, head: Head, pruned: Draft | None = None) -> tuple[str, str] | None:
    """None where it is; else (code, reason). `pruned` is the rung without development dependencies, where they can go."""
    assert rung.draft is not None
    same = rung.base == facts.final.state.base.reference
    if same and _copies_the_base(rung, facts):
        return "nothing-to-leave-behind", f"a copy would store again what {rung.base} itself has in its folders"
    twice_stored = _stores_again(rung, facts)
    if twice_stored:
        return "nothing-to-leave-behind", f"{twice_stored} is what {facts.final.state.base.reference} is made of: a copy would store all of it again"
    plain = facts.final.state.base.family in _DISTRIBUTIONS and base_image(rung.base).family == facts.final.state.base.family
    if (same or plain) and pruned is None and not _leaves_something(rung, facts, head):
        return "nothing-to-leave-behind", f"on {rung.base} the build leaves nothing that the image could do without"
    if not same and not _told_apart(facts.final.state.base.reference, rung.base):
        # What is published to be smaller is, by how much nobody has said: two guesses of the same size are no reason against it.
        return None
    after = facts_of(pruned or rung.draft, facts.context, facts.options)
    before = estimate(facts.image, facts.context)
    big, small = before.total.mid - (_goes_anyway(before, pruned is None) if same else 0), estimate(after.image, facts.context).total.mid
    if big - small < _LEAST_BYTES or (same and big - small < _LEAST_SHARE * big):
        return "small-saving", f"a split onto {rung.base} would save about {max(0, big - small) / 1e6:.0f} MB of {big / 1e6:.0f} MB"
    return None


def _goes_anyway(before: Estimate, downloads: bool) -> int:
    """Bytes that are no reason to split: what a change of owner stores twice goes by writing the owner where the files come from, and a cache of
    `downloads` by a mount. Where development dependencies go besides, a split takes both."""
    twice = sum(one.size.mid for one in before.wasted if one.cause == "metadata")
    return twice + sum(one.size.mid for one in before.removable if downloads and one.cause in _DOWNLOADING)


def _told_apart(old: str, new: str) -> bool:
    """Whether it is known how much smaller the new base is. A range that was not read off an image of that variant reaches over the old one's mid."""
    first, second = image_size(old), image_size(new)
    known = {first.basis, second.basis} <= {"catalogue", "registry"}
    return known or second.unpacked[2] < first.unpacked[1] or second.unpacked[1] < first.unpacked[1]


def _stores_again(rung: Rung, facts: Facts) -> str:
    """A folder that the base's own package manager fills, copied whole; empty where none is."""
    assert rung.draft is not None
    folders = stored_folders(facts.final.state.base)
    after = facts_of(rung.draft, facts.context, facts.options) if folders else None
    layers = after.final.layers if after is not None else ()
    return next((write.path for layer in layers for write in layer.writes if write.kind is Kind.STAGE and write.path in folders), "")


def _copies_the_base(rung: Rung, facts: Facts) -> bool:
    """Whether a COPY --from takes a folder that holds the base's own interpreter, which is large where it is one static program (Node)."""
    assert rung.draft is not None
    after = facts_of(rung.draft, facts.context, facts.options)
    heavy = heavy_folders(facts.final.state.base)
    return any(write.kind is Kind.STAGE and write.path in heavy for layer in after.final.layers for write in layer.writes)


def _leaves_something(rung: Rung, facts: Facts, head: Head) -> bool:
    """On the same base: build-only packages, a build's own store of dependencies, or sources that are compiled in."""
    acts = [act for _, layer in head.runs for act in layer.acts]
    dropped = any(_drops(act, facts) for act in acts if act.phase is Phase.PACKAGES)
    stores = any(
        act.phase in _STORING and act.ecosystem not in _DOWNLOADS and any(write.kind == "cache" for write in act.writes) for act in acts
    )
    return dropped or stores or _pruned_later(head) or rung.name in ("artifact", "server")


def _drops(act: Act, facts: Facts) -> bool:
    """Whether a package goes that nothing of what stays depends on or, where apt installs that too, recommends."""
    base, choices = facts.final.state.base, chosen(act, facts, facts.final.state.base)
    gone = {choice.name for choice in choices if choice.changed}
    table = apt.table(base.suite) if act.packages is not None and act.packages.manager == "apt" else None
    if not gone or table is None or act.packages is None:
        return bool(gone)
    names = tuple(name for choice in choices for name in choice.names)
    return bool(gone - set(table.closure(names, base.packages or frozenset(), act.packages.recommends)))


def _pruned_later(head: Head) -> bool:
    """Whether the author removes development dependencies in a later layer than the one that holds them: there they still are."""
    installs = {index for index, layer in head.runs if layer.installs}
    return any(act.phase is Phase.PRUNE and index not in installs for index, layer in head.runs for act in layer.acts) and bool(installs)


def opaque_reason(facts: Facts) -> tuple[str, str, tuple[str, ...]] | None:
    """The first command that nobody can tell; with the script it runs, where that came from the context."""
    for layer in facts.final.layers:
        if not layer.opaque:
            continue
        for act in layer.acts:
            if not act.opaque or act.phase is Phase.RUN:
                continue
            words = " ".join(word or "?" for word in act.words)[:60]
            files = (after for word, after in zip(act.words, act.words[1:], strict=False) if word in ("-f", "--file"))
            scripts = tuple(source for word in (*act.words[:3], *files) if word for source in [_given(word, act.cwd, facts)] if source)
            if scripts:
                return "missing-context", f"`{words}` runs {scripts[0]}: send it and this can be judged", scripts
            return "opaque-run", f"what `{words}` writes is not known", ()
        return "opaque-run", f"`{layer.instruction.value[:60]}` cannot be read", ()
    return None


def unbounded_run(head: Head) -> tuple[str, str, tuple[str, ...]] | None:
    """A run of the project's own program in the build stage that may write anywhere: what it makes cannot be copied. Behind the build it would
    simply run again."""
    for _, layer in head.runs:
        for act in layer.acts:
            if act.phase is Phase.RUN and act.opaque:
                return "opaque-run", f"what `{' '.join(word or '?' for word in act.words)[:60]}` writes is not known", ()
    return None


def _given(word: str, cwd: str, facts: Facts) -> str | None:
    """The context file behind a word, where it is there but was not sent."""
    path = cwd.rstrip("/") + "/" + word.removeprefix("./") if not word.startswith("/") else word
    writes = (write for layer in facts.final.layers for write in layer.writes if write.path == path and write.by not in _CHANGES)
    if any(write.kind is not Kind.CONTEXT for write in writes):
        return None
    source = facts.view.source_of(path)
    known = source is not None and (source in facts.context.files or word.endswith(".sh"))
    return source if known and source is not None and facts.context.files.get(source) is None else None
