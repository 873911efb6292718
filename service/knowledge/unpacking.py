"""A row's two sizes with their ranges: measured where it says them, else the better known ratio; wider with age."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from service.knowledge.catalogue import Entry, catalogue, family, month
from service.knowledge.ratios import Ratio, family_ratio, group_ratio, layers_error
from service.knowledge.references import parse_reference
from service.knowledge.tags import tag_facts

Range = tuple[int, int, int]
_DATA: Mapping[str, Any] = json.loads(files(__package__).joinpath("ratios.json").read_text())
_DRIFT: Mapping[str, Any] = _DATA["drift"]
NEAR: Mapping[str, Mapping[str, float]] = _DATA["near"]


def years(row: Mapping[str, Any], tag: str, today: str) -> float:
    """How far a tag and a row are apart, in years: the row's date, and the day that the list of official images last had the tag, else the
    bundle's date. Negative where the tag stood still before the row was written."""
    facts = tag_facts(parse_reference(row["ref"]).repository, tag)
    end = min(today, facts.date) if facts is not None and facts.date else today
    return (month(end) - month(row["date"])) / 12


def measured(entry: Entry, age: float | None) -> tuple[Range, Range, str, list[str]]:
    """(unpacked, compressed, basis, notes) of a row; `age` in years, None for the very build that the row is of."""
    row = entry.row
    spread, notes = _spread(row, age)
    unpacked, compressed = row.get("uncompressed_bytes"), row.get("compressed_bytes")
    if unpacked and compressed:
        near = str(row.get("uncompressed_note") or "").startswith("near")
        exact = _rounding(unpacked) if age is None and not near else max(spread, _DRIFT["fresh"])
        return around(unpacked, exact), around(compressed, spread), "catalogue", notes
    ratio = own_ratio(entry)
    if unpacked:
        return around(unpacked, spread or _rounding(unpacked)), widened(ratio.inverted(unpacked), spread), "catalogue", notes
    if not compressed:
        return around(0, 0), around(0, 0), "default", [*notes, "the row has no size"]
    estimate, error, of = row.get("uncompressed_estimate_bytes"), layers_error(), "the classes of its layers"
    if estimate and not ratio.own and row.get("n_layers") != 1:
        found = (round(estimate * (1 - error)), int(estimate), round(estimate * (1 + error)))
    else:
        found, of = ratio.applied(compressed), ratio.of
    return widened(found, spread), around(compressed, spread), "ratio", [*notes, f"unpacked by ratio: {of}"]


def own_ratio(entry: Entry) -> Ratio:
    """Of a row without both sizes: its family's rows of the same variant that have both, what its family added to its base, its package manager's."""
    repository = parse_reference(entry.row["ref"]).repository if entry.row["ref"] else ""
    return (
        _family_measured(family(repository), entry.kind.words, _recent(entry))
        or _over_parent(entry, repository)
        or group_ratio(_manager(entry) + (" os" if entry.row.get("n_layers") == 1 else ""))
    )


def _rounding(size: int) -> float:
    """Engines print two digits of a gigabyte or a megabyte (`1.11GB`): half of the last one, as a share of the size."""
    step = 10_000_000 if size >= 1_000_000_000 else 10_000
    return step / 2 / size if size % step == 0 else 0.0


@lru_cache(maxsize=1024)
def _family_measured(name: str, words: frozenset[str], recent: bool) -> Ratio | None:
    """Ratios age (golang: 2.6 in 2020, 3.4 in 2026), so that only rows of the same time count. The range is at least the error of the layers'
    classes for a single row."""
    found = [
        one.row["uncompressed_bytes"] / one.row["compressed_bytes"]
        for one in catalogue().by_family.get(name, ())
        if one.kind.words == words
        and one.row.get("uncompressed_bytes")
        and one.row.get("compressed_bytes")
        and _recent(one) == recent
    ]
    if not found:
        return None
    middle, least = statistics.median(found), layers_error() / max(2, len(found))
    return Ratio(min(*found, middle * (1 - least)), middle, max(*found, middle * (1 + least)), f"measured rows of {name}", True)


def _recent(entry: Entry) -> bool:
    return month(str(entry.row["date"])) >= 2023 * 12


def _over_parent(entry: Entry, repository: str) -> Ratio | None:
    """The parent's own unpacked size, and what the family adds to it by the family's ratio."""
    added, total = family_ratio(repository), entry.row.get("compressed_bytes")
    parents = [catalogue().by_ref[ref].row for ref in entry.row.get("parents", ()) if ref in catalogue().by_ref]
    parent = next((row for row in parents if row.get("uncompressed_bytes")), None)
    if added is None or parent is None or not total:
        return None
    base, rest = parent["uncompressed_bytes"], total - parent["compressed_bytes"]
    low, middle, high = ((base + rest * ratio) / total for ratio in (added.low, added.mid, added.high))
    return Ratio(low, middle, high, added.of, True)


def _manager(entry: Entry) -> str:
    distribution = str(entry.row.get("distro") or "")
    if "alpine" in entry.kind.words or "alpine" in distribution:
        return "alpine"
    if entry.kind.suite or any(name in distribution for name in ("debian", "ubuntu", "noble", "jammy", "bookworm", "resolute")):
        return "dpkg"
    return "rpm" if any(name in distribution for name in ("rpm", "fedora", "linux", "centos", "rhel")) else ""


def _spread(row: Mapping[str, Any], age: float | None) -> tuple[float, list[str]]:
    if age is None:
        return 0.0, []
    spread = drift(age)
    return spread, [f"the row is of {row['date']}, and the tag may have moved for {age:.1f} years since"] if spread > _DRIFT["fresh"] else []


def drift(age: float) -> float:
    """How much a size changes in so many years, either way, as a share of it."""
    return float(_DRIFT["fresh"]) if abs(age) * 12 <= _DRIFT["months"] else min(0.5, float(_DRIFT["per_year"]) * abs(age))


def around(value: int, spread: float) -> Range:
    return round(value * (1 - spread)), int(value), round(value * (1 + spread))


def widened(value: Range, spread: float) -> Range:
    return round(value[0] * (1 - spread)), value[1], round(value[2] * (1 + spread))
