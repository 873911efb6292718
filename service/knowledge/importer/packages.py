"""Debian's Packages files (deb822) to a sorted table, the newest version of each package."""

from __future__ import annotations

import lzma
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

PRIORITIES = {"required": "q", "important": "i", "standard": "s", "optional": "o", "extra": "o"}


def write_table(out: Path, indexes: Iterable[Path]) -> int:
    """Writes `name, installed KiB, .deb bytes, section, source, depends, recommends, priority` a line, then `@virtual` rows. Later indexes win
    (main, then updates, then security). An exact dependency (`= version`) starts with `=`; alternatives are joined by a bar."""
    rows: dict[str, str] = {}
    provided: dict[str, set[str]] = {}
    for index in indexes:
        for stanza in stanzas(index.read_text("utf-8")):
            name = stanza["Package"]
            rows[name] = _row(stanza)
            for virtual in _names(stanza.get("Provides", "")):
                provided.setdefault(virtual, set()).add(name)
    lines = [rows[name] for name in sorted(rows)]
    lines += [f"@{virtual}\t{','.join(sorted(names))}" for virtual, names in sorted(provided.items())]
    # Sorted by bytes as a whole, since the reader finds a line by bisection.
    lines.sort(key=lambda line: line.partition("\t")[0].encode())
    out.write_bytes(lzma.compress(("\n".join(lines) + "\n").encode(), preset=9 | lzma.PRESET_EXTREME))
    return len(rows)


def stanzas(text: str) -> Iterator[Mapping[str, str]]:
    """The paragraphs of a deb822 file; continuation lines are not needed here."""
    current: dict[str, str] = {}
    for line in text.splitlines():
        if not line:
            if current:
                yield current
            current = {}
        elif not line[0].isspace():
            key, _, value = line.partition(":")
            current[key] = value.strip()
    if current:
        yield current


def _row(stanza: Mapping[str, str]) -> str:
    name = stanza["Package"]
    source = stanza.get("Source", name).split(" ")[0]
    depends = [*_relations(stanza.get("Pre-Depends", "")), *_relations(stanza.get("Depends", ""))]
    fields = (
        name,
        stanza.get("Installed-Size", "0"),
        stanza.get("Size", "0"),
        stanza.get("Section", "").rsplit("/", 1)[-1],
        "" if source == name else source,
        ",".join(depends),
        ",".join(_relations(stanza.get("Recommends", ""))),
        PRIORITIES.get(stanza.get("Priority", "optional"), "o"),
    )
    return "\t".join(fields)


def _relations(text: str) -> list[str]:
    """`a (= 1) | b, c:any` as `=a|b`, `c`."""
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        alternatives = [piece.strip() for piece in part.split("|")]
        exact = "(= " in alternatives[0]
        found.append(("=" if exact else "") + "|".join(piece.split(" ")[0].partition(":")[0] for piece in alternatives))
    return found


def _names(text: str) -> list[str]:
    return [piece.strip().split(" ")[0].partition(":")[0] for piece in text.split(",") if piece.strip()]
