"""A fold over the layers of a stage: what each adds, and the whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from service.context import BuildContext
from service.image.effects import Kind, Layer, Phase, Write
from service.image.history import below, stage_source
from service.image.image import Image, StageImage
from service.image.model import BaseImage
from service.knowledge.sizes import ImageSize, image_size
from service.sizing import ruler
from service.sizing.model import ZERO, Estimate, LayerEstimate, Size

_SHOWN = 120
_DEPTH = 6
_LOCAL = (Kind.ARTIFACT, Kind.DEPENDENCIES, Kind.FILES, Kind.FETCHED, Kind.SYSTEM)


def estimate(image: Image, context: BuildContext, stage: int | None = None, image_size: Callable[[str], ImageSize] = image_size) -> Estimate:
    """The stage's chain, the final one by default: one row for the base, one for each RUN, COPY, ADD and WORKDIR other than `/`. `image_size`
    says how large a base is: the catalogue by default, a registry where an adapter asks one."""
    index = image.final if stage is None else stage
    chain = image.chain(index)
    base = chain[0].state.base
    known = image_size(base.reference)
    rows = [_base_row(chain[0], known.unpacked, known.compressed, known.basis, "; ".join(filter(None, (known.source, known.note))), known.date)]
    packages: frozenset[str] = frozenset()
    for part in chain:
        for layer in part.layers:
            row, packages = _row(layer, part, base, packages, image, context)
            rows.append(row)
    return Estimate(tuple(rows), known.n_layers, _total([row.size for row in rows]), _total([row.compressed for row in rows]))


def _base_row(
    stage: StageImage, unpacked: tuple[int, int, int], compressed: tuple[int, int, int], basis: str, source: str, date: str
) -> LayerEstimate:
    head = stage.state.stage.instructions[0]
    shown = f"FROM {stage.state.base.reference or stage.state.stage.base}"[:_SHOWN]
    return LayerEstimate(head.lines[0], shown, stage.state.stage.name, Size(*unpacked, basis, source, date), Size(*compressed, basis, source, date))


def _row(
    layer: Layer, stage: StageImage, base: BaseImage, packages: frozenset[str], image: Image, context: BuildContext
) -> tuple[LayerEstimate, frozenset[str]]:
    item = layer.instruction
    size, removable, group = ZERO, ZERO, "other"
    for change in layer.packages:
        part, packages = ruler.packages_size(change, base, packages)
        size, group = ruler.added(size, part), "apt"
    if _leaves_lists(layer):
        removable = ruler.added(removable, ruler.lists_size())
    for install in layer.installs:
        size, group = ruler.added(size, ruler.install_size(install, context)), install.ecosystem
    for write, ecosystem in _own_writes(layer):
        part = _copied(write, image, context, 0) if write.kind is Kind.STAGE else ruler.write_size(write, context, ecosystem)
        if write.kind is Kind.CACHE:
            removable = ruler.added(removable, part)
        else:
            size = ruler.added(size, part)
    if layer.opaque:
        size = ruler.added(size, ruler.default("opaque"))
    size = ruler.added(size, removable)
    compressed = size.scaled(*ruler.compression(group))
    shown = f"{item.keyword} {item.value}"[:_SHOWN]
    return LayerEstimate(item.lines[0], shown, stage.state.stage.name, size, compressed, removable.mid), packages


def _leaves_lists(layer: Layer) -> bool:
    return any(act.step == "apt-get update" for act in layer.acts) and not any(change.lists_removed for change in layer.packages)


def _own_writes(layer: Layer) -> Iterable[tuple[Write, str]]:
    """The writes that weigh something by themselves, each path once: dependencies are counted as installs, lists apart."""
    ecosystems = {write.path: act.ecosystem for act in layer.acts for write in act.writes}
    installed = {
        write.origin
        for act in layer.acts
        if act.install is not None and act.phase is Phase.INSTALL
        for write in act.writes
        if write.kind is not Kind.CACHE
    }
    seen: set[tuple[str, str]] = set()
    for write in layer.writes:
        if (
            write.path.startswith(("/var/lib/apt", "/var/cache"))
            or write.origin == "workdir"
            or write.origin in installed
            or (write.path, write.kind) in seen
        ):
            continue
        seen.add((write.path, write.kind))
        yield write, ecosystems.get(write.path, "")


def _copied(write: Write, image: Image, context: BuildContext, depth: int) -> Size:
    """A COPY --from: what the source stage put at, or below, the path, by the same ruler."""
    source = stage_source(write)
    if source is None or depth > _DEPTH:
        return ruler.default("files")
    index, path = source
    total = ZERO
    found = False
    for part in image.chain(index):
        for layer in part.layers:
            for install in layer.installs:
                if install.target and _removed(image, index, install.target):
                    continue
                if install.target and below(install.target, path) and not _pruned(image, index):
                    total, found = ruler.added(total, ruler.install_size(install, context)), True
                elif install.target and below(install.target, path):
                    total, found = ruler.added(total, ruler.install_size(install, context).scaled(0.1, 0.45, 1.0)), True
            for other, ecosystem in _own_writes(layer):
                if other.kind is Kind.CACHE:
                    continue
                size = _part(other, path, image, context, depth, ecosystem)
                if size is not None:
                    total, found = ruler.added(total, size), True
    return total if found else ruler.default("files")


def _part(other: Write, path: str, image: Image, context: BuildContext, depth: int, ecosystem: str) -> Size | None:
    """What a write of the source stage adds below a copied path; None for one that lies elsewhere."""
    if below(other.path, path):
        return _copied(other, image, context, depth + 1) if other.kind is Kind.STAGE else ruler.write_size(other, context, ecosystem)
    if other.tree and below(path, other.path):
        if other.kind is Kind.CONTEXT:
            inside = Write(path, Kind.CONTEXT, True, f"context:{_inside(other, path)}")
            return (
                ruler.write_size(inside, context)
                if any(name == _inside(other, path) or name.startswith(_inside(other, path) + "/") for name in context.files)
                else None
            )
        made = other.kind in (Kind.ARTIFACT, Kind.INTERMEDIATE)
        return ruler.write_size(Write(path, Kind.ARTIFACT, True, other.origin, other.by), context, ecosystem) if made else None
    return None


def _inside(other: Write, path: str) -> str:
    import posixpath

    source = other.origin.removeprefix("context:").partition(" ")[0]
    return posixpath.normpath(posixpath.join(source, posixpath.relpath(path, other.path)))


def _pruned(image: Image, index: int) -> bool:
    return any(act.phase is Phase.PRUNE for part in image.chain(index) for layer in part.layers for act in layer.acts)


def _removed(image: Image, index: int, target: str) -> bool:
    return any(below(target, path) for part in image.chain(index) for layer in part.layers for path in layer.deletes)


def _total(sizes: list[Size]) -> Size:
    """Mids add; half-widths add within one basis, since their errors go together, and in quadrature across."""
    low: dict[str, int] = {}
    high: dict[str, int] = {}
    for size in sizes:
        low[size.basis] = low.get(size.basis, 0) + size.mid - size.low
        high[size.basis] = high.get(size.basis, 0) + size.high - size.mid
    middle = sum(size.mid for size in sizes)
    down, up = math.isqrt(sum(value * value for value in low.values())), math.isqrt(sum(value * value for value in high.values()))
    lead = max(sizes, key=lambda size: size.mid, default=ZERO)
    return Size(max(0, middle - down), middle, middle + up, lead.basis, lead.source, lead.date)
