"""What one instruction's layer stores: its parts, each in its place in the union mount."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from service.context import BuildContext
from service.image.effects import Act, Kind, Layer, PackageChange, Phase, Write
from service.image.model import BaseImage
from service.quick import quick
from service.sizing import knowledge, ruler
from service.sizing.arithmetic import added
from service.sizing.contents import Contents
from service.sizing.model import ZERO, Addition, Size
from service.sizing.mount import Entry, Mount

_LISTS = "/var/lib/apt/lists"
_OPAQUE_SHARE = 0.1
"""A layer counts as opaque when what no table or listing decides may be more than this part of it."""
_UNPACKED = (1.2, 3.2, 8.0)
"""An archive that ADD unpacks: its content to its own bytes (gzip of sources 3-5, of binaries 2-3)."""


class Source(Protocol):
    """Where a layer's parts are looked up: the context, and the other stages."""

    @property
    def context(self) -> BuildContext: ...
    @property
    def contents(self) -> Contents: ...
    def copied(self, write: Write) -> tuple[Size, Size]: ...


@quick
@dataclass(frozen=True, slots=True)
class Made:
    """A layer's bytes, what of it is removable and by which command, and the distribution's packages after it."""

    size: Size
    compressed: Size
    removable: tuple[tuple[str, Size], ...]
    opaque: bool
    packages: frozenset[str]


@quick
@dataclass(frozen=True, slots=True)
class _Part:
    """An addition, where it lies (empty: nowhere that a COPY names), and which command made it."""

    addition: Addition
    path: str = ""
    tree: bool = True
    source: str | None = None
    act: Act | None = None
    cause: str = ""


def layer_parts(layer: Layer, base: BaseImage, env: Mapping[str, str], packages: frozenset[str], mount: Mount, number: int, source: Source) -> Made:
    """Measures a layer and puts its parts into the mount, as layer `number` of the chain. `env` is the environment that a RUN has."""
    parts, packages = _packages(layer, base, packages)
    moved = Addition()
    if layer.instruction.keyword in ("COPY", "ADD"):
        parts += [_from_outside(write, layer, source) for write in layer.writes]
    else:
        found, moved = _commands(layer, base, env, mount, number, source)
        parts += found
    if layer.opaque:
        parts.append(_Part(ruler.opaque()))
    for part in parts:
        if part.path and (part.addition.kept.high or part.tree):
            mount.add(Entry(part.path, part.tree, number, part.addition.kept, part.addition.compressed, part.source, part.act))
    return _sum([*(part for part in parts), _Part(moved)], packages)


def _sum(parts: list[_Part], packages: frozenset[str]) -> Made:
    size = compressed = ZERO
    removable: list[tuple[str, Size]] = []
    unknown = 0
    for part in parts:
        one = part.addition
        size, compressed = added(added(size, one.kept), one.removable), added(added(compressed, one.compressed), one.removable_compressed)
        if one.removable.high:
            removable.append((part.cause, one.removable))
        unknown += sum(each.high - each.low for each in (one.kept, one.removable) if each.basis == "default")
    return Made(size, compressed, tuple(removable), unknown > _OPAQUE_SHARE * size.mid, packages)


def _change(layer: Layer) -> tuple[PackageChange, ...]:
    """One change for each package manager: what a RUN installs in several commands is set up once. Lists stay where it fetched and kept them."""
    if not layer.packages:
        return ()
    kept = any(write.kind is Kind.CACHE and write.path.startswith(_LISTS) for write in layer.writes)
    fetched = any(act.step == "apt-get update" for act in layer.acts)
    found: dict[str, PackageChange] = {}
    for change in layer.packages:
        gone = change.manager == "apt" and not (kept and fetched)
        mine = replace(change, lists_removed=True) if gone and not change.lists_removed else change
        other = found.get(change.manager)
        found[change.manager] = mine if other is None else _joined(other, mine)
    return tuple(found.values())


def _joined(one: PackageChange, other: PackageChange) -> PackageChange:
    recommends = one.recommends if not other.installed else other.recommends if not one.installed else one.recommends or other.recommends
    return PackageChange(
        one.manager,
        tuple(dict.fromkeys((*one.installed, *other.installed))),
        tuple(dict.fromkeys((*one.removed, *other.removed))),
        recommends,
        one.lists_removed or other.lists_removed,
        one.virtual or other.virtual,
    )


