"""Which manifests an install reads, and whether it can run before the sources are there."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from service.dockerfile.model import Instruction
from service.dockerfile.patterns import matches
from service.ecosystems import ECOSYSTEMS, Ecosystem, Manifest
from service.image.effects import Act, Layer, Phase
from service.image.history import below, inside
from service.image.image import StageImage
from service.image.runs import run_script
from service.refactoring.facts import Facts
from service.shell.edit import keep_source

_BY_NAME = {ecosystem.name: ecosystem for ecosystem in ECOSYSTEMS}
_HARMLESS = frozenset({Phase.PACKAGES, Phase.CHECK, Phase.CLEAN, Phase.SETUP})


@dataclass(frozen=True, slots=True)
class Plan:
    """`copies` are the new COPYs, one for each folder of manifests; `install` and `rest` are the RUN taken apart where it does more than install
    (`rest` None: it does not). `first_index` is the first of the installs. `prefetched`: `install` is a new command, to run in `folder` before the
    COPY at `run_index`."""

    run_index: int
    names: tuple[str, ...]
    copies: tuple[str, ...]
    install: str
    rest: str | None
    first_index: int = 0
    prefetched: bool = False
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    code: str
    because: str
    needs: tuple[str, ...] = ()


def plan(stage: StageImage, copy_index: int, layer: Layer, facts: Facts) -> Plan | Refusal | None:
    """None where no install follows the COPY, or where the manifests came before it."""
    source = layer.writes[0].origin.removeprefix("context:").partition(" ")[0]
    for index, item, other in list(facts.layers(stage))[copy_index + 1 :]:
        if item.keyword == "WORKDIR" and not _absolute(layer.instruction):
            return None
        if item.keyword in ("COPY", "ADD"):
            return None
        if item.keyword != "RUN" or other is None:
            continue
        if other.opaque or item.heredocs or item.json is not None:
            return None
        installing = [act for act in other.acts if act.phase is Phase.INSTALL]
        if installing:
            return _planned(stage, copy_index, index, item, other, installing, source, layer.instruction, facts)
        building = next((act for act in other.acts if act.phase is Phase.BUILD), None)
        if building is not None:
            return _prefetched(stage, copy_index, index, building, layer, source, facts)
        if any(act.phase not in _HARMLESS for act in other.acts):
            return None
    return None


def _prefetched(stage: StageImage, copy_index: int, index: int, act: Act, layer: Layer, source: str, facts: Facts) -> Plan | Refusal | None:
    """A build that fetches by itself: its ecosystem's own command can fetch from the manifests first, where the context has them."""
    ecosystem = _BY_NAME.get(act.ecosystem)
    prefetch = ecosystem.prefetch if ecosystem is not None else None
    if ecosystem is None or prefetch is None or _already(stage, copy_index, act) or layer.writes[0].path != act.cwd:
        return None
    inside = {posixpath.relpath(path, source) for path in facts.view.below(source)}
    if not set(prefetch.needs) <= inside or any(name in inside or any(path.startswith(f"{name}/") for path in inside) for name in prefetch.unless):
        return None
    names = _needed(ecosystem, tuple(posixpath.normpath(posixpath.join(source, name)) for name in prefetch.needs), source, facts)
    if isinstance(names, Refusal):
        return names
    return Plan(copy_index, names, _copy_lines(layer.instruction, names, source), f"RUN {prefetch.command}", None, prefetched=True, folder=act.cwd)


def _absolute(item: Instruction) -> bool:
    return item.rest.split()[-1].startswith("/")


def _planned(
    stage: StageImage,
    copy_index: int,
    index: int,
    item: Instruction,
    layer: Layer,
    acts: list[Act],
    source: str,
    copy: Instruction,
    facts: Facts,
) -> Plan | Refusal | None:
    act = acts[0]
    ecosystem = _BY_NAME.get(act.ecosystem)
    install = act.install
    if ecosystem is None or install is None or not install.manifests or any(other.ecosystem != act.ecosystem for other in acts):
        return None
    if _already(stage, copy_index, act):
        return None
    needed = _needed(ecosystem, install.manifests, source, facts)
    if isinstance(needed, Refusal):
        return needed
    if source != "." and not all(below(name, source) for name in needed):
        # Another COPY brings the manifests; whoever copies this folder too before installing has a reason (`prisma/schema.prisma`).
        return None
    if any(path == "node_modules" or "/node_modules/" in f"/{path}" for path in facts.view.below(source)) and ecosystem.name == "node":
        return Refusal(
            "modules-in-context",
            "node_modules is in the build context: copied after the install it would overwrite it; a .dockerignore keeps it out",
        )
    target = posixpath.normpath(posixpath.join(source, posixpath.relpath(install.target, act.cwd))) if below(install.target, act.cwd) else ""
    if target and target != "." and ecosystem.name != "node" and facts.view.below(target):
        return Refusal("modules-in-context", f"{target} is in the build context: copied after the install it would overwrite what that has made")
    parts = _parts(stage, index, item, layer, acts)
    if parts is None:
        return Refusal("entangled-install", "the install cannot be taken out of its command")
    first = index
    if parts[1] is None:
        index, needed = _extended(stage, index, needed, ecosystem, source, facts)
        parts = (stage.state.stage.instructions[index].text, None)
    return Plan(index, needed, _copy_lines(copy, needed, source), *parts, first_index=first)


