"""Ranges for images that have no row of their own: from their family's rows, from images of the same class, or the wide default."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from functools import cache

from service.knowledge.catalogue import Entry, Found, Kind, apart, catalogue, kind, month
from service.knowledge.families import family_row
from service.knowledge.references import suite_in
from service.knowledge.releases import distribution_of
from service.knowledge.unpacking import NEAR, Range, drift, measured

_DEFAULT = ((5_000_000, 300_000_000, 1_500_000_000), (1_600_000, 110_000_000, 560_000_000), 5)
_NEIGHBOURS = 3
_LEAST = 8
"""Fewer rows than this say nothing of a class."""


def among(found: Found, tag: str, age: float, unpacked: Range, compressed: Range) -> tuple[Range, Range]:
    """The ranges of another build, version or variant than the row's: wider by how much its family's rows differ, and by the years between."""
    wanted, own = kind(tag), found.entry.kind
    down, up = _difference(found, wanted) if own.words == wanted.words else _variants(found, wanted)
    if abs(age) * 12 > 6 and found.how == "near" and not (own.version and apart(own.version, wanted.version) == 0.0):
        down, up = down + drift(age), up + drift(age)
    return _wider(unpacked, down, up), _wider(compressed, down, up)


def _wider(size: Range, down: float, up: float) -> Range:
    return round(size[0] / math.exp(down)), size[1], round(size[2] * math.exp(up))


def _difference(found: Found, wanted: Kind) -> tuple[float, float]:
    """How much the variant's nearest rows of the same time differ from the chosen one, as a logarithm; twice as much where there
    is only one, what is usual in the catalogue where there is none."""
    own = found.entry
    rows = [one for one in found.pool if one is not own and abs(month(one.row["date"]) - month(own.row["date"])) <= 24]
    nearest = sorted(rows, key=lambda one: (apart(one.kind.version, wanted.version), one.row["ref"]))[:_NEIGHBOURS]
    changes = [abs(change) for change in _changes(own, nearest)]
    far = apart(own.kind.version, wanted.version)
    usual = float(NEAR["same" if far == 0 else "minor" if own.kind.version[:1] == wanted.version[:1] else "major"]["p90"])
    if not changes:
        return usual, usual
    spread = max(float(NEAR["minor"]["p90"]), max(changes) * (2 if len(changes) == 1 else 1))
    return spread, spread


def _variants(found: Found, wanted: Kind) -> tuple[float, float]:
    """Another variant than any row's: from the smallest to the largest of the family; what is usual where it has fewer than three."""
    changes = _changes(found.entry, found.pool)
    usual = float(NEAR["light" if found.entry.kind.light == wanted.light else "other"]["p90"])
    same = float(NEAR["same"]["p90"])
    return (same - min(changes), same + max(changes)) if len(changes) >= _NEIGHBOURS else (usual, usual)


def _changes(own: Entry, others: Iterable[Entry]) -> list[float]:
    found = []
    for one in others:
        field = next((name for name in ("compressed_bytes", "uncompressed_bytes") if own.row.get(name) and one.row.get(name)), None)
        if field is not None:
            found.append(math.log(one.row[field] / own.row[field]))
    return found


def by_class(family: str, tag: str) -> tuple[Range, Range, int, str, str]:
    """(unpacked, compressed, layers, basis, note) of a family without rows, by the distribution and the variant that its name and tag say."""
    wanted = kind(tag)
    system = _system(family, tag, wanted)
    sample = _classes().get((system, wanted.light)) or _classes().get((system, frozenset())) if system else None
    if sample is None:
        sample = _classes().get(("", wanted.light)) if wanted.light else None
    if sample is None:
        return *_DEFAULT[:2], _DEFAULT[2], "default", "nothing is known of this image"
    unpacked, compressed, count = sample
    what = " ".join(filter(None, (*sorted(wanted.light - {system}), system)))
    return unpacked, compressed, count, "default", f"by the catalogue's {what} images"


def _system(family: str, tag: str, wanted: Kind) -> str:
    if "alpine" in wanted.words or family.endswith("alpine"):
        return "alpine"
    _, row = family_row(family)
    return distribution_of(wanted.suite or suite_in(tag) or None) or str((row or {}).get("distribution", ""))


@cache
def _classes() -> dict[tuple[str, frozenset[str]], tuple[Range, Range, int]]:
    """5th, 50th and 95th percentile of the catalogue's images by (distribution, light variants); the distribution is empty for all."""
    groups: dict[tuple[str, frozenset[str]], list[tuple[int, int, int]]] = {}
    for entry in catalogue().by_ref.values():
        unpacked, compressed, _, _ = measured(entry, 0.0)
        if not unpacked[1]:
            continue
        size = (unpacked[1], compressed[1], int(entry.row.get("n_layers") or 1))
        for system in {"", "alpine" if "alpine" in entry.kind.words else distribution_of(entry.kind.suite) or ""}:
            groups.setdefault((system, entry.kind.light), []).append(size)
    return {key: _percentiles(sizes) for key, sizes in groups.items() if len(sizes) >= _LEAST and key != ("", frozenset())}


def _percentiles(sizes: list[tuple[int, int, int]]) -> tuple[Range, Range, int]:
    def three(values: list[int]) -> Range:
        cuts = statistics.quantiles(values, n=20)
        return max(0, round(cuts[0])), round(statistics.median(values)), round(cuts[18])

    unpacked, compressed, layers = (list(column) for column in zip(*sizes, strict=True))
    return three(unpacked), three(compressed), round(statistics.median(layers))
