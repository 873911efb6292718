"""File trees: what the original's program opened must be in the new image, a file of the context unchanged, a build product by presence."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from service.proof.engine import Engine
from service.proof.model import Check

_SHOWN = 5


def compare_trees(
    engine: Engine, before: str, after: str, base: str, context: Path, opened: Collection[str], again: Callable[[], str]
) -> tuple[Check, ...]:
    """`opened` are absolute paths; those that the base image itself has are its own business, since the new base may have others. `again` builds
    the original once more from nothing and gives its image: a file that it does not have a second time (a commit's object, named by its
    time) cannot be held against the rewrite."""
    old, new, own = (hashes(engine, image, opened) if image else {} for image in (before, after, base))
    authored = {path: digest for path, digest in old.items() if path not in own or own[path] != digest}
    known = _context_hashes(context)
    lost = sorted(path for path in authored if path not in new)
    if lost:
        second = hashes(engine, again(), lost)
        lost = [path for path in lost if path in second]
    changed = sorted(path for path, digest in authored.items() if path in new and digest in known and new[path] != digest)
    return tuple(_checks(len(authored), lost, changed))


def _checks(count: int, lost: list[str], changed: list[str]) -> Iterator[Check]:
    if lost:
        yield Check("files", "different", f"{len(lost)} of {count} files that the program opened are not there: {', '.join(lost[:_SHOWN])}")
    if changed:
        yield Check("files", "different", f"{len(changed)} files of the context have other content: {', '.join(changed[:_SHOWN])}")
    if not lost and not changed:
        yield Check("files", "equal", f"all {count} files of the author's that the program opened are there")


def hashes(engine: Engine, image: str, wanted: Collection[str]) -> dict[str, str]:
    """SHA-256 of each wanted path that is a regular file in the image; a link has its target as `link:`."""
    found: dict[str, str] = {}
    names = frozenset(path.lstrip("/") for path in wanted)
    with engine.exported(image) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            if member.name in names:
                found["/" + member.name] = _digest(archive, member)
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
