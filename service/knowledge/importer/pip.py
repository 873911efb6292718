"""Python distributions to a sorted table: what the newest and some older versions of each put on disk, and what they need."""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path

from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, canonicalize_name, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from service.knowledge.importer.distributions import Measured, measure, measured
from service.knowledge.importer.index import IndexFile, listing
from service.knowledge.importer.requires import dependencies, extras, lowest_minor

_THREADS = 16
_PYTHON = 12
_MOST_VERSIONS = 10
_MOVED = 0.04
_LINES = 5
_DEPTH = 8
_NOT_USED = frozenset(
    {"dev", "develop", "development", "test", "tests", "testing", "doc", "docs", "documentation", "lint", "linting", "typing", "all"}
)


@dataclass(frozen=True, slots=True)
class Release:
    version: Version
    file: IndexFile
    python: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """`releases` are the kept ones, newest first; `contents` what was measured of each, None where it could not be."""

    name: str
    releases: tuple[Release, ...]
    contents: tuple[Measured | None, ...]


def write_pip_table(out: Path, index: str, names: Iterable[str], cache: Path | None = None) -> int:
    """Writes a line a distribution (see `service.knowledge.pip` for its fields), with everything that the named ones need. Answers of the index
    are kept in `cache`, so that a second run is cheap."""
    folder = cache or Path(tempfile.gettempdir()) / "pip-import"
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Distribution] = {}
    asked = {name.strip() for name in names if name.strip()}
    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in range(_DEPTH):
            new = sorted({_name(each) for each in asked} - found.keys())
            if not new:
                break
            found |= {each.name: each for each in pool.map(lambda name: distribution(index, name, folder), new)}
            asked |= {need for each in found.values() for need in _needs(each)}
            asked |= {need for name in asked for need in _extra_needs(name, found)}
    lines = [_line(each) for each in found.values() if each.releases and each.contents[0] is not None]
    lines.sort(key=lambda line: line.partition("\t")[0].encode())
    out.write_bytes(lzma.compress(("\n".join(lines) + "\n").encode(), preset=9 | lzma.PRESET_EXTREME))
    return len(lines)


def distribution(index: str, name: str, folder: Path) -> Distribution:
    """One distribution from the cache or the index; without releases where the index has none."""
    kept = folder / f"{name}.json"
    if not kept.exists():
        listed = _releases(listing(index, name))
        _keep(kept, json.dumps([[str(each.version), *astuple(each.file)] for each in listed]))
    releases = _thinned(_read(kept))
    contents = [_contents(release.file, position == 0, folder) for position, release in enumerate(releases)]
    return Distribution(name, tuple(releases), tuple(contents))


def _keep(path: Path, text: str) -> None:
    """Whole or not at all, since another run may read it."""
    own = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    own.write_text(text)
    own.rename(path)


def _read(path: Path) -> list[Release]:
    rows = json.loads(path.read_text())
    return [Release(Version(version), IndexFile(*file), lowest_minor(file[3])) for version, *file in rows]


def _contents(file: IndexFile, compiled: bool, folder: Path) -> Measured | None:
    kept = folder / f"{hashlib.sha256(f'{file.address} {compiled}'.encode()).hexdigest()[:24]}.measured"
    if kept.exists():
        row = json.loads(kept.read_text())
        return None if row is None else measured(row)
    found = measure(file, compiled)
    _keep(kept, json.dumps(None if found is None else found.as_row()))
    return found


def _releases(files: Sequence[IndexFile]) -> list[Release]:
    """For each version the file that pip takes for the table's Python, or the nearest to it; newest first. Of a distribution with wheels the
    versions that have none are left out."""
    best: dict[Version, tuple[tuple[int, int, int], IndexFile]] = {}
    for file in files:
        parsed = _parsed(file.name)
        if parsed is None or not file.size:
            continue
        version, rank = parsed
        if version not in best or rank > best[version][0]:
            best[version] = (rank, file)
    wheels = {version: row for version, row in best.items() if row[0][0] > 0}
    chosen = wheels or best
    finals = {version: row for version, row in chosen.items() if not version.is_prerelease} or chosen
    return [Release(version, file, lowest_minor(file.requires_python)) for version, (_, file) in sorted(finals.items(), reverse=True)]


