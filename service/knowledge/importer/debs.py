"""What binary packages really put on the disk, measured on the .deb files themselves: Installed-Size is rounded up and knows no .pyc."""

from __future__ import annotations

import marshal
import subprocess
import tarfile
import tempfile
import urllib.request
import warnings
import zlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from pathlib import Path
from typing import IO

from service.knowledge.importer.measured import Measured
from service.knowledge.importer.packages import stanzas

_LARGEST = 60_000_000
"""Larger .debs are left out: their Installed-Size is within a few hundredths of a percent."""
_SAMPLED = 1_500_000
_CHUNK = 1 << 18
_MOST_COMPILED = 1_500_000
_PYTHON = ("./usr/lib/python3/dist-packages/", "./usr/lib/python3.", "./usr/share/")
_EXCLUDED = tuple(f"./usr/share/{name}/" for name in ("doc", "groff", "info", "linda", "lintian/overrides", "locale", "man"))
"""What slim images leave out: debuerreotype's scripts/.slimify-excludes. /usr/share/doc/*/copyright stays."""


def measure(out: Path, names: Iterable[str], indexes: Mapping[Path, str]) -> int:
    """Measures the packages of `names`, in that order; `indexes` maps a Packages file to the address of its archive. Appends lines of `pool path,
    numbers of Measured` to `out`; what stands there already is not fetched again."""
    known = {line.partition("\t")[0] for line in out.read_text().splitlines()} if out.exists() else set()
    newest = {}
    for index, archive in indexes.items():
        for stanza in stanzas(index.read_text("utf-8")):
            newest[stanza["Package"]] = (archive, stanza["Filename"], int(stanza["Size"]))
    wanted = dict.fromkeys(newest[name] for name in names if name in newest)
    tasks = [(archive, path) for archive, path, size in wanted if size <= _LARGEST and path not in known]
    with ProcessPoolExecutor(2) as pool, out.open("a") as lines:
        for (_, path), found in zip(tasks, pool.map(_fetched, tasks), strict=True):
            if found is not None:
                lines.write("\t".join((path, *map(str, astuple(found)))) + "\n")
                lines.flush()
    return len(tasks)


def _fetched(task: tuple[str, str]) -> Measured | None:
    archive, path = task
    with tempfile.NamedTemporaryFile(suffix=".deb") as deb:
        try:
            with urllib.request.urlopen(f"{archive}/{path}", timeout=60) as answer:
                while chunk := answer.read(_CHUNK):
                    deb.write(chunk)
            deb.flush()
            return measured(Path(deb.name))
        except (OSError, tarfile.TarError):
            return None


def measured(deb: Path) -> Measured:
    """One .deb file; dpkg-deb unpacks it, since Ubuntu's are packed with zstd."""
    counts = _Counts((_Packer(deb.stat().st_size > _SAMPLED), _Packer(False)))
    with (
        subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as archive,
    ):
        for item in archive:
            counts.add(item, archive.extractfile(item) if item.isreg() else None)
    return counts.result()


class _Counts:
    def __init__(self, packers: tuple[_Packer, _Packer]) -> None:
        self._packers = packers
        self._files = self._excluded = self._sources = self._read = self._compiled = 0

    def add(self, item: tarfile.TarInfo, content: IO[bytes] | None) -> None:
        left_out = item.name.startswith(_EXCLUDED) and not _stays(item.name)
        size = item.size if item.isreg() else len(item.linkname.encode()) if item.issym() else 0
        self._files, self._excluded = self._files + size, self._excluded + (size if left_out else 0)
        packer = self._packers[left_out]
        packer.add(item.tobuf(tarfile.GNU_FORMAT))
        if content is None:
            return
        module = item.name.endswith(".py") and item.name.startswith(_PYTHON)
        self._sources += size if module else 0
        if module and self._read < _MOST_COMPILED:
            text = content.read()
            self._read, self._compiled = self._read + size, self._compiled + _bytecode(text)
            packer.add(text)
        while chunk := content.read(_CHUNK):
            packer.add(chunk)

    def result(self) -> Measured:
        """Modules beyond the first megabytes count as the ones that were compiled."""
        compiled = round(self._compiled * self._sources / self._read) if self._read else 0
        return Measured(self._files, self._excluded, compiled, self._packers[0].size(), self._packers[1].size())


def _stays(name: str) -> bool:
    return (name.startswith("./usr/share/doc/") and name.endswith("/copyright")) or name == "./usr/share/locale/locale.alias"


def _bytecode(text: bytes) -> int:
    """The .pyc of a module: sixteen bytes of header and the marshalled code; nothing where it does not compile."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return 16 + len(marshal.dumps(compile(text, "", "exec", dont_inherit=True)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return 0


class _Packer:
    """Counts gzip -6 bytes. `sampled` packs every fourth quarter of a megabyte of a large package and takes the rest as alike."""

    def __init__(self, sampled: bool) -> None:
        self._deflate, self._sampled = zlib.compressobj(6), sampled
        self._seen = self._taken = self._packed = 0
        self._block = 0

    def add(self, data: bytes) -> None:
        self._seen += len(data)
        self._block += len(data)
        if self._sampled and (self._block // _CHUNK) % 4:
            return
        self._taken += len(data)
        self._packed += len(self._deflate.compress(data))

    def size(self) -> int:
        packed = self._packed + len(self._deflate.flush())
        return round(packed * self._seen / self._taken) if self._taken else 0
