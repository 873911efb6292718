"""A fold over the layers of a stage: what each adds, what of it is seen in the end, and the whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from service.context import BuildContext
from service.deadline import check
from service.image.effects import Layer, Write
from service.image.history import stage_source
from service.image.image import Image, StageImage
from service.image.interpret import seen
from service.knowledge.sizes import ImageSize, image_size
from service.quick import quick
from service.sizing import knowledge
from service.sizing.arithmetic import added, summed
from service.sizing.contents import Contents
from service.sizing.layer import Made, layer_parts
from service.sizing.model import Estimate, LayerEstimate, Removable, Size, Wasted
from service.sizing.mount import Mount

_SHOWN = 120
SizesOf = Callable[[str], ImageSize]


def estimate(image: Image, context: BuildContext, stage: int | None = None, sizes_of: SizesOf = image_size) -> Estimate:
    """The stage's chain, the final one by default: one row for the base, one for each RUN, COPY, ADD and WORKDIR other than `/`.

    `context` is what the caller told of the build context; its `.dockerignore` is applied here. `sizes_of` says how large base images are.
    """
    return Estimator.of(image, context, sizes_of).stage(image.final if stage is None else stage)


@quick
@dataclass(frozen=True, slots=True)
class _Folded:
    rows: tuple[LayerEstimate, ...]
    mount: Mount
    packages: frozenset[str]
    wasted: tuple[Wasted, ...]


@dataclass(slots=True)
class Estimator:
    """Estimates of one image's stages: what one stage made is measured once, however many copy from it."""

    image: Image
    context: BuildContext
    contents: Contents
    sizes_of: SizesOf
    _folded: dict[int, _Folded] = field(default_factory=dict)
    _roots: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, image: Image, context: BuildContext, sizes_of: SizesOf = image_size, contents: Contents | None = None) -> Estimator:
        visible = seen(context)
        return cls(image, visible, contents or Contents.of(visible), sizes_of)

    def stage(self, index: int) -> Estimate:
        folded = self._fold(index)
        root = self.image.stages[self._roots[index]]
        base = self.sizes_of(root.state.base.reference)
        rows = (_base_row(root, base), *folded.rows)
        removable = tuple(one for row in folded.rows for one in row.removable)
        return Estimate(rows, base.n_layers, summed(row.size for row in rows), summed(row.compressed for row in rows), folded.wasted, removable)

    def copied(self, write: Write) -> tuple[Size, Size]:
        """A COPY --from: what the source stage has at the path, by the same ruler, the base's own toolchain included."""
        source = stage_source(write)
        if source is None:
            size = knowledge.default("fetched")
            return size, size.scaled(*knowledge.compression("artifact"))
        index, path = source
        found = self._fold(index).mount.at(path)
        own = self._base_folder(index, path)
        if own is not None:
            found = own if found is None else (added(found[0], own[0]), added(found[1], own[1]))
        if found is None:
            size = knowledge.default("file" if "." in path.rpartition("/")[2] else "copied")
            return size, size.scaled(*knowledge.compression("artifact"))
        return found

    def _base_folder(self, index: int, path: str) -> tuple[Size, Size] | None:
        # A stage's base is that of the image at the root of its chain.
        base = self.image.stages[index].state.base
        measured = base.own_bytes.get(path)
        size = knowledge.own_files(base.family, path) if measured is None else Size(measured, measured, measured, "registry", base.reference)
        return None if size is None or path == "/" else (size, size.scaled(*knowledge.compression("toolchain")))

    def _fold(self, index: int) -> _Folded:
        """Stages only copy from earlier ones, so the depth is the chain of copies, never a circle; it is unrolled from the first stage on."""
        for next_one in range(len(self._folded), index + 1):
            check()
            parent = self.image.stages[next_one].state.parent
            self._roots[next_one] = next_one if parent is None else self._roots[parent]
            self._folded[next_one] = self._stage(next_one)
        return self._folded[index]

    def _stage(self, index: int) -> _Folded:
        part = self.image.stages[index]
        parent = part.state.parent
        before = self._folded[parent] if parent is not None else _Folded((), Mount(self.contents), frozenset(), ())
        mount, packages = before.mount.copy(), before.packages
        rows: list[LayerEstimate] = []
        lines = [row.line for row in before.rows]
        scopes = {id(item): scope for item, scope in zip(part.state.stage.instructions, part.state.scopes, strict=True)}
        for layer in part.layers:
            check()
            number = len(lines)
            made = layer_parts(layer, part.state.base, scopes[id(layer.instruction)].env, packages, mount, number, self)
            packages = made.packages
            lines.append(layer.instruction.lines[0])
            rows.append(_row(layer, part, made))
        wasted = tuple(Wasted(str(one.cause), one.path, lines[one.layer], lines[one.by], one.size) for one in mount.wasted if one.size.high > 0)
        return _Folded((*before.rows, *rows), mount, packages, (*before.wasted, *wasted))


def _base_row(stage: StageImage, base: ImageSize) -> LayerEstimate:
    head = stage.state.stage.instructions[0]
    shown = f"FROM {stage.state.base.reference or stage.state.stage.base}"[:_SHOWN]
    source = f"{base.source}; {base.note}" if base.note else base.source
    unpacked, compressed = (Size(*size, base.basis, source, base.date) for size in (base.unpacked, base.compressed))
    return LayerEstimate(head.lines[0], shown, stage.state.stage.name, unpacked, compressed)


def _row(layer: Layer, stage: StageImage, made: Made) -> LayerEstimate:
    item = layer.instruction
    shown = f"{item.keyword} {item.value}"[:_SHOWN]
    removable = tuple(Removable(cause, item.lines[0], size) for cause, size in made.removable)
    return LayerEstimate(item.lines[0], shown, stage.state.stage.name, made.size, made.compressed, removable, made.opaque)
