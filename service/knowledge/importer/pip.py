"""Environments that an ordinary client installed to a sorted table: what each release in them puts on disk, and what it needs.

Bytecode is that of the Python which runs this; `service.knowledge.pip` says what its table holds.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from service.knowledge.importer.distributions import Measured, measure, places
from service.knowledge.importer.requires import dependencies, extras, lowest_minor

_NOT_USED = frozenset(
    {"dev", "develop", "development", "test", "tests", "testing", "doc", "docs", "documentation", "lint", "linting", "typing", "all"}
)
_MOST_EXTRAS, _MOST_OF_AN_EXTRA = 20, 12


@dataclass(slots=True)
class _Row:
    """A line in the making: fields of each release besides what it needs, what it needs, and the extras of the newest that has some."""

    source: str = ""
    releases: dict[Version, tuple[str, str]] = field(default_factory=dict)
    extras: str = ""


def write_pip_table(out: Path, sources: Iterable[Path]) -> int:
    """Writes a line a distribution (see `service.knowledge.pip` for its fields). A source is an environment's folder, or a table of an earlier run,
    whose releases stay where no environment has the same."""
    given = list(sources)
    rows: dict[str, _Row] = {}
    for table in (source for source in given if source.is_file()):
        _read(table, rows)
    for one in measured(source for source in given if source.is_dir()):
        _enter(one, rows)
    lines = [_line(name, row) for name, row in rows.items()]
    lines.sort(key=lambda line: line.partition("\t")[0].encode())
    out.write_bytes(lzma.compress(("\n".join(lines) + "\n").encode(), preset=9 | lzma.PRESET_EXTREME))
    return len(lines)


def measured(folders: Iterable[Path]) -> Iterator[Measured]:
    """Every release below the folders, once a version, by its name and version."""
    found: dict[str, Path] = {}
    for folder in folders:
        for info in places(folder):
            found.setdefault(info.name, info)
    with ProcessPoolExecutor() as pool:
        for one in pool.map(measure, (found[name] for name in sorted(found)), chunksize=4):
            if one is not None:
                yield one


def _enter(one: Measured, rows: dict[str, _Row]) -> None:
    try:
        version = Version(one.version)
    except InvalidVersion:
        return
    row = rows.setdefault(canonicalize_name(one.name), _Row())
    numbers = (one.archive, one.unpacked, one.packed, one.bytecode, one.bytecode_packed)
    shown = ",".join((str(version.public), *map(_short, numbers), str(one.files), str(lowest_minor(one.python))))
    row.source = ""
    row.releases[version] = (shown, " ".join(dependencies(one.requires)))
    if version == max(row.releases):
        row.extras = _extras(one.requires) or row.extras


def _read(table: Path, rows: dict[str, _Row]) -> None:
    for line in lzma.decompress(table.read_bytes()).decode().splitlines():
        name, source, releases, named = line.split("\t")
        row, before = rows.setdefault(name, _Row(source, extras=named)), ""
        for text in releases.split(";"):
            *numbers, needs = text.split(",", 8)
            before = before if needs == "=" else needs
            row.releases[Version(numbers[0])] = (",".join(numbers), before)


def _line(name: str, row: _Row) -> str:
    shown, before = [], None
    for _, (numbers, needs) in sorted(row.releases.items(), reverse=True):
        shown.append(f"{numbers},{'=' if needs == before else needs}")
        before = needs
    return "\t".join((name, row.source, ";".join(shown), row.extras))


def _extras(requires: Sequence[str]) -> str:
    lines = tuple(requires)
    found = {name: dependencies(lines, name) for name in extras(lines) if name not in _NOT_USED}
    kept = ((name, needs) for name, needs in found.items() if 0 < len(needs) <= _MOST_OF_AN_EXTRA)
    return "|".join(f"{name}:{' '.join(needs)}" for name, needs in list(kept)[:_MOST_EXTRAS])


def _short(number: int) -> str:
    """Hundreds of bytes to four digits: finer would say nothing and would not compress."""
    hundreds = max(1, round(number / 100)) if number else 0
    step = 10 ** max(0, len(str(hundreds)) - 4)
    return str(round(hundreds / step) * step)
