"""What a wheel or a source distribution puts on disk, measured in the archive itself."""

from __future__ import annotations

import configparser
import email.parser
import io
import marshal
import random
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from service.knowledge.importer.index import IndexFile, RemoteFile

_SITE = "/usr/local/lib/python3.12/site-packages/"
_WHOLE, _TAIL = 4_000_000, 100_000
_SAMPLE = 120_000
"""Bytes of source that are compiled of one distribution: all of most, several runs of files of a large one."""
_RUNS = 8
_SCRIPT = 205
"""A console script's bytes besides its name, function and module (pip 23 and 25)."""
_PYC_HEADER = 16
_LARGEST_SOURCE = 25_000_000
_NOT_INSTALLED = frozenset({"test", "tests", "docs", "doc", "examples", "example", "benchmarks", "build", "scripts", "tools", ".github"})


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes on disk without bytecode (`unpacked`, with what pip itself adds), of them .py files that get bytecode (`source`), what the files
    take compressed one by one (`packed`), and how many files there are, without bytecode. `bytecode` and `bytecode_packed` are those of the
    `sampled` bytes of source, 0 where nothing was compiled. `requires` are Requires-Dist lines."""

    unpacked: int
    source: int
    packed: int
    files: int
    sources: int
    requires: tuple[str, ...]
    sampled: int = 0
    bytecode: int = 0
    bytecode_packed: int = 0

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def measured(row: Mapping[str, Any]) -> Measured:
    return Measured(**{**row, "requires": tuple(row["requires"])})


def measure(file: IndexFile, compiled: bool) -> Measured | None:
    """None for an archive that cannot be read. `compiled`: compile a sample of it too, with the interpreter that runs this."""
    try:
        if file.name.endswith(".whl"):
            with zipfile.ZipFile(io.BufferedReader(RemoteFile(file, _WHOLE if compiled else _TAIL), 1 << 16)) as archive:
                return _wheel(archive, compiled)
        if file.size > _LARGEST_SOURCE:
            return None
        body = io.BytesIO(RemoteFile(file, file.size).read())
        return _source(_zip_members(body) if file.name.endswith(".zip") else _tar_members(body))
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, ValueError, NotImplementedError, KeyError):
        return None


def _wheel(archive: zipfile.ZipFile, compiled: bool) -> Measured:
    members = [member for member in archive.infolist() if not member.is_dir()]
    sources = [member for member in members if _gets_bytecode(member.filename)]
    info = next((member.filename.partition("/")[0] for member in members if member.filename.endswith(".dist-info/METADATA")), "")
    names = {member.filename for member in members}
    metadata = archive.read(f"{info}/METADATA") if f"{info}/METADATA" in names else b""
    scripts = _scripts(archive.read(f"{info}/entry_points.txt")) if f"{info}/entry_points.txt" in names else []
    # RECORD gets a line for each .pyc and each script; INSTALLER says `pip`.
    added = 4 + sum(len(member.filename) + 27 for member in sources) + sum(size + 70 for size in scripts)
    sample = _sample(sources) if compiled else []
    found = _compiled((archive.read(member) for member in sample), [member.filename for member in sample])
    return Measured(
        sum(member.file_size for member in members) + added,
        sum(member.file_size for member in sources),
        sum(member.compress_size for member in members),
        len(members) + len(scripts) + 1,
        len(sources),
        tuple(email.parser.BytesHeaderParser().parsebytes(metadata).get_all("Requires-Dist") or ()),
        *found,
    )


def _gets_bytecode(name: str) -> bool:
    """pip compiles what it puts into site-packages: of `x.data/` only its purelib and platlib."""
    first, _, rest = name.partition("/")
    return name.endswith(".py") and (not first.endswith(".data") or rest.startswith(("purelib/", "platlib/")))


def _scripts(text: bytes) -> list[int]:
    """The bytes of each console script."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=("#", ";"), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(text.decode("utf-8", "replace"))
    except configparser.Error:
        return []
    kinds = ("console_scripts", "gui_scripts")
    return [_SCRIPT + 2 * len(value) for kind in kinds if parser.has_section(kind) for _, value in parser.items(kind)]


