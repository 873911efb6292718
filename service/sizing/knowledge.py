"""The bundled figures behind estimates (defaults.json): ranges for what no table or listing decides, and gzip's ratios."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from service.sizing.model import Size

_DATA: Mapping[str, Any] = json.loads(files(__package__).joinpath("defaults.json").read_text())
SOURCE: str = _DATA["source"]
DATE: str = _DATA["date"]
HEADER: int = _DATA["header"]
"""Bytes that a file's tar header takes after gzip."""
_ENDINGS = {ending: row["ratio"] for row in _DATA["file_compression"] for ending in row["endings"]}
_GENERAL = {"ecosystem_caches": "cache", "ecosystem_intermediates": "intermediate"}
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


def package() -> Size:
    """A package of a distribution without a table."""
    row = _DATA["package"]
    return Size(row["low"], row["mid"], row["high"], "default", SOURCE, DATE)


def folder(family: str) -> tuple[str, Size] | None:
    """Where a base image's own toolchain lies, and what it weighs: a COPY --from of that folder stores it again."""
    row = _DATA["folders"].get(family)
    return None if row is None else (row["path"], Size(row["low"], row["mid"], row["high"], "catalogue", row["source"], DATE))


FILE = default("file")
