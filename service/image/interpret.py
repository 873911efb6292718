"""From a Dockerfile to the image it would make: configuration, packages, users, and layers of path effects. It knows no pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from service.context import BuildContext
from service.deadline import check
from service.dockerfile.ignore import visible
from service.dockerfile.model import Dockerfile, Instruction
from service.image.config import ConfigMemo, interpret_config
from service.image.copies import copy_layer
from service.image.effects import Kind, Layer, Phase, Write
from service.image.files import FileView
from service.image.image import Image, Scope, StageConfig, StageImage
from service.image.model import BaseImage
from service.image.runs import run_layer
from service.image.written import placed as placed_texts
from service.knowledge.images import base_image
from service.quick import quick


def interpret(
    dockerfile: Dockerfile,
    context: BuildContext,
    base_facts: Callable[[str], BaseImage] = base_image,
    build_args: Mapping[str, str] | None = None,
    platform: str = "linux/amd64",
) -> Image:
    """All stages, the last one final. The context's `.dockerignore` is applied first."""
    image = interpret_with_views(dockerfile, context, base_facts, build_args, platform)[0]
    seen(context).forget("_memo")
    return image


def interpret_with_views(
    dockerfile: Dockerfile,
    context: BuildContext,
    base_facts: Callable[[str], BaseImage] = base_image,
    build_args: Mapping[str, str] | None = None,
    platform: str = "linux/amd64",
) -> tuple[Image, tuple[FileView, ...]]:
    """As `interpret`, with the files that each stage has at its end, its parents' included. What it finds out of a line is kept in the context
    (`_memo`, for the caller to let go of): the drafts of one request share most of their lines. Without any file of a context the requests of all
    callers do: `FROM node:20`, `WORKDIR /app` and `COPY package.json ./` are the head of many."""
    visible, memo = _remembering(seen(context), dockerfile)
    states = interpret_config(dockerfile, base_facts, build_args or {}, platform, memo.config)
    stages: list[StageImage] = []
    names: dict[str, int] = {}
    views: list[FileView] = []
    for state in states:
        inherited = None if state.parent is None else views[state.parent]
        start = memo.start(state.base, inherited, visible, dockerfile.escape)
        layers, after = _layers(state, start, names, dockerfile.escape, memo)
        stages.append(StageImage(state, layers))
        views.append(after)
        names[str(state.stage.index)] = state.stage.index
        if state.stage.name:
            names[state.stage.name] = state.stage.index
    return Image(tuple(stages), len(stages) - 1), tuple(views)


def seen(context: BuildContext) -> BuildContext:
    """The context as COPY sees it, `.dockerignore` applied. What is ignored is not there."""
    rules = context.files.get(".dockerignore")
    # What was let through once is let through again: nobody has to ask.
    return context.derived("_seen", lambda: _visible(context, rules)) if rules and "_through" not in context.__dict__ else context


def _visible(context: BuildContext, rules: str) -> BuildContext:
    kept = visible(context.files, rules)
    found = BuildContext({path: text for path, text in context.files.items() if path in kept}, context.complete, context.sizes)
    found.derived("_through", lambda: True)
    return found


@quick
@dataclass(frozen=True, slots=True)
class _Point:
    """A place in a stage: the layer made last and the point before it, the files that are there, the paths that builds wrote, and how much reading
    recipes took so far. A stage's first point has no layer."""

    view: FileView
    base: BaseImage
    layer: Layer | None = None
    before: _Point | None = None
    made: tuple[str, ...] = ()
    spent: int = 0

    def layers(self) -> Iterator[Layer]:
        """The stage's layers up to here, the last first."""
        point: _Point | None = self
        while point is not None:
            if point.layer is not None:
                yield point.layer
            point = point.before


