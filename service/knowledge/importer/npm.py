"""A table of npm packages from folders that a package manager filled: each release's bytes on disk, through gzip, and what it needs.

A source is a folder of unpacked releases, each in a folder `NAME@VERSION...`, as bun keeps its cache, or a table of an earlier run, whose
releases stay. A release's folder is its tarball's content: installing copies just that.
"""

from __future__ import annotations

import json
import lzma
import os
import stat
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

from service.knowledge.npm import NpmTable, Release, installable, parsed, wanted

_LIKE = 0.03
"""Two releases of one major whose sizes differ by less are kept as one."""
_WHOLE, _PIECE, _ENOUGH = 65_536, 16_384, 400_000


def write_table(out: Path, sources: Iterable[Path]) -> int:
    """Writes `name`, then `version|size|packed|needs` for each release, sorted by bytes for the reader's bisection."""
    given = list(sources)
    earlier = (row for table in given if table.is_file() for row in _listed(table))
    return write_releases(out, chain(earlier, measured(source for source in given if source.is_dir())))


def _listed(table: Path) -> Iterator[tuple[str, Release]]:
    blob = lzma.decompress(table.read_bytes())
    read = NpmTable(blob)
    for line in blob.splitlines():
        name = line.partition(b"\t")[0].decode()
        yield from ((name, release) for release in read.releases(name))


def write_releases(out: Path, rows: Iterable[tuple[str, Release]]) -> int:
    packages: dict[str, dict[tuple[int, int, int], Release]] = {}
    for name, release in rows:
        packages.setdefault(name, {})[release.version] = release
    lines = ["\t".join((name, *_fields(_thinned(list(releases.values()))))) for name, releases in packages.items()]
    lines.sort(key=lambda line: line.partition("\t")[0].encode())
    out.write_bytes(lzma.compress(("\n".join(lines) + "\n").encode(), preset=9 | lzma.PRESET_EXTREME))
    return len(lines)


def measured(folders: Iterable[Path]) -> Iterator[tuple[str, Release]]:
    """Every release below the folders, once a version."""
    found = {place.name if scope is None else f"{scope}/{place.name}": place for folder in folders for scope, place in _places(folder)}
    with ThreadPoolExecutor(4) as pool:
        for row in pool.map(_measured, (found[name] for name in sorted(found))):
            if row is not None:
                yield row


def _places(folder: Path) -> Iterator[tuple[str | None, Path]]:
    for place in sorted(folder.iterdir()):
        if place.name.startswith("@") and "@" not in place.name[1:]:
            yield from ((place.name, inner) for inner in sorted(place.iterdir()) if "@" in inner.name and not inner.is_symlink())
        elif "@" in place.name[1:] and place.is_dir() and not place.is_symlink():
            yield None, place


def _measured(folder: Path) -> tuple[str, Release] | None:
    try:
        manifest = json.loads((folder / "package.json").read_text("utf-8-sig"))
    except (OSError, ValueError):
        return None
    name, version = manifest.get("name"), manifest.get("version")
    if not isinstance(name, str) or not isinstance(version, str) or set(name) & set("\t\n|,"):
        return None
    size, packed = _weighed(folder)
    return name, Release(parsed(version), size, packed, tuple(_needs(manifest)))


def _weighed(folder: Path) -> tuple[int, int]:
    """Bytes of the regular files, and of their contents one after the other through gzip at its usual level. Of many small files every so many are
    compressed, for the others' sake too."""
    small, size, packed = list[tuple[str, int]](), 0, 0.0
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(place, name)
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode):
                size += status.st_size
                if status.st_size > _WHOLE:
                    packed += _large(path, status.st_size)
                else:
                    small.append((path, status.st_size))
    total = sum(length for _, length in small)
    taken = small[:: max(1, round(total / _ENOUGH))]
    packer, read, squeezed = zlib.compressobj(6), 0, 0
    for path, length in taken:
        squeezed += len(packer.compress(Path(path).read_bytes()))
        read += length
    squeezed += len(packer.flush())
    return size, round(packed + squeezed * (total / read if read else 1))


def _large(path: str, size: int) -> float:
    """A large file through gzip, judged by pieces from its start, its middle and its end."""
    with open(path, "rb") as file:
        pieces = []
        for start in (0, (size - _PIECE) // 2, size - _PIECE):
            file.seek(start)
            pieces.append(file.read(_PIECE))
    return size * len(zlib.compress(b"".join(pieces), 6)) / (3 * _PIECE)


def _needs(manifest: Mapping[str, Any]) -> Iterator[str]:
    """What installing the package brings on Linux and x64. A package that bundles what it needs brings it in its own tarball."""
    bundled = manifest.get("bundleDependencies") or manifest.get("bundledDependencies") or ()
    inside = frozenset(_section(manifest, "dependencies")) if bundled is True else frozenset(bundled)
    optional = _section(manifest, "optionalDependencies")
    meta = _section(manifest, "peerDependenciesMeta")
    peers = {name: text for name, text in _section(manifest, "peerDependencies").items() if not _optional(meta.get(name))}
    own = {name: text for name, text in _section(manifest, "dependencies").items() if name not in optional}
    for mark, section in (("", own), ("?", {name: text for name, text in optional.items() if installable(name)}), ("+", peers)):
        for name, text in sorted(section.items()):
            if name not in inside and isinstance(text, str) and not set(name) & set("\t\n|, "):
                yield f"{mark}{aliased(name, text)}"


def _section(manifest: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = manifest.get(name)
    return found if isinstance(found, dict) else {}


def _optional(meta: object) -> bool:
    return isinstance(meta, dict) and bool(meta.get("optional"))


def aliased(name: str, text: str) -> str:
    """`name@range`, the real package's for `npm:name@range`."""
    real, at, rest = text.removeprefix("npm:").rpartition("@")
    if text.startswith("npm:"):
        return f"{real}@{wanted(rest)}" if at and real else f"{rest}@"
    return f"{name}@{wanted(text)}"


def _thinned(releases: list[Release]) -> list[Release]:
    """From new to old: the newest of each major (of 0.x: each minor), and what differs in size from the one kept before it."""
    kept: list[Release] = []
    for release in sorted(releases, key=lambda release: release.version, reverse=True):
        line = release.version[:1] if release.version[0] else release.version[:2]
        if kept and kept[-1].version[: len(line)] == line and abs(release.size - kept[-1].size) <= _LIKE * kept[-1].size:
            continue
        kept.append(release)
    return kept[::-1]


def _fields(releases: Iterable[Release]) -> Iterator[str]:
    before: tuple[str, ...] | None = None
    for release in releases:
        needs = "=" if release.needs == before and before else ",".join(release.needs)
        before = release.needs
        yield f"{'.'.join(map(str, release.version))}|{_rounded(release.size)}|{_rounded(release.packed)}|{needs}"


def _rounded(size: int) -> int:
    """Four digits are within 0.05 %."""
    return int(float(f"{size:.4g}"))
