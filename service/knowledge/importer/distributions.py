"""What a Python distribution puts on disk, measured where an ordinary client (pip, uv) installed it: RECORD names its files, METADATA the rest."""

from __future__ import annotations

import csv
import email.parser
import marshal
import os
import stat
import tarfile
import warnings
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_SITE = "/usr/local/lib/python3.12/site-packages/"
_PYC_HEADER = 16
_RECORD_LINE = len("__pycache__/.cpython-312,,\r\nc")
"""What a .pyc's line in RECORD has besides its source's own path."""
_ZIP_ENTRY = 100
"""Bytes of a member in a zip besides its content and twice its path: headers and alignment."""
_SMALL, _WHOLE, _PIECES, _PIECE = 65_536, 1_000_000, 8, 65_536
"""A file above `_SMALL` compresses the same by itself as between others (gzip looks 32 KiB back); one above `_WHOLE` is judged by pieces."""
_BY_THE_CLIENT = frozenset({"INSTALLER", "REQUESTED", "direct_url.json"})


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes: `unpacked` of the files without bytecode, `packed` what gzip -6 leaves of them as members of a tar; `bytecode` and `bytecode_packed` the
    same for the .pyc files that the interpreter which runs this would write, with their lines in RECORD; `archive` of a wheel with these files
    (an estimate). `requires` are Requires-Dist lines, `python` is Requires-Python."""

    name: str
    version: str
    archive: int
    unpacked: int
    packed: int
    bytecode: int
    bytecode_packed: int
    files: int
    requires: tuple[str, ...]
    python: str


def places(folder: Path) -> Iterator[Path]:
    """The `*.dist-info` of an environment: a target folder, a prefix, or a site-packages itself."""
    for site in (folder, *sorted(folder.glob("lib/python3*/site-packages"))):
        yield from sorted(path for path in site.glob("*.dist-info") if path.is_dir())


def measure(info: Path) -> Measured | None:
    """None for what is no release of an index (installed from a folder or an address), and for what is not complete."""
    try:
        metadata = email.parser.BytesHeaderParser().parsebytes((info / "METADATA").read_bytes())
        with (info / "RECORD").open(newline="", encoding="utf-8") as record:
            names = sorted({row[0] for row in csv.reader(record) if row and not row[0].endswith(".pyc")})
    except (OSError, ValueError, csv.Error):
        return None
    name, version = metadata.get("Name"), metadata.get("Version")
    if not name or not version or (info / "direct_url.json").exists():
        return None
    return Measured(
        str(name),
        str(version),
        *_weighed(info.parent, names),
        *_compiled(info.parent, [name for name in names if name.endswith(".py") and not name.startswith(("..", "bin/"))]),
        sum(not name.endswith(".pyc") for name in names),
        tuple(map(str, metadata.get_all("Requires-Dist") or ())),
        str(metadata.get("Requires-Python") or ""),
    )


def _weighed(site: Path, names: Sequence[str]) -> tuple[int, int, int]:
    """An archive's bytes, the files' own, and theirs through gzip."""
    stream, archive, unpacked, packed = zlib.compressobj(6), 0.0, 0, 0.0
    for name in names:
        path = os.path.join(site, name)
        try:
            status = os.lstat(path)
        except OSError:
            continue
        if not stat.S_ISREG(status.st_mode):
            continue
        unpacked += status.st_size
        packed += len(stream.compress(_header(name, status.st_size)))
        if status.st_size > _SMALL:
            deflated = _judged(path, status.st_size) if status.st_size > _WHOLE else float(len(zlib.compress(Path(path).read_bytes(), 6)))
            packed += deflated
        else:
            content = Path(path).read_bytes()
            deflated = float(len(zlib.compress(content, 6)))
            packed += len(stream.compress(content + bytes(-len(content) % 512)))
        if not name.startswith(("..", "bin/")) and name.rpartition("/")[2] not in _BY_THE_CLIENT:
            archive += deflated + _ZIP_ENTRY + 2 * len(name)
    return round(archive), unpacked, round(packed + len(stream.flush()))


def _judged(path: str, size: int) -> float:
    """What is left of a large file, by pieces of it at equal distances."""
    left = 0
    with open(path, "rb") as file:
        for piece in range(_PIECES):
            file.seek((size - _PIECE) * piece // (_PIECES - 1))
            left += len(zlib.compress(file.read(_PIECE), 6))
    return size * left / (_PIECES * _PIECE)


def _compiled(site: Path, names: Sequence[str]) -> tuple[int, int]:
    stream, bytecode, packed = zlib.compressobj(6), 0, 0
    for name in names:
        try:
            code = _bytecode((site / name).read_bytes(), _SITE + name)
        except OSError:
            continue
        if code:
            bytecode += len(code) + len(name) + _RECORD_LINE
            packed += len(stream.compress(_header(name + "c", len(code)) + code + bytes(-len(code) % 512)))
    return bytecode, packed + len(stream.flush())


def _header(name: str, size: int) -> bytes:
    """As a layer's tar has it in front of a file."""
    member = tarfile.TarInfo(_SITE[1:] + name)
    member.size = size
    return member.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _bytecode(content: bytes, path: str) -> bytes:
    """Empty for what does not compile (a template, another Python's syntax): installers go on without it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bytes(_PYC_HEADER) + marshal.dumps(compile(content, path, "exec", dont_inherit=True))
    except (SyntaxError, ValueError, RecursionError, MemoryError, UnicodeDecodeError):
        return b""