def _sample(sources: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """All of them, or several runs of neighbours, so that a large wheel is read in few pieces; the same at every run."""
    ordered = sorted(sources, key=lambda member: member.header_offset)
    if sum(member.file_size for member in ordered) <= _SAMPLE:
        return ordered
    chance = random.Random(len(ordered))
    chosen: dict[str, zipfile.ZipInfo] = {}
    for start in sorted(chance.sample(range(len(ordered)), min(_RUNS, len(ordered)))):
        taken = 0
        for member in ordered[start:]:
            if taken > _SAMPLE // _RUNS:
                break
            taken += member.file_size
            # A single enormous file (a table of data) would stand for the rest.
            if member.file_size < _SAMPLE:
                chosen[member.filename] = member
    return list(chosen.values())


def _compiled(contents: Iterable[bytes], names: Sequence[str]) -> tuple[int, int, int]:
    """Source bytes, their bytecode's, and that compressed together."""
    source = bytecode = packed = 0
    stream = zlib.compressobj(6)
    for name, content in zip(names, contents, strict=True):
        source += len(content)
        code = _bytecode(content, _SITE + name)
        bytecode += len(code)
        packed += len(stream.compress(code))
    return source, bytecode, packed + len(stream.flush())


def _bytecode(content: bytes, path: str) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bytes(_PYC_HEADER) + marshal.dumps(compile(content, path, "exec", dont_inherit=True))
    except (SyntaxError, ValueError, RecursionError, MemoryError, UnicodeDecodeError):
        return b""


def _tar_members(body: io.BytesIO) -> list[tuple[str, bytes]]:
    found = []
    with tarfile.open(fileobj=body) as archive:
        for member in archive:
            opened = archive.extractfile(member) if member.isfile() else None
            if opened is not None:
                found.append((member.name, opened.read()))
    return found


def _zip_members(body: io.BytesIO) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(body) as archive:
        return [(member.filename, archive.read(member)) for member in archive.infolist() if not member.is_dir()]


def _source(members: Sequence[tuple[str, bytes]]) -> Measured:
    """A source distribution: the packages and modules in it, which is what a pure one installs."""
    inside = {name.partition("/")[2].removeprefix("src/"): content for name, content in members}
    packages = {name.partition("/")[0] for name in inside if name.count("/") == 1 and name.endswith("/__init__.py")} - _NOT_INSTALLED
    kept = {
        name: content
        for name, content in inside.items()
        if name.partition("/")[0] in packages or (not packages and "/" not in name and name.endswith(".py") and name != "setup.py")
    }
    python = [name for name in kept if name.endswith(".py")]
    metadata = inside.get("PKG-INFO", b"")
    listed = tuple(email.parser.BytesHeaderParser().parsebytes(metadata).get_all("Requires-Dist") or ())
    egg = next((content for name, content in inside.items() if name.endswith(".egg-info/requires.txt")), b"")
    return Measured(
        sum(map(len, kept.values())) + len(metadata) + 2_000,
        sum(len(kept[name]) for name in python),
        sum(len(zlib.compress(content, 6)) for content in kept.values()) + len(metadata) // 3 + 600,
        len(kept) + 5,
        len(python),
        listed or _egg_requires(egg.decode("utf-8", "replace")),
        *_compiled((kept[name] for name in python[:400]), python[:400]),
    )


def _egg_requires(text: str) -> tuple[str, ...]:
    """`requires.txt` of setuptools as Requires-Dist lines: sections are `[extra:marker]`."""
    extra, marker, found = "", "", []
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("["):
            extra, _, marker = line.strip("[]").partition(":")
        elif line:
            parts = [f"({marker})"] * bool(marker) + [f'extra == "{extra}"'] * bool(extra)
            found.append(line + (f"; {' and '.join(parts)}" if parts else ""))
    return tuple(found)
