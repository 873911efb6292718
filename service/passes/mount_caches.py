"""Keep package caches between builds and out of the image.

Why: a cache mount keeps a package manager's downloads from one build to the next, and out of the layer.

Not where: the builder may not be BuildKit (`builder=any`), the same RUN removes the cache, a path below it ships, a later command reads it without
the mount, or the number of a RUN's user is not known.

Source: https://docs.docker.com/build/cache/optimize/#use-cache-mounts

before:
    FROM node:22-slim
    WORKDIR /app
    COPY package.json package-lock.json ./
    RUN npm ci
    COPY . .
    CMD ["node", "server.js"]

after:
    FROM node:22-slim
    WORKDIR /app
    COPY package.json package-lock.json ./
    RUN --mount=type=cache,target=/root/.npm npm ci
    COPY . .
    CMD ["node", "server.js"]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service.dockerfile.model import Instruction
from service.ecosystems import ECOSYSTEMS
from service.image.effects import Act, Kind, Layer, Phase
from service.image.history import below
from service.image.image import StageImage
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts

_BY = "mount_caches"
_LONGEST = 120
"""Columns; a longer line of several flags is hard to read in a diff."""
_DOWNLOADS = frozenset(ecosystem.name for ecosystem in ECOSYSTEMS if ecosystem.downloads)
"""Ecosystems whose caches hold downloads that installing copies out of; the others read their store again when they build."""

_EXCLUSIVE = frozenset(ecosystem.name for ecosystem in ECOSYSTEMS if ecosystem.exclusive)


def mount_caches(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """Never over a path that ships, never beside an `rm` of it, never where a later command reads the store unmounted."""
    if facts.options.builder != "buildkit":
        return
    edited = draft
    used: dict[str, bool] = {}
    for stage in facts.image.stages:
        offset = facts.offset(stage)
        for index, item, layer in facts.layers(stage):
            if item.keyword != "RUN" or layer is None or layer.opaque or item.json is not None:
                continue
            locked = {write.path for act in layer.acts if act.ecosystem in _EXCLUSIVE for write in act.writes if write.kind is Kind.CACHE}
            paths = _paths(item, layer, stage, facts, used)
            mounts = tuple(_mount(path, stage, index, path in locked) for path in paths)
            if mounts and None not in mounts:
                because = _because(paths)
                edited = edited.rewrite(
                    offset + index, _with_mounts(item, tuple(mount for mount in mounts if mount), draft), Reason(_BY, "cache-mount", because)
                )
    if edited is not draft:
        yield edited


def _because(paths: Sequence[str]) -> str:
    if len(paths) == 1:
        return f"{paths[0]} is a package cache: the next build reads it, the image does not carry it"
    return f"{', '.join(paths)} are package caches: the next build reads them, the image does not carry them"


def _paths(item: Instruction, layer: Layer, stage: StageImage, facts: Facts, used: dict[str, bool]) -> tuple[str, ...]:
    """The cache folders a RUN fills and that may be mounted. `used` keeps what was found out of a folder."""
    found: list[str] = []
    mounted = [flag.value or "" for flag in item.flags if flag.name == "mount"]
    for act in layer.acts:
        for write in act.writes:
            apt = write.path.startswith(("/var/lib/apt", "/var/cache"))
            if write.kind is not Kind.CACHE or apt or act.phase not in (Phase.INSTALL, Phase.BUILD) or write.path in found:
                continue
            if write.path in act.unmountable:
                continue
            if any(write.path in value for value in mounted) or not _may_mount(write.path, act, layer, stage, facts, used):
                continue
            found.append(write.path)
    return tuple(dict.fromkeys(found))


def _may_mount(path: str, act: Act, layer: Layer, stage: StageImage, facts: Facts, used: dict[str, bool]) -> bool:
    if any(below(path, gone) or below(gone, path) for gone in layer.deletes):
        return False
    if path not in used:
        used[path] = _used(path, facts)
    if used[path]:
        return False
    if act.ecosystem in _DOWNLOADS:
        return True
    ships = stage.state.stage.index == facts.image.final
    return not ships and all(not other.opaque and _reads_mounted(other, path) for other in stage.layers)


def _used(path: str, facts: Facts) -> bool:
    """Whether something else writes there, the program names it, or a copy takes it."""
    layers = (layer for part in facts.image.stages for layer in part.layers)
    written = any(below(write.path, path) and write.kind is not Kind.CACHE for layer in layers for write in layer.writes)
    return written or any(below(word, path) for _, word in facts.program.words()) or _copied_out(path, facts)


def _copied_out(path: str, facts: Facts) -> bool:
    """A COPY --from that takes the cache, or something above it."""
    return any(
        write.origin.startswith("stage:") and (below(path, source) or below(source, path))
        for stage in facts.image.stages
        for layer in stage.layers
        for write in layer.writes
        for source in [write.origin.split(":", 2)[-1].partition(" ")[0]]
    )


def _reads_mounted(layer: Layer, path: str) -> bool:
    """Whether every build command of a RUN names the store among its own caches, so that it gets the mount too."""
    acts = [act for act in layer.acts if act.phase is Phase.BUILD and act.ecosystem not in _DOWNLOADS]
    return all(any(write.path == path for write in act.writes) for act in acts)


def _mount(path: str, stage: StageImage, index: int, locked: bool) -> str | None:
    """The flag; with the user's number where the RUN is not root's, None where that is not known."""
    shared = ",sharing=locked" if locked else ""
    user = stage.state.scopes[index].user.partition(":")[0]
    if user in ("", "root", "0"):
        return f"--mount=type=cache,target={path}{shared}"
    number = user if user.isdigit() else stage.state.base.users.get(user)
    return None if number is None else f"--mount=type=cache,target={path},uid={number}{shared}"


def _with_mounts(item: Instruction, mounts: tuple[str, ...], draft: Draft) -> str:
    """The RUN with its flags in front of the command, the author's bytes behind them. Several flags that make a long line stand in lines of
    their own, as Docker's documentation writes them."""
    start = item.text.upper().index(item.keyword) + len(item.keyword)
    head, command = item.text[:start], item.text[start:]
    line = f"{head} {' '.join(mounts)}{command}"
    if len(mounts) < 2 or len(line.partition(draft.newline)[0]) <= _LONGEST:
        return line
    glue = f" {draft.escape}{draft.newline}    "
    opened = command.lstrip(" \t").startswith(draft.escape + draft.newline)
    return f"{head} {glue.join(mounts)}{command if opened else glue + command.lstrip()}"
