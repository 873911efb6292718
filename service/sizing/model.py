"""Estimates: every number with its range, its basis, its source and its date."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes: low, mid, high. `basis` is registry, catalogue, package-index, lockfile, context, ratio or default."""

    low: int
    mid: int
    high: int
    basis: str = "default"
    source: str = ""
    date: str = ""

    def scaled(self, low: float, mid: float, high: float) -> Size:
        return Size(round(self.low * low), round(self.mid * mid), round(self.high * high), self.basis, self.source, self.date)


ZERO = Size(0, 0, 0, "catalogue")


@dataclass(frozen=True, slots=True)
class Addition:
    """What one command adds to its layer. `kept` is what it is there for, `removable` the caches and lists that it leaves and nothing reads; each
    unpacked and as it is stored compressed (gzip)."""

    kept: Size = ZERO
    compressed: Size = ZERO
    removable: Size = ZERO
    removable_compressed: Size = ZERO


@dataclass(frozen=True, slots=True)
class LayerEstimate:
    """One layer: the first line of its instruction (the FROM's for the base), what it is, and its size, unpacked and compressed. `removable` are
    bytes of caches and lists in it that nothing reads."""

    line: int
    instruction: str
    stage: str
    size: Size
    compressed: Size
    removable: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A stage as it ships: the base's layers as one row with `base_layers` of them, then its own."""

    layers: tuple[LayerEstimate, ...]
    base_layers: int
    total: Size
    compressed: Size

    @property
    def layer_count(self) -> int:
        return self.base_layers + len(self.layers) - 1

    @property
    def removable(self) -> int:
        return sum(layer.removable for layer in self.layers)
