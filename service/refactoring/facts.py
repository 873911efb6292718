"""What a pass may know of the draft in front of it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from service.context import BuildContext
from service.dockerfile.model import Dockerfile, Instruction
from service.image.effects import Layer
from service.image.files import FileView, Placed
from service.image.history import below, inside, stage_source
from service.image.image import Image, StageImage
from service.image.interpret import interpret_with_views, seen
from service.image.model import BaseImage
from service.image.program import Program, program_of
from service.knowledge.images import base_image
from service.refactoring.draft import Draft
from service.refactoring.result import Options

_MOST_LAYERS = 300
_Rows = tuple[tuple[int, Instruction, Layer | None], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """The draft as read and interpreted, the context as COPY sees it, what the caller chose, and the program that the image runs."""

    dockerfile: Dockerfile
    image: Image
    context: BuildContext
    options: Options
    view: FileView
    program: Program
    _offsets: dict[int, int] = field(default_factory=dict, compare=False, repr=False)
    _rows: dict[int, tuple[StageImage, _Rows]] = field(default_factory=dict, compare=False, repr=False)
    """By the stage's identity, which is its own for as long as it is held here. Nearly every pass asks."""

    @property
    def final(self) -> StageImage:
        return self.image.stages[self.image.final]

    @property
    def oversized(self) -> bool:
        """Whether the file has more layers than any image may (an overlay has at most 128 of them): comparing two of that kind takes too long."""
        return sum(len(stage.layers) for stage in self.image.stages) > _MOST_LAYERS

    def layers(self, stage: StageImage) -> Iterator[tuple[int, Instruction, Layer | None]]:
        """(index in the stage, instruction, its layer or None) in order."""
        if id(stage) not in self._rows:
            by_instruction = {id(layer.instruction): layer for layer in stage.layers}
            items = enumerate(stage.state.stage.instructions)
            self._rows[id(stage)] = stage, tuple((index, item, by_instruction.get(id(item))) for index, item in items)
        return iter(self._rows[id(stage)][1])

    def offset(self, stage: StageImage) -> int:
        """The index of a stage's FROM among all instructions."""
        if not self._offsets:
            self._offsets.update({id(item): index for index, item in enumerate(self.dockerfile.instructions) if item.keyword == "FROM"})
        return self._offsets[id(stage.state.stage.instructions[0])]


def facts_of(draft: Draft, context: BuildContext, options: Options) -> Facts:
    """The facts of a draft; of the same text in the same request they are taken as they were."""
    known = seen(context).derived("_facts", dict[tuple[str, int], Facts])
    key = str(draft), id(options)
    if key not in known:
        # The options live as long as the facts that name them, so their id is theirs alone.
        known[key] = _facts(draft, context, options)
    return known[key]


def _facts(draft: Draft, context: BuildContext, options: Options) -> Facts:
    dockerfile = draft.dockerfile()
    image, views = interpret_with_views(dockerfile, context, _bases(options), build_args=options.build_args, platform=options.platform)
    view, final = views[image.final], image.stages[image.final]
    return Facts(dockerfile, image, seen(context), options, view, program_of(final, through_stages(view, final, views)))


def through_stages(view: FileView, stage: StageImage, views: Sequence[FileView]) -> FileView:
    """A stage's view with what it copies from other stages, as far as the context brought that there: a start script is read through the copy."""
    found: list[Placed] = []
    copies = ((write, taken) for layer in stage.layers for write in layer.writes if (taken := stage_source(write)) is not None)
    for write, (index, path) in copies:
        for one in views[index].placed if index < len(views) else ():
            if one.tree and below(path, one.path):
                source = posixpath.normpath(posixpath.join(one.source, inside(path, one.path)))
                # What a build made there is no file of the context, though it lies in a folder that was copied.
                if source in view.context.files or source in view.folders or source == ".":
                    found.append(Placed(source, write.path, source not in view.context.files))
            elif below(one.path, path):
                found.append(Placed(one.source, posixpath.normpath(posixpath.join(write.path, inside(one.path, path))), one.tree, one.content))
    return view.with_copies(found) if found else view


def _bases(options: Options) -> Callable[[str], BaseImage]:
    """The facts of base images. A reference with the digest that the registry gave for its tag is that tag."""
    pinned = {f"{reference}@{digest}": reference for reference, digest in options.digests.items()}
    return lambda reference: base_image(pinned.get(reference, reference))