@dataclass(frozen=True, slots=True)
class _Memo:
    """What lines did at a point in a scope, by identity: the memo holds every point and scope that a key names."""

    config: ConfigMemo = field(default_factory=ConfigMemo)
    _points: dict[tuple[object, ...], tuple[object, _Point]] = field(default_factory=dict)

    _characters: list[int] = field(default_factory=lambda: [0])

    def full(self, more: int) -> bool:
        """Whether texts of more than `_MOST_TOGETHER` characters, with these `more`, were asked for."""
        self._characters[0] += more
        return self._characters[0] > _MOST_TOGETHER

    def clear(self) -> None:
        self.config.clear()
        self._points.clear()
        self._characters[0] = 0

    def start(self, base: BaseImage, view: FileView | None, context: BuildContext, escape: str) -> _Point:
        """`view` is the parent stage's, None for a stage that begins with an image alone."""
        key = (id(base), id(view), escape)
        found = self._points.get(key)
        if found is None:
            found = self._points[key] = (base, view), _Point(FileView.of(context) if view is None else view, base)
        return found[1]

    def after(self, point: _Point, item: Instruction, scope: Scope, known: object, make: Callable[[], _Point]) -> _Point:
        key = (id(point), id(scope), item.keyword, item.value, item.heredocs, known)
        found = self._points.get(key)
        if found is None:
            found = self._points[key] = (point, scope), make()
        return found[1]


_MOST_TOGETHER = 400_000
_LONGEST = 8_000
_MOST_LINES = 100
_WITHOUT_FILES = {complete: (BuildContext({}, complete), _Memo()) for complete in (False, True)}
"""For contexts without files, what requests share. Everything in it is a function of the lines alone, so that who asked before makes no difference
but of time."""


def _remembering(context: BuildContext, dockerfile: Dockerfile) -> tuple[BuildContext, _Memo]:
    """The context and the memo to interpret with. Long files keep to themselves: what their lines make is not small."""
    length = sum(len(item.text) for item in dockerfile.instructions)
    if context.files or context.sizes or length > _LONGEST or len(dockerfile.instructions) > _MOST_LINES:
        return context, context.derived("_memo", _Memo)
    common, memo = _WITHOUT_FILES[context.complete]
    if memo.full(length):
        memo.clear()
    return common, memo


def _layers(
    state: StageConfig, point: _Point, names: Mapping[str, int], escape: str, memo: _Memo
) -> tuple[tuple[Layer, ...], FileView]:
    layers: list[Layer] = []
    folders = [*(scope.workdir for scope in state.scopes[1:]), state.config.workdir]
    for item, scope, folder in zip(state.stage.instructions, state.scopes, folders, strict=True):
        check()
        reference = item.flag("from") if item.keyword in ("COPY", "ADD") else None
        known = names.get(reference.lower()) if reference is not None else folder if item.keyword == "WORKDIR" else None
        following = memo.after(point, item, scope, known, partial(_following, point, item, scope, folder, names, escape))
        if following is not point and following.layer is not None:
            layers.append(_of(following.layer, item))
        point = following
    return tuple(layers), point.view


def _of(layer: Layer, item: Instruction) -> Layer:
    """The layer as this instruction's, which may stand elsewhere in another draft."""
    if layer.instruction is item:
        return layer
    return Layer(item, layer.writes, layer.deletes, layer.packages, layer.installs, layer.users, layer.opaque, layer.acts)


def _following(point: _Point, item: Instruction, scope: Scope, folder: str, names: Mapping[str, int], escape: str) -> _Point:
    if item.keyword == "RUN":
        spent = [point.spent]
        layer = run_layer(item, scope, point.base, point.view, point.made, point.layers, spent)
        built = tuple(write.path for act in layer.acts if act.phase is Phase.BUILD for write in act.writes)
        written = placed_texts(layer, point.view)
        view = point.view.with_copies(written) if written else point.view
        return _Point(view, point.base, layer, point, (*point.made, *built) if built else point.made, spent[0])
    if item.keyword in ("COPY", "ADD"):
        layer, placed = copy_layer(item, scope, point.view, names, escape)
        return _Point(point.view.with_copies(placed), point.base, layer, point, point.made, point.spent)
    # A variable that only an unknown base could have set may name any folder.
    if item.keyword == "WORKDIR" and (folder != "/" or ("$" in item.value and not point.base.source)):
        layer = Layer(item, (Write(folder, Kind.FILES, False, "workdir"),) if folder != "/" else ())
        return _Point(point.view, point.base, layer, point, point.made, point.spent)
    return point
