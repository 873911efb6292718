"""A build context as an archive, as the Docker Engine's `/build` takes it: read once from front to back, and never written to a disk."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from service.context import BuildContext
from service.deadline import within
from service.http import tar
from service.http.inflate import MAGIC, inflated
from service.http.paths import MAX_NAME, check_folders, check_ignore
from service.http.problems import Problem, too_large, unreadable
from service.http.settings import Settings
from service.http.stream import peeked
from service.http.texts import Texts
from service.listing import GIT, HISTORY, IGNORE, nearest, own_ignore

MAX_RATIO = 4
"""How many times the limit for archives one may have unpacked: source code packs about three to one."""
MAX_GROWTH = 16
"""How many times its own bytes an archive may have unpacked beyond the limit for archives: zeros pack a thousand to one, and a small body must not
be seconds of work."""
MAX_ENTRIES = 10
"""How many times the limit for paths an archive may have entries: what is ignored is in it, too."""
_SUGGESTIONS = 10
_ALIKE = ("dockerfile", "containerfile")


@dataclass
class _Found:
    """What the archive held so far. `sizes` has every file, None where its size is not known."""

    texts: Texts
    sizes: dict[str, int | None] = field(default_factory=dict)
    name_bytes: int = 0
    dockerfile: bytes | None = None
    ignores: dict[str, bytes] = field(default_factory=dict)


def is_archive(head: bytes) -> bool:
    """Whether a body that begins like this is a packed or plain archive. Neither is text."""
    return head.startswith(MAGIC) or tar.is_tar(head)


def read_archive(chunks: Iterator[bytes], dockerfile: str, settings: Settings) -> tuple[bytes, BuildContext]:
    """The Dockerfile at the path `dockerfile`, and the context: every file with its size, text up to `manifest_bytes` with its content, the files
    nearest to the root first, and never more text than `body_bytes`. The rules are those of `service.cli.folder`.

    Names are taken as Docker takes them: cleaned, `/a` as `a`, and a 422 where `..` leads out of the archive. A later entry replaces an earlier
    one of the same name. Links are paths without content, since nothing follows them; devices and pipes are left out. The context is complete unless
    it has more files than `context_paths`. Raises a `Problem`: 413 or 422.
    """
    try:
        found = _collected(tar.Source(_bounded(chunks, settings)), dockerfile, settings)
    except tar.ArchiveError as error:
        raise Problem(422, "invalid-archive", "The archive cannot be read", str(error)) from None
    if found.dockerfile is None:
        raise _missing(dockerfile, found)
    ignore = _ignore(found, dockerfile)
    check_folders(found.sizes)
    check_ignore(found.sizes, ignore, IGNORE)
    # Reading waits for the caller; this is work like any other.
    with within(settings.deadline_seconds):
        names, whole = nearest(found.sizes, ignore, settings.context_paths)
    files: dict[str, str | None] = {path: found.texts.get(path) for path in names}
    if ignore and IGNORE in files:
        # Whichever file said it, this is what the engine must honour.
        files[IGNORE] = ignore
    return found.dockerfile, BuildContext(files, whole, {path: size for path in names if (size := found.sizes[path]) is not None})


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """By what the bytes are, not by what they are called: `docker build` looks at them, too."""
    head, chunks = peeked(chunks, len(MAGIC))
    return inflated(chunks) if head.startswith(MAGIC) else chunks


def _bounded(chunks: Iterator[bytes], settings: Settings) -> Iterator[bytes]:
    sent = unpacked = 0

    def counted() -> Iterator[bytes]:
        nonlocal sent
        for chunk in chunks:
            sent += len(chunk)
            yield chunk

    for chunk in _unpacked(counted()):
        unpacked += len(chunk)
        most = min(MAX_RATIO * settings.archive_bytes, settings.archive_bytes + MAX_GROWTH * sent)
        if unpacked > most:
            raise too_large(f"An archive of {sent:,} bytes has at most {most:,} bytes unpacked.")
        yield chunk


def _collected(source: tar.Source, dockerfile: str, settings: Settings) -> _Found:
    found = _Found(Texts(settings.body_bytes, settings.deadline_seconds))
    deciding = (dockerfile, own_ignore(dockerfile), IGNORE)
    for member in tar.members(source, MAX_ENTRIES * settings.context_paths):
        path = _path(member.name)
        if path is None or member.kind in ("folder", "other"):
            continue
        if path.startswith(f"{GIT}/"):
            found.sizes[HISTORY] = (found.sizes.get(HISTORY) or 0) + (member.size or 0)
            continue
        _name(found, path, member.size, settings)
        most = settings.dockerfile_bytes if path == dockerfile else settings.manifest_bytes
        content = _content(source, member, most, path, path in deciding) if member.plain else None
        if path == dockerfile:
            found.dockerfile = content
        if content is None or len(content) > settings.manifest_bytes:
            # Whether it is there, and how large: all that is known of a large or packed file, and of a link.
            continue
        if path in deciding and path != dockerfile:
            found.ignores[path] = content
            found.texts.ignore = _ignore(found, dockerfile)
        found.texts.add(path, content)
    return found


def _name(found: _Found, path: str, size: int | None, settings: Settings) -> None:
    found.name_bytes += 0 if path in found.sizes else len(path.encode())
    if found.name_bytes > settings.body_bytes:
        raise too_large(f"The names in an archive have at most {settings.body_bytes:,} bytes together.")
    found.sizes[path] = size
    found.texts.drop(path)


def _path(name: str | None) -> str | None:
    """A member's place in the context; None for the root itself and for what no Dockerfile in UTF-8 could name."""
    if name is None:
        return None
    if len(name.encode()) > MAX_NAME:
        raise tar.ArchiveError(f"A name in the archive has more than {MAX_NAME:,} bytes.")
    if "\0" in name:
        raise tar.ArchiveError("A name in the archive holds a NUL.")
    path = posixpath.normpath("./" + name)
    if path.startswith("../") or path == "..":
        raise tar.ArchiveError("A name in the archive leads out of it by `..`.")
    return None if path == "." else path


def _content(source: tar.Source, member: tar.Member, most: int, path: str, needed: bool) -> bytes | None:
    """None for a file of more than `most` bytes, unless it is one that decides over the answer."""
    if member.stored > most:
        if needed:
            raise too_large(f"{path} has at most {most:,} bytes.")
        return None
    content = source.read(member.stored)
    if len(content) < member.stored:
        raise tar.ArchiveError("The archive breaks off in the middle of a file.")
    return content


def _ignore(found: _Found, dockerfile: str) -> str:
    return found.ignores.get(own_ignore(dockerfile), found.ignores.get(IGNORE, b"")).decode(errors="replace")


def _missing(dockerfile: str, found: _Found) -> Problem:
    """A 422 that says what there is instead."""
    if dockerfile in found.sizes:
        detail = f"{dockerfile} is a link in this archive, and links are not followed; ?dockerfile= names the file itself."
    else:
        alike = [path for path in found.sizes if any(word in posixpath.basename(path).lower() for word in _ALIKE)]
        named = ", ".join(sorted(alike, key=lambda path: (path.count("/"), path))[:_SUGGESTIONS])
        detail = f"There is no {dockerfile} in this archive; ?dockerfile= names another path" + (f", such as {named}." if named else ".")
    return unreadable(detail, {"parameter": "dockerfile", "detail": detail})
