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
    """Whether all that an act does is to say where packages come from."""
    return act.phase in (Phase.FILES, Phase.SETUP) and bool(act.writes) and all(map(is_source, act.writes))


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
