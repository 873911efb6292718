"""Harvests as the files have them: kilograms by sort and year."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from psycopg import pq, sql


def read(folder: str) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for file in sorted(Path(folder).glob("*.csv")):
        with file.open(encoding="utf-8") as lines:
            found[int(file.stem)] = {row["sort"]: int(row["kg"]) for row in csv.DictReader(lines)}
    return found


def statements(harvests: dict[int, dict[str, int]]) -> Iterator[str]:
    for year, sorts in harvests.items():
        for sort, kilograms in sorts.items():
            values = sql.SQL(", ").join(map(sql.Literal, (year, sort, kilograms)))
            yield sql.SQL("INSERT INTO harvest VALUES ({});").format(values).as_string(None)


def library() -> str:
    """How psycopg reaches libpq, and which one that is."""
    return f"{pq.__impl__} {pq.version() // 10000}"
