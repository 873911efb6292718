"""From a Dockerfile to the image it would make: configuration, packages, users, and layers of path effects. It knows no pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from service.context import BuildContext
from service.dockerfile.ignore import visible
from service.dockerfile.model import Dockerfile
from service.image.config import interpret_config
from service.image.copies import copy_layer
from service.image.effects import Kind, Layer, Phase, Write
from service.image.files import FileView
from service.image.image import Image, StageConfig, StageImage
from service.image.model import BaseImage
from service.image.runs import run_layer
from service.knowledge.images import base_image


def interpret(
    dockerfile: Dockerfile,
    context: BuildContext,
    base_facts: Callable[[str], BaseImage] = base_image,
    build_args: Mapping[str, str] | None = None,
    platform: str = "linux/amd64",
) -> Image:
    """All stages, the last one final. The context's `.dockerignore` is applied first."""
    states = interpret_config(dockerfile, base_facts, build_args or {}, platform)
    view = FileView.of(seen(context))
    stages: list[StageImage] = []
    names: dict[str, int] = {}
    views: dict[int, FileView] = {}
    for state in states:
        inherited = view if state.parent is None else views[state.parent]
        layers, views[state.stage.index] = _layers(state, inherited, names, dockerfile.escape)
        stages.append(StageImage(state, layers))
        names[str(state.stage.index)] = state.stage.index
        if state.stage.name:
            names[state.stage.name] = state.stage.index
    return Image(tuple(stages), len(stages) - 1)


def seen(context: BuildContext) -> BuildContext:
    """The context as COPY sees it, `.dockerignore` applied. What is ignored is not there."""
    rules = context.files.get(".dockerignore")
    return context.derived("_seen", lambda: _visible(context, rules)) if rules else context


def _visible(context: BuildContext, rules: str) -> BuildContext:
    kept = visible(context.files, rules)
    found = BuildContext({path: text for path, text in context.files.items() if path in kept}, context.complete, context.sizes)
    # What was let through once is let through again: nobody has to ask.
    return found.derived("_seen", lambda: found)


def _layers(state: StageConfig, view: FileView, names: Mapping[str, int], escape: str) -> tuple[tuple[Layer, ...], FileView]:
    layers: list[Layer] = []
    made: tuple[str, ...] = ()
    spent = [0]
    folders = [*(scope.workdir for scope in state.scopes[1:]), state.config.workdir]
    for item, scope, folder in zip(state.stage.instructions, state.scopes, folders, strict=True):
        if item.keyword == "RUN":
            layers.append(run_layer(item, scope, state.base, view, made, layers, spent))
            made += tuple(write.path for act in layers[-1].acts if act.phase is Phase.BUILD for write in act.writes)
        elif item.keyword in ("COPY", "ADD"):
            layer, placed = copy_layer(item, scope, view, names, escape)
            layers.append(layer)
            view = view.with_copies(placed)
        elif item.keyword == "WORKDIR" and folder != "/":
            layers.append(Layer(item, (Write(folder, Kind.FILES, False, "workdir"),)))
    return tuple(layers), view
