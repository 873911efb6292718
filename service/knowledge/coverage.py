"""How much the bundled data covers and how old it is."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from service.knowledge import apt, npm, pip, ratios, tags
from service.knowledge.bundle import unpacked
from service.knowledge.catalogue import Entry, catalogue


def everything() -> dict[str, Any]:
    """`images`: the catalogue by family, the largest first; `tables`: each table of packages or tags with its rows and its date."""
    known = catalogue()
    families = [_family(name, entries) for name, entries in known.by_family.items()]
    return {
        "images": {"date": known.date, **_counts(list(known.by_ref.values())), "families": sorted(families, key=_largest_first)},
        "tables": sorted(_tables(), key=lambda table: str(table["name"])),
    }


def _family(name: str, entries: tuple[Entry, ...]) -> dict[str, Any]:
    dates = sorted(str(entry.row["date"]) for entry in entries)
    return {"family": name, **_counts(list(entries)), "oldest": dates[0], "newest": dates[-1]}


def _counts(entries: list[Entry]) -> dict[str, int]:
    return {
        "references": len(entries),
        "with_layers": sum(bool(entry.row.get("layers")) for entry in entries),
        "with_unpacked_size": sum(bool(entry.row.get("uncompressed_bytes")) for entry in entries),
    }


def _largest_first(row: dict[str, Any]) -> tuple[int, str]:
    return -row["references"], row["family"]


def _tables() -> Iterator[dict[str, Any]]:
    """Every packed table of the package, so that one that comes later is counted too. `@` rows say who provides a name."""
    for file in files(__package__).iterdir():
        name, table, _ = file.name.partition(".tsv.")
        if table:
            lines = unpacked(file.name).splitlines()
            yield {"name": name, "rows": sum(not line.startswith(b"@") for line in lines), "date": _date(name)}
    yield {"name": "ratios", "rows": len(ratios.CLASSES), "date": ratios.DATE}


def _date(name: str) -> str:
    dates = {"tags": tags.DATE, "npm-packages": npm.DATE, "pip-packages": pip.DATE}
    return apt.DATE if name.startswith("apt-") else dates.get(name, "")
