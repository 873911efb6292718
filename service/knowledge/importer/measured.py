"""The numbers of one measured package, and the file that keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes: all files (hard links once, and the text of symbolic links, as `docker history` counts), those of them that slim images exclude,
    the .pyc that compiling its modules gives; then the tar in gzip -6 without and for the excluded part."""

    files: int
    excluded: int
    compiled: int
    packed: int
    packed_excluded: int


def read_measured(paths: Iterable[Path]) -> dict[str, Measured]:
    """Pool path to numbers."""
    return dict(row for path in paths for row in _rows(path.read_text()))


def _rows(text: str) -> Iterator[tuple[str, Measured]]:
    for line in text.splitlines():
        path, *numbers = line.split("\t")
        yield path, Measured(*map(int, numbers))
