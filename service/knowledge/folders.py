"""What base images have, and do not have, in the folders that people copy their programs to."""

from __future__ import annotations

import json
import posixpath
from importlib.resources import files

from service.image.model import BaseImage

_DATA = json.loads(files(__package__).joinpath("folders.json").read_text())
SYSTEM = frozenset(_DATA["system"])
"""The folders of the root that distributions have."""
PLAIN: frozenset[str] = frozenset(_DATA["plain"]["paths"])
"""Folders of every distribution that belong to root with mode 0755."""


def nothing_below(path: str, base: BaseImage) -> bool:
    """Whether a base is known to have nothing inside a folder, which itself may exist. Source and date: folders.json."""
    if not base.source or any(_touches(path, other) for other in (*base.toolchain, *base.config.volumes) if other != "/"):
        return False
    if path in _DATA["empty"].get(base.family, ()):
        return True
    values = [value for _, value in base.config.env] + [base.config.workdir]
    named = {part for value in values for part in value.split(":") if part.startswith("/") and part != "/"}
    if any(_touches(path, part) for part in named):
        return False
    top = path.split("/")[1]
    return top not in SYSTEM or any(path.startswith(folder + "/") for folder in _DATA["free"])


def absent(path: str, base: BaseImage) -> bool:
    """Whether a base is known not to have a folder at all."""
    return nothing_below(path, base) and path.split("/")[1] not in SYSTEM


def missing(path: str, base: BaseImage) -> bool:
    """Whether a base is known not to have a path: it has nothing there, or not the user in whose home it lies."""
    parts = path.split("/")
    if path in _DATA["empty"].get(base.family, ()):
        return False
    home = parts[1] == "home" and len(parts) > 3 and bool(base.source) and parts[2] not in base.users
    return home or nothing_below(path, base)


def everywhere(path: str) -> bool:
    """Whether every distribution's image has a folder (FHS 3.0)."""
    return path in _DATA["everywhere"]


def linked(path: str) -> bool:
    """Whether a path lies behind a symbolic link that distributions have. Source: folders.json."""
    links = _DATA["linked"]["paths"]
    return any(path == link or path.startswith(link + "/") for link in links)


def data_of(package: str) -> tuple[str, ...]:
    """Where a Debian package lies that is read as files alone, so that a copy of them does as well; empty for others.
    Source and date: folders.json."""
    return tuple(_DATA["data"]["packages"].get(package, ()))


def brings_data(path: str, base: BaseImage) -> bool:
    """Whether a base is known to have the files of such a package at a path."""
    return any(path in data_of(package) for package in base.packages or ())


def parents(path: str) -> tuple[str, ...]:
    """The folders above a path, the root first."""
    found = []
    while path not in ("/", ""):
        path = posixpath.dirname(path)
        found.append(path)
    return tuple(reversed(found))


def _touches(one: str, other: str) -> bool:
    one, other = one.rstrip("/"), other.rstrip("/")
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")
