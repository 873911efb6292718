"""Harvests as the files have them: kilograms by sort and year."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from psycopg2.extensions import QuotedString, libpq_version


def read(folder: str) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for file in sorted(Path(folder).glob("*.csv")):
        with file.open(encoding="utf-8") as lines:
            found[int(file.stem)] = {row["sort"]: int(row["kg"]) for row in csv.DictReader(lines)}
    return found


def statements(harvests: dict[int, dict[str, int]]) -> Iterator[str]:
    for year, sorts in harvests.items():
        for sort, kilograms in sorts.items():
            quoted = QuotedString(sort)
            quoted.encoding = "utf-8"
            yield f"INSERT INTO harvest VALUES ({year}, {quoted.getquoted().decode()}, {kilograms});"


def library() -> str:
    """Which libpq psycopg2 was loaded with."""
    return f"libpq {libpq_version() // 10000}"
