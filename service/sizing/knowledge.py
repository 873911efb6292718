"""The bundled figures behind estimates (defaults.json): ranges for what no table or listing decides, and gzip's ratios."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from service.dockerfile.patterns import matches
from service.sizing.model import Size

_DATA: Mapping[str, Any] = json.loads(files(__package__).joinpath("defaults.json").read_text())
SOURCE: str = _DATA["source"]
DATE: str = _DATA["date"]
HEADER: int = _DATA["header"]
"""Bytes that a file's tar header takes after gzip."""
_ENDINGS = {ending: row["ratio"] for row in _DATA["file_compression"] for ending in row["endings"]}
_GENERAL = {"ecosystem_caches": "cache", "ecosystem_intermediates": "intermediate"}
_FOLDERS: Mapping[str, Any] = _DATA["folders"]
_ANY_FILE: float = _DATA["any_file_compression"]


@lru_cache(maxsize=512)
def default(kind: str, group: str = "kinds") -> Size:
    """The range of a kind of content (`opaque`, `fetched`...), or of an ecosystem's artifact or cache; a general one where there is no row."""
    row = _DATA[group].get(kind) or _DATA["kinds"][_GENERAL.get(group, "artifact")]
    return Size(row["low"], row["mid"], row["high"], "default", SOURCE, DATE)


def step(name: str) -> Size | None:
    """What a set-up command writes (`useradd`); None where nobody measured it."""
    row = _DATA["steps"].get(name)
    return None if row is None else Size(row["low"], row["mid"], row["high"], "default", SOURCE, DATE)


@lru_cache(maxsize=64)
def compression(group: str) -> tuple[float, float, float]:
    """gzip -6 of a layer's content to its bytes: low, mid, high."""
    low, middle, high = _DATA["compression"].get(group) or _DATA["compression"]["other"]
    return low, middle, high


def compression_of(path: str) -> float:
    """gzip's ratio for a file, by its ending."""
    return float(_ENDINGS.get(path.rpartition(".")[2].lower(), _ANY_FILE))


def installs(ecosystem: str) -> Size:
    """What a language's install adds where nothing is known of its packages."""
    row = _DATA["installs"].get(ecosystem) or _DATA["installs"]["default"]
    return Size(row["low"], row["mid"], row["high"], "default", SOURCE, DATE)


def begins_anew(ecosystem: str, words: Iterable[str | None]) -> bool:
    """Whether an install command first removes what is installed (`npm ci`: docs.npmjs.com/cli/commands/npm-ci)."""
    return any(word in _DATA["begins_anew"].get(ecosystem, ()) for word in words)


def package() -> Size:
    """A package of a distribution without a table."""
    row = _DATA["package"]
    return Size(row["low"], row["mid"], row["high"], "default", SOURCE, DATE)


def own_files(family: str, path: str) -> Size | None:
    """What a base image has of its own toolchain at a path and below it: a COPY --from of that folder stores it again. None: nothing known."""
    rows = [row for row in _FOLDERS["rows"].get(family, ()) if _covers(path, row["path"])]
    if not rows:
        return None
    low, middle, high = (sum(row[end] for row in rows) for end in ("low", "mid", "high"))
    return Size(low, middle, high, "ratio", _FOLDERS["source"], DATE)


def _covers(path: str, pattern: str) -> bool:
    """Whether a pattern's folder is a path's or lies below it."""
    parts, wanted = pattern.split("/"), path.split("/")
    return len(wanted) <= len(parts) and all(matches(part, one) for part, one in zip(parts, wanted, strict=False))


FILE = default("file")
