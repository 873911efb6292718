"""Where a distribution's packages come from: lists of repositories and their keys, which serve installs and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from service.image.effects import Act, Phase, Write
from service.image.history import below
from service.image.image import Image

_PLACES = (
    "/etc/apt/sources.list",
    "/etc/apt/sources.list.d",
    "/etc/apt/trusted.gpg",
    "/etc/apt/trusted.gpg.d",
    "/etc/apt/keyrings",
    "/usr/share/keyrings",
    "/etc/apk/repositories",
    "/etc/apk/keys",
)
"""sources.list(5), apt-secure(8), apk-repositories(5)."""


def source_path(path: str) -> bool:
    """Whether a path says where packages come from."""
    return any(below(path, place) for place in _PLACES)


def is_source(write: Write) -> bool:
    """Whether a path says where packages come from. `apt-key` and `add-apt-repository` write somewhere in /etc/apt."""
    return source_path(write.path) or (write.path == "/etc/apt" and write.by in ("apt-key", "add-apt-repository"))


def only_sources(act: Act) -> bool:
    """Whether all that an act does is to say where packages come from, or to fetch the key that they are signed with."""
    return act.phase in (Phase.FILES, Phase.SETUP, Phase.FETCH) and bool(act.writes) and all(map(is_source, act.writes))


def come_too_late(before: Image, after: Image) -> frozenset[str]:
    """Lists and keys that come behind the last install of the new image, and came in front of one in the original."""
    last, early = _last_install(after), _last_install(before)
    early_paths = {path for path, place in _sources(before) if place < early}
    return frozenset(path for path, place in _sources(after) if 0 <= last < place and path in early_paths)


def _sources(image: Image) -> Iterable[tuple[str, int]]:
    """The paths that say where packages come from, each with the place of the layer that writes it."""
    layers = (layer for stage in image.chain(image.final) for layer in stage.layers)
    return [(write.path, place) for place, layer in enumerate(layers) for write in layer.writes if source_path(write.path)]


def _last_install(image: Image) -> int:
    layers = (layer for stage in image.chain(image.final) for layer in stage.layers)
    return max((place for place, layer in enumerate(layers) if any(change.installed for change in layer.packages)), default=-1)


def serves_no_install(write: Write, before: Image, after: Image) -> bool:
    """Whether the original installs nothing behind the line that wrote a package source, or the new image nothing of it: what that installs was
    there earlier, or came with the old base."""
    acts = [act for stage in before.chain(before.final) for layer in stage.layers for act in layer.acts]
    place = next((place for place, act in enumerate(acts) if any(one.origin == write.origin and one.path == write.path for one in act.writes)), None)
    if place is None or not is_source(write):
        return False
    base = before.chain(before.final)[0].state.base
    settled = _installed(acts[:place]) | (base.packages or frozenset()) | (base.capabilities or frozenset())
    return not _installed(acts[place + 1 :]) or _installed(act for layer in after.stages[after.final].layers for act in layer.acts) <= settled


def _installed(acts: Iterable[Act]) -> frozenset[str]:
    return frozenset(name for act in acts if act.packages is not None for name in act.packages.installed)
