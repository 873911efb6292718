"""How large base images are, from the catalogue (base-images.json.xz: every row with its source and date)."""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from service.knowledge.references import parse_reference, parse_tag

_RATIO = 2.54
_RATIO_RANGE = (1.63, 3.19)
"""Unpacked to compressed: median and 5th to 95th percentile of 826 images (ratio-fit-2020.json, docker-library/repo-info)."""


@dataclass(frozen=True, slots=True)
class ImageSize:
    """Bytes, unpacked and compressed, each as low, mid and high; the number of layers; where it comes from. `basis` is `catalogue` for a row of
    the tag itself, `ratio` where a neighbour or a ratio had to serve, `default` where nothing is known."""

    unpacked: tuple[int, int, int]
    compressed: tuple[int, int, int]
    n_layers: int
    basis: str
    source: str
    date: str


@lru_cache(maxsize=1)
def _rows() -> Mapping[str, Mapping[str, Any]]:
    data = json.loads(lzma.decompress(files(__package__).joinpath("base-images.json.xz").read_bytes()))
    return {row["ref"]: row for row in data["images"]}


@lru_cache(maxsize=2048)
def image_size(reference: str) -> ImageSize:
    """The size of an image; a wide range for one that nobody knows. `scratch` is empty."""
    name = parse_reference(reference)
    if name.repository == "scratch":
        return ImageSize((0, 0, 0), (0, 0, 0), 0, "catalogue", "FROM scratch", "")
    row = _rows().get(f"{name.repository}:{name.tag or 'latest'}")
    if row is not None and not name.digest:
        return _from_row(row, 0.03, "catalogue")
    near = _nearest(name.repository, name.tag)
    if near is not None:
        return _from_row(near, 0.30, "ratio")
    part = 0.5 if _kind(parse_tag(name.tag).words) & {"slim", "jre", "runtime"} else 0.2 if "alpine" in name.tag else 1.0
    low, middle, high = (round(value * part) for value in (5_000_000, 300_000_000, 1_500_000_000))
    return ImageSize((low, middle, high), (low // 3, middle // 3, high // 3), 5, "default", "no row for this image or its family", "")


def _from_row(row: Mapping[str, Any], spread: float, basis: str) -> ImageSize:
    compressed, unpacked = row.get("compressed_bytes"), row.get("uncompressed_bytes")
    wide = spread
    if unpacked is None:
        unpacked, wide = row.get("uncompressed_estimate_bytes") or round((compressed or 100_000_000) * _RATIO), max(spread, 0.20)
    if compressed is None:
        compressed = round(unpacked / _RATIO)
    return ImageSize(_around(int(unpacked), wide), _around(int(compressed), spread), int(row.get("n_layers") or 1), basis, row["source"], row["date"])


def _around(value: int, spread: float) -> tuple[int, int, int]:
    return round(value * (1 - spread)), value, round(value * (1 + spread))


def _nearest(repository: str, tag: str) -> Mapping[str, Any] | None:
    """A row of the same repository and variant (slim, alpine, jre): the one whose version is nearest, a later one for equal distance."""
    wanted = parse_tag(tag)
    kind = _kind(wanted.words)
    rows = [
        row
        for ref, row in _rows().items()
        if parse_reference(ref).repository == repository and _kind(parse_tag(parse_reference(ref).tag).words) == kind
    ]
    if not rows:
        return None
    return min(rows, key=lambda row: (_distance(parse_tag(parse_reference(row["ref"]).tag).version, wanted.version), str(row["ref"])))


def _kind(words: tuple[str, ...]) -> frozenset[str]:
    marks = ("slim", "alpine", "jre", "jdk", "fpm", "apache", "cli", "curl", "scm", "devel", "runtime")
    return frozenset(mark for mark in marks if any(word.startswith(mark) for word in words)) - {"cli"}


def _distance(one: str, other: str) -> float:
    def number(text: str) -> float:
        parts = [int(part) if part.isdigit() else 0 for part in (text or "9999").split(".")[:2]]
        return parts[0] + (parts[1] if len(parts) > 1 else 0) / 100

    return abs(number(one) - number(other))
