"""package-lock.json and npm-shrinkwrap.json, versions 1 to 3 (docs.npmjs.com/cli/configuring-npm/package-lock-json)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.sizing.locks.model import MOST_PACKAGES, Locked, Wish, counted, read_json


def npm_lock(text: str, manifest: str | None, wish: Wish) -> tuple[Locked, ...] | None:
    """Every place is a folder of its own, so that one version in two places counts twice."""
    data = read_json(text)
    if data is None or not (isinstance(data.get("packages"), dict) or isinstance(data.get("dependencies"), dict) or "lockfileVersion" in data):
        return None
    places = data.get("packages")
    return counted(_placed(places, wish) if isinstance(places, dict) else _nested(data.get("dependencies"), wish))


def _placed(places: Mapping[str, Any], wish: Wish) -> Iterator[tuple[str, str]]:
    """Versions 2 and 3: a row a folder. A workspace's own folder and the links to it are no packages of the registry; what is bundled lies in
    another one's tarball."""
    for place, row in places.items():
        at = place.rfind("node_modules/")
        if at < 0 or not isinstance(row, dict) or row.get("link") or row.get("inBundle"):
            continue
        name = row.get("name") if isinstance(row.get("name"), str) else place[at + len("node_modules/") :]
        if _wanted(str(name), row, wish):
            yield str(name), str(row.get("version", ""))


def _nested(rows: object, wish: Wish) -> Iterator[tuple[str, str]]:
    """Version 1: packages in the folders of packages."""
    waiting = [rows]
    count = 0
    while waiting:
        current = waiting.pop()
        for name, row in current.items() if isinstance(current, dict) else ():
            if not isinstance(row, dict) or row.get("bundled") or not _wanted(name, row, wish) or count >= MOST_PACKAGES:
                continue
            waiting.append(row.get("dependencies"))
            version = str(row.get("version", ""))
            if version.startswith("npm:"):
                name, _, version = version.removeprefix("npm:").rpartition("@")
            if not version.startswith("file:"):
                count += 1
                yield name, version


def _wanted(name: str, row: Mapping[str, Any], wish: Wish) -> bool:
    if wish.production and row.get("dev") or not wish.optional and row.get("optional"):
        return False
    if wish.production and not wish.optional and row.get("devOptional"):
        return False
    return not (row.get("optional") or row.get("devOptional")) or wish.fits(name, row.get("os"), row.get("cpu"), row.get("libc"))
