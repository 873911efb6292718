"""Unpacked to compressed bytes, where the unpacked size of an image is not known (ratios.json: every figure with its source and date)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

_DATA: Mapping[str, Any] = json.loads(files(__package__).joinpath("ratios.json").read_text())
CLASSES: Mapping[str, float] = _DATA["layers"]
SOURCE, DATE = _DATA["source"], _DATA["date"]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Unpacked bytes by compressed ones: low, mid, high, and what they are taken from; `own` where that is the image's own family."""

    low: float
    mid: float
    high: float
    of: str
    own: bool = False

    def applied(self, size: int) -> tuple[int, int, int]:
        return round(size * self.low), round(size * self.mid), round(size * self.high)

    def inverted(self, size: int) -> tuple[int, int, int]:
        """The compressed size of unpacked bytes."""
        return round(size / self.high), round(size / self.mid), round(size / self.low)


def family_ratio(family: str) -> Ratio | None:
    """Of what a family adds to its own base: median and extremes of its images; None for a family with fewer than three."""
    row = _DATA["families"].get(family)
    return None if row is None else Ratio(row["low"], row["median"], row["high"], f"what {family} added to its base in {DATE}")


def group_ratio(manager: str) -> Ratio:
    """Of whole images by package manager (alpine, dpkg, rpm; `dpkg os` is a distribution's own image): median, 5th and 95th percentile. The
    wide default for others."""
    row = _DATA["groups"].get(manager) or _DATA["groups"].get(manager.removesuffix(" os"))
    if row is None:
        error = _DATA["default"]["error"]
        middle = _DATA["default"]["median"]
        return Ratio(middle * (1 - error), middle, middle * (1 + error), "no class")
    return Ratio(row["low"], row["median"], row["high"], f"{manager} images of {DATE}")


def layers_error() -> float:
    """The error of a sum of layers by their classes' ratios that nine of ten images stay below (cross-validated)."""
    return float(_DATA["layers_error"]["p90"])