def _extended(stage: StageImage, index: int, names: tuple[str, ...], ecosystem: Ecosystem, source: str, facts: Facts) -> tuple[int, tuple[str, ...]]:
    """Further installs right behind the first come along with it."""
    for place, item, layer in list(facts.layers(stage))[index + 1 :]:
        acts = [act for act in layer.acts if act.phase is Phase.INSTALL] if layer is not None and item.keyword == "RUN" and not layer.opaque else []
        if (
            not acts
            or item.heredocs
            or item.json is not None
            or any(act.ecosystem != ecosystem.name or act.install is None or not act.install.manifests for act in acts)
        ):
            break
        manifests = tuple(path for act in acts if act.install is not None for path in act.install.manifests)
        more = _needed(ecosystem, manifests, source, facts)
        if isinstance(more, Refusal) or layer is None or _parts(stage, place, item, layer, acts) != (item.text, None):
            break
        index, names = place, tuple(dict.fromkeys((*names, *more)))
    return index, names


def _already(stage: StageImage, copy_index: int, act: Act) -> bool:
    """The ecosystem's install came before the COPY: its manifests stand first already."""
    line = stage.state.stage.instructions[copy_index].lines[0]
    return any(
        other.phase is Phase.INSTALL and other.ecosystem == act.ecosystem and other.install is not None and other.install.manifests
        for layer in stage.layers
        if layer.instruction.lines[0] < line
        for other in layer.acts
    )


def _needed(ecosystem: Ecosystem, manifests: tuple[str, ...], source: str, facts: Facts) -> tuple[str, ...] | Refusal:
    """The manifests that exist, and what they reference, as context paths; or why the install needs more."""
    rows = [row for row in ecosystem.manifests if any(matches(glob, posixpath.basename(path)) for path in manifests for glob in row.names)]
    folders = {posixpath.dirname(path) for path in manifests}
    found = [path for path in manifests if path in facts.context.files]
    found += (
        [path for path in facts.context.files if posixpath.dirname(path) in folders and any(_named(row, path) for row in rows)]
        if ecosystem.name != "python"
        else []
    )
    required = [path for path in manifests if any(matches(glob, posixpath.basename(path)) for row in rows for glob in row.required)]
    required += [path for path in manifests if ecosystem.name == "python" and path.endswith((".txt", ".in")) and path not in required]
    required += [path for path in dict.fromkeys(found) if path not in required and any(posixpath.basename(path) in row.members for row in rows)]
    if not required or any(facts.context.files.get(path) is None for path in required):
        missing = tuple(path for path in required if facts.context.files.get(path) is None) or (rows[0].required[0] if rows else "the manifest",)
        return Refusal("missing-context", f"without {', '.join(missing)} nobody can say whether installing reads more than manifests", missing)
    return _followed(ecosystem, list(dict.fromkeys(found)), facts)


def _followed(ecosystem: Ecosystem, found: list[str], facts: Facts) -> tuple[str, ...] | Refusal:
    seen: list[str] = []
    while found and len(seen) < 40:
        path = found.pop(0)
        if path in seen:
            continue
        content = facts.context.files.get(path)
        references = ecosystem.local_references(posixpath.basename(path), content) if ecosystem.local_references and content is not None else ()
        if references is None:
            return Refusal("install-reads-sources", f"installing by {path} runs scripts or builds local packages: it needs the sources")
        for reference in references:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), reference))
            if target not in facts.context.files:
                return Refusal("install-reads-sources", f"{path} refers to {reference}: installing needs it")
            found.append(target)
        seen.append(path)
    return tuple(seen)


def _named(row: Manifest, path: str) -> bool:
    return any(matches(glob, posixpath.basename(path)) for glob in row.names)


def _parts(stage: StageImage, index: int, item: Instruction, layer: Layer, acts: list[Act]) -> tuple[str, str | None] | None:
    """The RUN as it is where it only installs; else its two halves, the install first."""
    last = max(act.index for act in acts)
    later = [act for act in layer.acts if act.index > last and act.phase not in (Phase.CHECK, Phase.CLEAN, Phase.PACKAGES, Phase.SETUP)]
    earlier = [act for act in layer.acts if act.index < last and act not in acts and act.phase not in _HARMLESS]
    if not later and not earlier:
        return item.text, None
    commented = any(line.lstrip().startswith("#") for line in item.text.split("\n")[1:])
    if earlier or commented:
        # A comment between the commands belongs to one of the halves, and nobody can say to which.
        return None
    script = run_script(item, stage.state.scopes[index])
    cut = later[0].index
    first = keep_source(item.text, item.offsets, script, {place for place in range(len(script.commands)) if place < cut})
    second = keep_source(item.text, item.offsets, script, {place for place in range(len(script.commands)) if place >= cut})
    return None if first is None or second is None else (first, second)


def _copy_lines(copy: Instruction, names: tuple[str, ...], source: str) -> tuple[str, ...]:
    """The author's COPY with the manifests in place of the folder, each into its folder of the same target: a COPY of files leaves theirs out."""
    target = copy.json[-1] if copy.json else copy.rest.split()[-1]
    target = "./" if target == "." else f"{target.rstrip('/')}/"
    flags = "".join(f"--{flag.name}={flag.value} " if flag.value is not None else f"--{flag.name} " for flag in copy.flags)
    word = "copy" if copy.word.islower() else "COPY"
    folders: dict[str, list[str]] = {}
    for name in names:
        folders.setdefault(posixpath.dirname(inside(name, source)), []).append(name)
    return tuple(f"{word} {flags}{' '.join(found)} {target}{f'{folder}/' if folder else ''}" for folder, found in folders.items())
