"""What an image's own lines delete: what the base or a package brought, and what would not be there to be deleted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.deadline import check
from service.image.effects import Act, Write
from service.image.history import below
from service.image.image import Image
from service.image.model import BaseImage
from service.image.packagecheck import explicit
from service.image.packagesources import source_path
from service.knowledge.folders import parents

if TYPE_CHECKING:
    from service.image.verify import Findings, Pair

_REMOVING = frozenset({"rm", "rmdir"})
_NOBODYS = (
    "/tmp",
    "/var/tmp",
    "/run",
    "/var/cache",
    "/var/log",
    "/var/lib/apt/lists",
    "/usr/share/doc",
    "/usr/share/doc-base",
    "/usr/share/info",
    "/usr/share/lintian",
    "/usr/share/locale",
    "/usr/share/man",
)
"""Places whose content no program is started for: hier(7)'s temporary files, caches and logs; documentation as dpkg.cfg(5) excludes it."""


def named_after(path: str, packages: Iterable[str]) -> bool:
    """Whether a part of a path is the name of a package, as far as its first digit or hyphen (`/etc/nginx/...` of nginx-light)."""
    stems = {re.split(r"[-.0-9]", name, maxsplit=1)[0] for name in packages}
    return bool(stems & set(re.split(r"[/.-]", path)))


def gone_with_its_package(path: str, gone: Iterable[str], there: Iterable[str], base: BaseImage) -> bool:
    """Whether a path is named after a package that the new image leaves behind, and after none that it installs or that its base has."""
    return named_after(path, gone) and not named_after(path, there) and not set(re.split(r"[/.]", path)) & (base.packages or frozenset())


def nobodys(path: str) -> bool:
    """Whether nothing misses what is deleted there: temporary files, caches, logs, documentation, or what tools keep in a home folder."""
    return any(below(path, place) for place in _NOBODYS) or path.startswith("/root/.") or (path.startswith("/home/") and "/." in path)


def removals(image: Image) -> Iterator[tuple[Act, str, bool]]:
    """Each (act, path, made) of what the final chain's `rm` and `rmdir` delete, in order. `made`: a line before it put it there, or may have put it
    into a folder that it filled, unless the path bears the name of a package that is installed: what is deleted need not be the base's or a
    package's."""
    layers = [layer for stage in image.chain(image.final) for layer in stage.layers]
    if not any(act.step in _REMOVING for layer in layers for act in layer.acts):
        return
    made = _Made()
    for layer in layers:
        check()
        for act in layer.acts:
            if act.step in _REMOVING:
                yield from ((act, path, made.touches(path)) for path in act.deletes)
            made.add(act.writes)
            if act.packages is not None:
                made.packages.update(act.packages.installed)
        made.add(layer.writes)


@dataclass(slots=True)
class _Made:
    """Paths that were written, those of whole trees among them, and the folders above them all."""

    paths: set[str] = field(default_factory=set)
    trees: set[str] = field(default_factory=set)
    above: set[str] = field(default_factory=set)
    packages: set[str] = field(default_factory=set)

    def add(self, writes: Iterable[Write]) -> None:
        for write in writes:
            path = write.path.rstrip("/")
            if write.tree and write.origin != "workdir":
                self.trees.add(path)
            if path not in self.paths:
                self.paths.add(path)
                self.above.update(folder.rstrip("/") for folder in parents(path))

    def touches(self, path: str) -> bool:
        bare = path.rstrip("/")
        if bare in self.paths or bare in self.above:
            return True
        return any(folder.rstrip("/") in self.trees for folder in parents(bare)) and not named_after(path, self.packages)


def from_the_system(image: Image) -> dict[int, tuple[str, ...]]:
    """By an act's `id`, the paths that it deletes and that only the base or a package can have brought: they are missing on purpose."""
    found: dict[int, tuple[str, ...]] = {}
    for act, path, made in removals(image):
        if not made and not nobodys(path):
            found[id(act)] = (*found.get(id(act), ()), path)
    return found


def forced(act: Act) -> bool:
    """Whether it does not mind that there is nothing to delete."""
    return any(
        word in ("--force", "--ignore-fail-on-non-empty") or (word is not None and word[:1] == "-" != word[1:2] and "f" in word) for word in act.words
    )


def check_removed(pair: Pair, found: Findings) -> None:
    """What the original deletes of its base or packages is not in the new image either, and every deletion there finds what it deletes."""
    old, new = (image.chain(image.final)[0].state.base for image in (pair.before, pair.after))
    was, now = list(removals(pair.before)), list(removals(pair.after))
    gone = {path for _, path, _ in now}
    other = old.toolchain if old.reference != new.reference else ()
    had, has = explicit(pair.before), explicit(pair.after)
    for act, path, made in was:
        with_package = gone_with_its_package(path, had - has, has, new)
        away = new.libc == "none" or with_package or any(below(path, folder) for folder in other)
        if made or away or nobodys(path) or path in gone or (source_path(path) and not _installs(pair.after)):
            continue
        found.failures.append(f"{path}, which `{act.step}` deletes, would come back")
    empty = {(act.words, path) for act, path, made in was if not made}
    for act, path, made in now:
        if not made and not forced(act) and not nobodys(path) and (act.words, path) not in empty:
            found.failures.append(f"`{act.step}` would find no {path} to delete, and fail")


def _installs(image: Image) -> bool:
    acts = (act for stage in image.chain(image.final) for layer in stage.layers for act in layer.acts)
    return any(act.packages is not None and act.packages.installed for act in acts)
