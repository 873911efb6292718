"""File trees: what the original's program opened must be in the new image with the same permissions, a file of the context unchanged, a build
product by presence."""

from __future__ import annotations

import hashlib
import posixpath
import tarfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.proof.engine import Engine
from service.proof.model import Check

_SHOWN = 5
_JOURNALS = ("-wal", "-journal")
"""What SQLite keeps beside a database until the last program that has it open closes it (sqlite.org/tempfiles.html)."""
_INDEX = "-shm"
"""The index of a -wal, which SQLite makes anew whenever it finds none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A path of an image: a regular file's SHA-256, a link's target as `link:`, and the permission bits (of a file; a link has none of its own)."""

    digest: str
    mode: int | None


def compare_trees(
    engine: Engine, before: str, after: str, base: str, context: Path, opened: Collection[str], again: Callable[[], str]
) -> tuple[Check, ...]:
    """`opened` are absolute paths; those that the base image itself has are its own business, since the new base may have others. `again` builds
    the original once more from nothing and gives its image: a file that it does not have a second time (a commit's object, named by its
    time) cannot be held against the rewrite."""
    old, new, own = (entries(engine, image, opened) if image else {} for image in (before, after, base))
    authored = {path: entry for path, entry in old.items() if path not in own or own[path].digest != entry.digest}
    known = _context_hashes(context)
    lost = missing(authored, new)
    if lost:
        moved = entries(engine, after, [_on_path(path) for path in lost])
        lost = [path for path in lost if posixpath.basename(posixpath.dirname(path)) != "bin" or _on_path(path) not in moved]
    if lost:
        second = entries(engine, again(), lost)
        lost = [path for path in lost if path in second]
    return differences(authored, new, known, lost)


def missing(authored: Mapping[str, Entry], new: Mapping[str, Entry]) -> list[str]:
    """The original's own files that the new image has not, but for what an open database leaves beside it."""
    return sorted(path for path in authored if path not in new and not _written_back(path, authored, new))


def _written_back(path: str, old: Mapping[str, Entry], new: Mapping[str, Entry]) -> bool:
    """Whether a file is a journal whose content went into its database, since the build that made this one closed it and the other's did not: the
    database is there, with other content. Beside the same content a journal that is missing is lost."""
    if path.endswith(_INDEX):
        return path.removesuffix(_INDEX) in new
    database = next((path.removesuffix(ending) for ending in _JOURNALS if path.endswith(ending)), "")
    return database in old and database in new and old[database].digest != new[database].digest


def _on_path(path: str) -> str:
    """Where a program goes whose own folder the new base has not on its PATH."""
    return f"/usr/local/bin/{posixpath.basename(path)}"


def differences(authored: Mapping[str, Entry], new: Mapping[str, Entry], known: Collection[str], lost: Sequence[str]) -> tuple[Check, ...]:
    """`authored` are the original's own files, `known` the digests of the context's files, `lost` the paths that are not there."""
    there = {path: entry for path, entry in authored.items() if path in new}
    changed = sorted(path for path, entry in there.items() if entry.digest in known and new[path].digest != entry.digest)
    moded = [
        f"{path} ({entry.mode:o} -> {mode:o})"
        for path, entry in sorted(there.items())
        if entry.mode is not None and (mode := new[path].mode) is not None and mode != entry.mode
    ]
    return tuple(_checks(len(authored), lost, changed, moded))


def _checks(count: int, lost: Sequence[str], changed: Sequence[str], moded: Sequence[str]) -> Iterator[Check]:
    if lost:
        yield Check("files", "different", f"{len(lost)} of {count} files that the program opened are not there: {', '.join(lost[:_SHOWN])}")
    if changed:
        yield Check("files", "different", f"{len(changed)} files of the context have other content: {', '.join(changed[:_SHOWN])}")
    if moded:
        yield Check("files", "different", f"{len(moded)} files that the program opened have other permissions: {', '.join(moded[:_SHOWN])}")
    if not lost and not changed and not moded:
        yield Check("files", "equal", f"all {count} files of the author's that the program opened are there")


def entries(engine: Engine, image: str, wanted: Collection[str]) -> dict[str, Entry]:
    """Those of the wanted paths that the image has."""
    found: dict[str, Entry] = {}
    names = frozenset(path.lstrip("/") for path in wanted)
    with engine.exported(image) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            if member.name in names:
                found["/" + member.name] = Entry(_digest(archive, member), member.mode & 0o7777 if member.isreg() else None)
    return found


def _digest(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    content = archive.extractfile(member) if member.isreg() else None
    if content is None:
        return f"link:{member.linkname}"
    digest = hashlib.sha256()
    while chunk := content.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def _context_hashes(context: Path) -> Mapping[str, str]:
    """Path by SHA-256 of its content."""
    found: dict[str, str] = {}
    for path in sorted(context.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                found[hashlib.file_digest(file, "sha256").hexdigest()] = path.relative_to(context).as_posix()
    return found
