"""Estimates: every number with its range, its basis, its source and its date."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.quick import quick


@quick
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


@quick
@dataclass(frozen=True, slots=True)
class Addition:
    """What one command adds to its layer. `kept` is what it is there for, `removable` the caches and lists that it leaves and nothing reads; each
    unpacked and as it is stored compressed (gzip)."""

    kept: Size = ZERO
    compressed: Size = ZERO
    removable: Size = ZERO
    removable_compressed: Size = ZERO


@quick
@dataclass(frozen=True, slots=True)
class Removable:
    """Bytes that a cleaner file would not store: `cause` is the command that leaves them (`apt-get update`, `pip install`)."""

    cause: str
    line: int
    size: Size


@quick
@dataclass(frozen=True, slots=True)
class Wasted:
    """Bytes that are stored and never seen: `line` is the instruction that stores them, `by` the later one that hides them; `cause` is `deleted`,
    `overwritten`, or `metadata` (a change of mode or owner)."""

    cause: str
    path: str
    line: int
    by: int
    size: Size


@quick
@dataclass(frozen=True, slots=True)
class LayerEstimate:
    """One layer: the first line of its instruction (the FROM's for the base), what it is, and its size, unpacked and compressed. `opaque`: what
    makes it up is not in any table or listing (a compiler's output, a download), so that only its range means anything."""

    line: int
    instruction: str
    stage: str
    size: Size
    compressed: Size
    removable: tuple[Removable, ...] = ()
    opaque: bool = False


@quick
@dataclass(frozen=True, slots=True)
class Estimate:
    """A stage as it ships: the base's layers as one row with `base_layers` of them, then its own."""

    layers: tuple[LayerEstimate, ...]
    base_layers: int
    total: Size
    compressed: Size
    wasted: tuple[Wasted, ...] = ()
    removable: tuple[Removable, ...] = field(default=())

    @property
    def layer_count(self) -> int:
        return self.base_layers + len(self.layers) - 1

    @property
    def own(self) -> tuple[LayerEstimate, ...]:
        """The layers above the base."""
        return self.layers[1:]

    @property
    def removable_bytes(self) -> int:
        return sum(one.size.mid for one in self.removable)

    @property
    def waste_bytes(self) -> int:
        return sum(one.size.mid for one in self.wasted)

    @property
    def efficiency(self) -> float:
        """What is seen of what the layers above the base store (F/U): 1 where nothing is stored for nothing, or nothing is stored."""
        stored = sum(layer.size.mid for layer in self.own)
        return 1.0 if stored <= 0 else max(0.0, 1 - self.waste_bytes / stored)
