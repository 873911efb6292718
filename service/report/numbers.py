"""Sizes for people: decimal megabytes as registries and docker print them, with the range where it says something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_NARROW = 0.02


def size(value: float) -> str:
    """`1.14 GB`, `175 MB`, `8.2 kB`, `0 B`: three digits that mean something."""
    sign = "-" if value < 0 else ""
    whole = abs(value)
    for least, unit in _UNITS:
        if whole >= least * 0.9995:
            number = whole / least
            return f"{sign}{number:.2f} {unit}" if number < 10 else f"{sign}{number:.1f} {unit}" if number < 100 else f"{sign}{number:,.0f} {unit}"
    return f"{sign}{whole:.0f} B"


def ranged(row: Mapping[str, Any], prefix: str = "") -> str:
    """A row's `bytes` (or `compressed_bytes`) with its range, left out where it is within 2 %."""
    middle, low, high = row[f"{prefix}bytes"], row[f"{prefix}low"], row[f"{prefix}high"]
    if high - low <= 2 * _NARROW * max(1, abs(middle)):
        return size(middle)
    return f"{size(middle)} ({between(low, high)})"


def between(low: float, high: float) -> str:
    """`95-116 MB`: the unit once where both have the same."""
    one, other = size(low), size(high)
    return f"{one.rpartition(' ')[0]}-{other}" if one.rpartition(" ")[2] == other.rpartition(" ")[2] else f"{one} - {other}"
