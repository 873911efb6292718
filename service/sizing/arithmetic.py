"""Sums of ranges."""

from __future__ import annotations

import math
from collections.abc import Iterable

from service.sizing.model import ZERO, Size


def added(one: Size, other: Size) -> Size:
    """The sum end by end: nothing is known of how the errors go together. The basis is the larger part's."""
    if not other.high:
        return one
    if not one.high:
        return other
    lead = one if one.mid >= other.mid else other
    return Size(one.low + other.low, one.mid + other.mid, one.high + other.high, lead.basis, lead.source, lead.date)


def summed(sizes: Iterable[Size]) -> Size:
    """Mids add; half-widths add within one basis and source, since their errors go together, and in quadrature across."""
    down: dict[tuple[str, str], int] = {}
    up: dict[tuple[str, str], int] = {}
    middle, largest, lead = 0, 0, ZERO
    for size in sizes:
        key, mid = (size.basis, size.source), size.mid
        down[key] = down.get(key, 0) + mid - size.low
        up[key] = up.get(key, 0) + size.high - mid
        middle += mid
        if mid > largest:
            largest, lead = mid, size
    low, high = (math.isqrt(sum(width * width for width in side.values())) for side in (down, up))
    return Size(max(0, middle - low), middle, middle + high, lead.basis, lead.source, lead.date)


def difference(gone: Iterable[Size], new: Iterable[Size]) -> tuple[int, int, int]:
    """(low, mid, high) of what vanishes less what comes: a difference can be negative."""
    lost, made = summed(gone), summed(new)
    middle = lost.mid - made.mid
    down = math.isqrt((lost.mid - lost.low) ** 2 + (made.high - made.mid) ** 2)
    up = math.isqrt((lost.high - lost.mid) ** 2 + (made.mid - made.low) ** 2)
    return middle - down, middle, middle + up
