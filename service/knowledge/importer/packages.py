"""Debian's Packages files (deb822) to a sorted table, the newest version of each package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple
from pathlib import Path

from service.knowledge.bundle import pack
from service.knowledge.importer.measured import Measured

PRIORITIES = {"required": "q", "important": "i", "standard": "s", "optional": "o", "extra": "o"}


def write_table(out: Path, indexes: Iterable[Path], measured: Mapping[str, Measured] | None = None) -> int:
    """Writes `name, installed KiB, .deb KiB, section, source, depends, recommends, priority, measured` a line, then `@virtual` rows. Later
    indexes win (main, then updates, then security). An exact dependency (`= version`) starts with `=`; alternatives are joined by a bar.
    `measured` (see `debs`, by pool path) are KiB: files, excluded by slim images, .pyc, packed, packed excluded; empty where nobody measured."""
    rows: dict[str, str] = {}
    provided: dict[str, list[str]] = {}
    for index in indexes:
        for stanza in stanzas(index.read_text("utf-8")):
            numbers = measured.get(stanza.get("Filename", "")) if measured else None
            rows[stanza["Package"]] = _row(stanza, numbers)
            provided[stanza["Package"]] = _names(stanza.get("Provides", ""))
    virtual: dict[str, list[str]] = {}
    for name in sorted(rows):
        for one in dict.fromkeys(provided[name]):
            virtual.setdefault(one, []).append(name)
    kept = _kept(rows, virtual)
    lines = [rows[name] for name in kept]
    for one, names in virtual.items():
        real = [name for name in names if name in kept]
        if real:
            lines.append(f"@{one}\t{','.join(real)}")
    # Sorted by bytes as a whole, since the reader finds a line by bisection.
    lines.sort(key=lambda line: line.partition("\t")[0].encode())
    pack(out, lines)
    return len(kept)


def _kept(rows: Mapping[str, str], virtual: Mapping[str, list[str]]) -> frozenset[str]:
    """Without what only Debian's own builders install (sources of Rust, Go and Haskell libraries, kernels of one version, debug symbols,
    documentation), unless a package that stays depends on or recommends it."""
    found: set[str] = set()
    queue = [name for name, row in rows.items() if not _rare(name, row)]
    while queue:
        name = queue.pop()
        if name in found:
            continue
        found.add(name)
        for relation in ",".join(rows[name].split("\t")[5:7]).split(","):
            for one in relation.lstrip("=").split("|"):
                queue += [one] if one in rows else virtual.get(one, ())[:1]
    return frozenset(found)


def _rare(name: str, row: str) -> bool:
    section = row.split("\t")[3]
    return (
        (name.startswith(("librust-", "golang-")) and name.endswith("-dev"))
        or name.startswith(("libghc-", "elpa-"))
        or name.endswith(("-dbgsym", "-dbg", "-doc"))
        or section == "debug"
        or (name.startswith(("linux-", "nvidia-")) and any(part[:1].isdigit() and "." in part for part in name.split("-")[2:]))
    )


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


def _row(stanza: Mapping[str, str], measured: Measured | None) -> str:
    name = stanza["Package"]
    source = stanza.get("Source", name).split(" ")[0]
    depends = [*_relations(stanza.get("Pre-Depends", "")), *_relations(stanza.get("Depends", ""))]
    fields = (
        name,
        stanza.get("Installed-Size", "0"),
        str(round(int(stanza.get("Size", "0")) / 1024)),
        stanza.get("Section", "").rsplit("/", 1)[-1],
        "" if source == name else source,
        ",".join(depends),
        ",".join(_relations(stanza.get("Recommends", ""))),
        PRIORITIES.get(stanza.get("Priority", "optional"), "o"),
        ",".join(str(round(value / 1024)) for value in astuple(measured)) if measured else "",
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