def _packages(layer: Layer, base: BaseImage, before: frozenset[str]) -> tuple[list[_Part], frozenset[str]]:
    parts: list[_Part] = []
    for change in _change(layer):
        addition, before = ruler.packages(change, base, before)
        parts.append(_Part(addition, cause=f"{change.manager} lists"))
    if any(act.step == "apt-get upgrade" for act in layer.acts):
        parts.append(_Part(ruler.upgraded(base)))
    return parts, before


def _from_outside(write: Write, layer: Layer, source: Source) -> _Part:
    """A source of COPY or ADD."""
    if write.kind is Kind.STAGE:
        size, compressed = source.copied(write)
        return _Part(Addition(size, compressed), write.path, write.tree)
    if write.kind is not Kind.CONTEXT:
        return _Part(ruler.made(write, ""), write.path, write.tree)
    if not write.origin.startswith("context:"):
        text = write.origin.removeprefix("heredoc:")
        return _Part(ruler.exact(len(text.encode("utf-8", "surrogatepass")), "the heredoc's text"), write.path, False)
    name = write.origin.removeprefix("context:").partition(" ")[0]
    found = source.contents.size(name)
    if found is None:
        return _Part(ruler.plain(knowledge.default("context" if write.tree else "file"), "context"), write.path, write.tree, name)
    if layer.instruction.keyword == "ADD" and write.tree and source.contents.has(name):
        inside = replace(found[0].scaled(*_UNPACKED), basis="ratio", source=knowledge.SOURCE, date=knowledge.DATE)
        return _Part(Addition(inside, found[0].scaled(0.8, 1.05, 2.0)), write.path, True)
    return _Part(Addition(*found), write.path, write.tree and not source.contents.has(name), name)


def _commands(layer: Layer, base: BaseImage, env: Mapping[str, str], mount: Mount, number: int, source: Source) -> tuple[list[_Part], Addition]:
    """The parts that a RUN's commands make, and what its changes of mode, owner or place store again (that lies in the mount already)."""
    left = {(write.path, write.kind, write.origin) for write in layer.writes}
    parts: list[_Part] = []
    done: set[tuple[str, Kind]] = set()
    moved = Addition()
    for act in layer.acts:
        if not act.copies:
            mount.delete(act.deletes, number)
        kept = [write for write in act.writes if (write.path, write.kind, write.origin) in left]
        if act.install is not None and act.phase is Phase.INSTALL:
            found = list(_install(act, kept, base, env, source))
            parts += (replace(part, addition=_again(part, act, mount, number)) for part in found)
            done.update((write.path, write.kind) for write in kept)
        elif act.phase is Phase.PRUNE:
            _prune(act, base, env, mount, number, source)
        elif act.copies:
            # What mv takes away is measured where it still lies.
            parts += _copies(act, kept, mount, parts)
            mount.delete(act.deletes, number)
        elif act.alters:
            for path, below in act.alters:
                for entry in mount.alter(path, below, number):
                    moved = Addition(added(moved.kept, entry.size), added(moved.compressed, entry.compressed))
        elif act.packages is None:
            parts += _made(act, kept, done, mount)
    return parts, moved


def _install(act: Act, kept: Iterable[Write], base: BaseImage, env: Mapping[str, str], source: Source) -> Iterator[_Part]:
    """The packages, where they stay at the end of the RUN, and the cache, where that stays."""
    assert act.install is not None
    addition = ruler.installed(act, source.context, base, env)
    stays = [write for write in kept if write.kind is not Kind.CACHE]
    cached = any(write.kind is Kind.CACHE for write in kept)
    path = act.install.target or (stays[0].path if stays else "")
    addition = replace(
        addition,
        kept=addition.kept if stays or not act.writes else ZERO,
        compressed=addition.compressed if stays or not act.writes else ZERO,
        removable=addition.removable if cached else ZERO,
        removable_compressed=addition.removable_compressed if cached else ZERO,
    )
    yield _Part(addition, path, True, None, act, act.step)