def _parsed(name: str) -> tuple[Version, tuple[int, int, int]] | None:
    """Version and rank of a file; None for one that linux on x86_64 does not take."""
    try:
        if not name.endswith(".whl"):
            return parse_sdist_filename(name)[1], (0, 0, 0)
        _, version, _, tags = parse_wheel_filename(name)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    ranks = [rank for tag in tags if (rank := _rank(tag.interpreter, tag.abi, tag.platform)) is not None]
    return (version, max(ranks)) if ranks else None


def _rank(interpreter: str, abi: str, platform: str) -> tuple[int, int, int] | None:
    native = platform.startswith(("manylinux", "linux")) and platform.endswith("x86_64")
    if not native and platform != "any" or interpreter.startswith("pp") or abi.endswith("t"):
        return None
    digits = interpreter.removeprefix("cp3")
    minor = int(digits) if interpreter.startswith("cp3") and digits.isdigit() else 0
    fits = interpreter.startswith("py3") or minor == _PYTHON or (abi == "abi3" and 0 < minor <= _PYTHON)
    return (3 if fits else 2 if interpreter.startswith("cp3") else 1, int(native), minor if minor <= _PYTHON else _PYTHON - minor)


def _thinned(releases: Sequence[Release]) -> list[Release]:
    """The newest of all and of the latest major lines, and each one at which the size moved or another Python came to be enough; an omitted one is
    like the next newer one that is kept."""
    moved = _MOVED
    lines = _last_of_lines(releases)
    while True:
        kept = list(releases[:1])
        for release in releases[1:]:
            last = kept[-1]
            different = abs(release.file.size - last.file.size) > moved * last.file.size
            if different or release.python != last.python and moved < 2 * _MOVED or release.version in lines:
                kept.append(release)
        if len(kept) <= _MOST_VERSIONS or moved > 1:
            return kept[:_MOST_VERSIONS]
        moved *= 1.3


def _last_of_lines(releases: Sequence[Release]) -> set[Version]:
    """Bounds as `<2` ask for them."""
    found: dict[tuple[int, ...], Version] = {}
    for release in releases:
        found.setdefault(release.version.release[:1] if release.version.major else release.version.release[:2], release.version)
    majors = [version for version in found.values() if version.major]
    return set(majors[:_LINES] or list(found.values())[:_LINES])


def _needs(each: Distribution) -> set[str]:
    """What its kept versions need."""
    return {line for found in each.contents if found is not None for line in dependencies(found.requires)}


def _extra_needs(asked: str, found: Mapping[str, Distribution]) -> set[str]:
    """What the extras of `name[extra+extra]` add."""
    named = asked.partition("]")[0].partition("[")[2].replace(",", "+").split("+")
    each = found.get(_name(asked)) if named != [""] else None
    newest = each.contents[0] if each is not None and each.contents else None
    return set() if newest is None else {line for extra in named for line in dependencies(newest.requires, canonicalize_name(extra.strip()))}


def _name(asked: str) -> str:
    end = next((position for position, letter in enumerate(asked) if letter in "[<=~@ "), len(asked))
    return canonicalize_name(asked[:end])


def _line(each: Distribution) -> str:
    newest = each.contents[0]
    assert newest is not None
    bytecode = _share(newest.bytecode, newest.sampled)
    packed = _share(newest.bytecode_packed, newest.bytecode)
    rows, before = [], None
    for release, found in zip(each.releases, each.contents, strict=True):
        if found is None:
            continue
        needs = " ".join(dependencies(found.requires))
        shown = "=" if needs == before else needs
        before = needs
        numbers = (_short(release.file.size), _short(found.unpacked), _short(found.source), found.files)
        rows.append(",".join((str(release.version), *map(str, numbers), str(release.python), shown)))
    source = "" if each.releases[0].file.name.endswith(".whl") else "s"
    return "\t".join((each.name, source, str(bytecode), str(packed), ";".join(rows), _extras(newest)))


def _extras(newest: Measured) -> str:
    found: Mapping[str, tuple[str, ...]] = {
        name: dependencies(newest.requires, name) for name in extras(newest.requires) if name not in _NOT_USED
    }
    return "|".join(f"{name}:{' '.join(needs)}" for name, needs in list(found.items())[:20] if 0 < len(needs) <= 12)


def _share(part: int, whole: int) -> int:
    """In thousandths; 0 where nothing was measured."""
    return round(1000 * part / whole) if whole else 0


def _short(number: int) -> int:
    """Hundreds of bytes to four digits: finer would say nothing and would not compress."""
    hundreds = max(1, round(number / 100))
    step = 10 ** max(0, len(str(hundreds)) - 4)
    return round(hundreds / step) * step
