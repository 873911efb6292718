"""bun.lock: JSON with trailing commas (bun.com/docs/pm/lockfile). The older bun.lockb is binary and is not read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from service.sizing.locks.model import Locked, Wish, once, reached, read_json

_TRAILING = re.compile(r",(?=\s*+[}\]])")
_DEEPEST = 60


def bun_lock(text: str, manifest: str | None, wish: Wish) -> tuple[Locked, ...] | None:
    """A row a folder, named by the packages on the way to it: `jest/chalk`. Equal versions in two folders are hard links to bun's cache, so that
    they count once (bun.com/docs/pm/global-cache)."""
    data = read_json(_TRAILING.sub("", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))))
    packages = None if data is None else data.get("packages")
    if data is None or not isinstance(packages, dict):
        return None
    keys = list(packages)
    if wish.production or not wish.optional:
        keys = [key for key in reached(_roots(data, wish), lambda key: _needs(key, packages, wish)) if key in packages]
    return once(pair for key in keys for pair in [_pair(packages[key], wish)] if pair is not None)


def _roots(data: Mapping[str, Any], wish: Wish) -> Iterator[str]:
    workspaces = data.get("workspaces")
    for workspace in workspaces.values() if isinstance(workspaces, dict) else ():
        for section in wish.sections if isinstance(workspace, dict) else ():
            names = workspace.get(section)
            yield from names if isinstance(names, dict) else ()


def _needs(key: str, packages: Mapping[str, Any], wish: Wish) -> Iterator[str]:
    meta = _meta(packages.get(key))
    optional_peers = meta.get("optionalPeers")
    skipped = optional_peers if isinstance(optional_peers, list) else []
    for section in ("dependencies", "peerDependencies", *(("optionalDependencies",) if wish.optional else ())):
        names = meta.get(section)
        for name in names if isinstance(names, dict) else ():
            if section != "peerDependencies" or name not in skipped:
                yield _resolved(key, name, packages)


def _resolved(key: str, name: str, packages: Mapping[str, Any]) -> str:
    """The nearest folder upwards that has the package, as Node looks for it."""
    place = key
    for _ in range(_DEEPEST):
        if f"{place}/{name}" in packages:
            return f"{place}/{name}"
        if "/" not in place:
            break
        place = place.rpartition("/")[0]
    return name


def _meta(row: object) -> Mapping[str, Any]:
    found = next((part for part in row if isinstance(part, dict)), None) if isinstance(row, list) else None
    return found or {}


def _pair(row: object, wish: Wish) -> tuple[str, str] | None:
    if not isinstance(row, list) or not row or not isinstance(row[0], str):
        return None
    name, at, version = row[0].rpartition("@")
    if not at or not name or not version[:1].isdigit():
        return None
    meta = _meta(row)
    return (name, version) if wish.fits(name, meta.get("os"), meta.get("cpu"), meta.get("libc")) else None