def _again(part: _Part, act: Act, mount: Mount, number: int) -> Addition:
    """The same manifests installed where they were installed before: what is there already is not stored again, and what is asked for no more goes.
    A command that begins anew (`npm ci`) stores everything once more."""
    install = act.install
    assert install is not None
    if install.packages or not install.manifests or not part.path:
        return part.addition
    for entry in mount.inside(part.path):
        other = entry.act.install if entry.act is not None else None
        same = other is not None and (other.ecosystem, other.manifests) == (install.ecosystem, install.manifests)
        if not same or entry.layer >= number or entry.path != part.path:
            continue
        if knowledge.begins_anew(act.ecosystem, act.words):
            mount.delete([part.path], number)
            return part.addition
        less, more = (max(0, one - two) for one, two in ((entry.size.mid, part.addition.kept.mid), (part.addition.kept.mid, entry.size.mid)))
        mount.swap(entry, replace(entry, size=part.addition.kept, compressed=part.addition.compressed), number, _exactly(less, entry.size))
        share = more / max(1, part.addition.kept.mid)
        rest = part.addition.kept.scaled(0, share, share), part.addition.compressed.scaled(0, share, share)
        return replace(part.addition, kept=rest[0], compressed=rest[1])
    return part.addition


def _exactly(middle: int, like: Size) -> Size:
    return Size(0, middle, max(middle, min(like.high, 2 * middle)), like.basis, like.source, like.date)


def _prune(act: Act, base: BaseImage, env: Mapping[str, str], mount: Mount, number: int, source: Source) -> None:
    """Without development dependencies: what they weighed stays stored where a lower layer holds it."""
    for target in (write.path for write in act.writes):
        for entry in mount.inside(target):
            if entry.act is None or entry.act.install is None:
                continue
            lean = ruler.installed(replace(entry.act, install=replace(entry.act.install, production=True)), source.context, base, env)
            if lean.kept.mid < entry.size.mid:
                lost = Size(
                    max(0, entry.size.low - lean.kept.high), entry.size.mid - lean.kept.mid, entry.size.high, entry.size.basis, entry.size.source
                )
                mount.swap(entry, replace(entry, size=lean.kept, compressed=lean.compressed), number, lost)


def _copies(act: Act, kept: Iterable[Write], mount: Mount, parts: list[_Part]) -> Iterator[_Part]:
    """cp and mv: what lies at the source, in a lower layer or made by this RUN before."""
    stay = {write.path for write in kept}
    for origin, target in act.copies:
        if target not in stay:
            continue
        folder = origin.removesuffix("/.").removesuffix("/*")
        found = mount.at(folder)
        for part in parts:
            if part.path and (part.path == folder or part.path.startswith(folder.rstrip("/") + "/")):
                found = (
                    (part.addition.kept, part.addition.compressed)
                    if found is None
                    else (
                        added(found[0], part.addition.kept),
                        added(found[1], part.addition.compressed),
                    )
                )
        if found is None:
            size = knowledge.default("copied")
            found = size, size.scaled(*knowledge.compression("artifact"))
        yield _Part(Addition(*found), target, True, None, act)


def _made(act: Act, kept: Iterable[Write], done: set[tuple[str, Kind]], mount: Mount) -> Iterator[_Part]:
    """Writes of which only the kind is known, each path once in a layer; a cache that a lower layer filled already is not filled again. Caches of one
    ecosystem, and folders that one command fills on its way, are where several versions of a tool keep the same: they count once."""
    for write in kept:
        if (write.path, write.kind) in done:
            continue
        done.add((write.path, write.kind))
        if write.kind is Kind.CACHE and any(entry.path == write.path for entry in mount.inside(write.path)):
            continue
        store = (act.ecosystem, Kind.CACHE) if write.kind is Kind.CACHE else (f"{act.step}:{act.index}", write.kind)
        if write.kind in (Kind.CACHE, Kind.INTERMEDIATE) and write.tree:
            if store in done:
                continue
            done.add(store)
        yield _Part(ruler.made(write, act.ecosystem), write.path, write.tree, None, act, act.step)
