"""Build tools that the author put into the image by hand: a launcher that was downloaded or copied onto PATH, which only the build starts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from service.ecosystems import ECOSYSTEMS
from service.image.effects import Act, Kind, Layer, Phase, Write
from service.image.files import FileView
from service.image.history import below
from service.image.image import Image
from service.image.mentions import mentioned
from service.image.program import Program
from service.image.sources import is_source, patterns_of
from service.knowledge.globals import tools_of

_WORKING = frozenset({Phase.INSTALL, Phase.BUILD, Phase.CHECK})
_COMPILED = frozenset(ecosystem.name for ecosystem in ECOSYSTEMS if ecosystem.compiled)


def idle_tools(image: Image, program: Program, view: FileView) -> frozenset[str]:
    """Absolute paths of what only building needs: tools of images that are published for them, and, where the context is known, files that a compiled
    language's steps call, and what was fetched for these alone (sbt's jar, which its script starts). Empty where a program may call them that nobody
    could read."""
    if program.unread or program.opaque:
        return frozenset()
    layers = tuple(layer for stage in image.chain(image.final) for layer in stage.layers)
    published = frozenset(_published(layers, program, view))
    return published | _by_hand(image, layers, program, view) if view.context.complete else published


def _published(layers: tuple[Layer, ...], program: Program, view: FileView) -> Iterator[str]:
    """Tools that are copied out of the image that is published for them (uv, Composer). One that installed a program of its own for everybody
    (`composer global require laravel/installer`) may be called by that."""
    acts = (act for layer in layers for act in layer.acts if "global" in act.words)
    named = mentioned(program, view) | program.names | {posixpath.basename(act.words[0] or "") for act in acts}
    for write in (write for layer in layers for write in layer.writes if write.kind is Kind.STAGE and write.origin.startswith("image:")):
        reference, name = write.origin.removeprefix("image:").rpartition(":/")[0], posixpath.basename(write.path)
        if name in tools_of(reference) and name not in named and not any(below(path, write.path) for path in program.paths()):
            yield write.path


def _by_hand(image: Image, layers: tuple[Layer, ...], program: Program, view: FileView) -> frozenset[str]:
    placed = tuple(write for write in _placed(layers) if not any(below(path, write.path) for path in program.paths()))
    files = frozenset(write.path for write in placed if not write.tree)
    tools = _called(image, layers) & files if files else files
    tools = frozenset(path for path in tools if posixpath.basename(path) not in mentioned(program, view))
    return tools | _for(tools, placed, image, view) if tools else tools


def _placed(layers: Iterable[Layer]) -> Iterator[Write]:
    """What came from the context or from elsewhere, as it was."""
    return (write for layer in layers for write in layer.writes if write.kind in (Kind.CONTEXT, Kind.FETCHED))


def _called(image: Image, layers: Iterable[Layer]) -> frozenset[str]:
    """Where the programs of the build's steps may lie: by their path, or in the folders of PATH."""
    folders = (image.config.env_value("PATH") or "").split(":")
    return frozenset(path for layer in layers for act in layer.acts if _builds(act) for path in _places(act.words[0] or "", act.cwd, folders))


def _builds(act: Act) -> bool:
    return act.phase in _WORKING and act.ecosystem in _COMPILED and bool(act.step and act.words)


def _places(name: str, cwd: str, folders: Iterable[str]) -> Iterator[str]:
    return iter((posixpath.normpath(posixpath.join(cwd, name)),)) if "/" in name else (f"{folder}/{name}" for folder in folders)


def _for(tools: frozenset[str], placed: Iterable[Write], image: Image, view: FileView) -> frozenset[str]:
    """What was fetched and only the tools' own text names, beside what no program reads (the Dockerfile)."""
    own, clutter = {view.source_of(path) for path in tools}, patterns_of(())
    texts = [view.read(path) or "" for path in tools]
    others = [content for path, content in view.context.files.items() if content and path not in own and not is_source(path, clutter)]
    others += (value for _, value in image.config.env)
    fetched = {write.path for write in placed if write.kind is Kind.FETCHED and write.path not in tools and write.path.count("/") > 1}
    return frozenset(path for path in fetched if any(path in text for text in texts) and not any(path in text for text in others))
