"""A tar archive's members as they come: ustar, GNU and pax headers, nothing sought, nothing followed, no header larger than 1 MiB.

The standard library's reader is not used: it takes headers of any length into memory and searches them with backtracking expressions.
Formats: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

BLOCK = 512
MAX_HEADER = 1 << 20
"""Bytes of an extended header, as in Go's archive/tar (maxSpecialFileSize)."""

Kind = Literal["file", "symlink", "hardlink", "folder", "other"]
_KINDS: Mapping[bytes, Kind] = {
    b"1": "hardlink",
    b"2": "symlink",
    b"3": "other",
    b"4": "other",
    b"5": "folder",
    b"6": "other",
    # GNU: a folder's listing, a continued volume, a volume's name.
    b"D": "folder",
    b"M": "other",
    b"V": "other",
}
"""By type flag; what is not here is a file (POSIX: unknown types are treated as regular files)."""
_WITHOUT_CONTENT = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})
"""Whatever size their headers say."""
_PAX, _PAX_GLOBAL, _LONG_NAME, _LONG_TARGET, _SPARSE = b"x", b"g", b"L", b"K", b"S"
_EXTENDED = frozenset({_PAX, b"X", _PAX_GLOBAL, _LONG_NAME, _LONG_TARGET})
_PAX_KEYS = frozenset({"path", "linkpath", "size", "GNU.sparse.name", "GNU.sparse.realsize", "GNU.sparse.size", "GNU.sparse.major", "GNU.sparse.map"})
_END = bytes(BLOCK)
_HIGH = bytes(range(128, 256))


class ArchiveError(Exception):
    """The bytes are no archive, or only the beginning of one. The message is a sentence for people, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Member:
    """`name` as the archive has it, None where it is not UTF-8. `size` is what the file has unpacked, None for a hard link; `stored` how many
    bytes follow in the archive; only where `plain` are they the content. `target` is where a link leads."""

    name: str | None
    kind: Kind
    size: int | None
    stored: int
    plain: bool
    target: str


class Source:
    """Bytes on demand from chunks. `position` counts them."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._chunk, self._at, self.position = chunks, b"", 0, 0

    def read(self, count: int) -> bytes:
        """Fewer bytes only at the end."""
        found = self._take(count)
        if len(found) == count:
            return found
        parts, missing = [found], count - len(found)
        while missing and self._more():
            parts.append(self._take(missing))
            missing -= len(parts[-1])
        return b"".join(parts)

    def skip(self, count: int) -> None:
        """Raises `ArchiveError` where there are not so many."""
        while count > 0:
            step = min(count, len(self._chunk) - self._at)
            self._at += step
            self.position += step
            count -= step
            if count and not self._more():
                raise ArchiveError("The archive breaks off in the middle of a file.")

    def _take(self, count: int) -> bytes:
        found = self._chunk[self._at : self._at + count]
        self._at += len(found)
        self.position += len(found)
        return found

    def _more(self) -> bool:
        self._chunk, self._at = next((chunk for chunk in self._chunks if chunk), b""), 0
        return bool(self._chunk)


def is_tar(head: bytes) -> bool:
    """Whether a body's first 512 bytes are a tar header. No text holds a NUL."""
    return len(head) >= BLOCK and head[257:262] == b"ustar" and b"\0" in head[:BLOCK]


def members(source: Source, most: int) -> Iterator[Member]:
    """One after the other; `stored` bytes of `source` are the caller's to read before it asks for the next. Raises `ArchiveError`, also above
    `most` headers."""
    common: dict[str, str | None] = {}
    own: dict[str, str | None] = {}
    for place in range(most):
        block = source.read(BLOCK)
        if block == _END:
            return
        if not place and len(block) < BLOCK:
            raise ArchiveError("This is no tar archive: it is shorter than a header.")
        flag, stored = _checked(block)
        if flag in _EXTENDED:
            _extend(flag, _extended(source, stored), common, own)
            continue
        member = _member(block, flag, stored, {**common, **own})
        own = {}
        if flag == _SPARSE:
            _skip_sparse_map(source, block)
        end = source.position + -(-member.stored // BLOCK) * BLOCK
        yield member
        source.skip(end - source.position)
    raise ArchiveError(f"The archive has more than {most:,} entries. Leave out what the build does not read, such as node_modules and .git.")


def _checked(block: bytes) -> tuple[bytes, int]:
    """A header's type flag and size, its checksum compared."""
    if len(block) < BLOCK:
        raise ArchiveError("The archive breaks off: it has no end mark." if not block else "The archive breaks off in the middle of a header.")
    total = sum(block) - sum(block[148:156]) + 8 * 32
    if (said := _number(block[148:156])) != total and said != total - 256 * (_high(block) - _high(block[148:156])):
        raise ArchiveError("This is no tar archive, or a damaged one: a header's checksum is wrong.")
    return block[156:157], _number(block[124:136])


def _high(field: bytes) -> int:
    """How many bytes are above 127, which old programs took for negative numbers in a checksum."""
    return len(field) - len(field.translate(None, _HIGH))


def _number(field: bytes) -> int:
    """Octal digits, or GNU's base 256 for what does not fit; 2**63 and more is nothing that a file can have."""
    if field[:1] == b"\x80":
        value = int.from_bytes(field[1:], "big")
    else:
        digits = field.split(b"\0", 1)[0].strip(b" ")
        if digits.strip(b"01234567"):
            raise ArchiveError("This is no tar archive, or a damaged one: a header holds no number where one belongs.")
        value = int(digits or b"0", 8)
    if value >= 1 << 63:
        raise ArchiveError("The archive is damaged: a file's size is out of range.")
    return value


def _extended(source: Source, size: int) -> bytes:
    if size > MAX_HEADER:
        raise ArchiveError(f"The archive has an extended header of more than {MAX_HEADER:,} bytes.")
    content = source.read(size)
    source.skip(-size % BLOCK)
    if len(content) < size:
        raise ArchiveError("The archive breaks off in the middle of a header.")
    return content


def _extend(flag: bytes, content: bytes, common: dict[str, str | None], own: dict[str, str | None]) -> None:
    """What an extended header says of the next member, or of all that follow. A name that is not UTF-8 is None."""
    if flag == _LONG_NAME:
        own["path"] = _decoded(content.split(b"\0", 1)[0])
    elif flag == _LONG_TARGET:
        own["linkpath"] = _decoded(content.split(b"\0", 1)[0])
    else:
        (common if flag == _PAX_GLOBAL else own).update(_records(content))


def _records(content: bytes) -> dict[str, str | None]:
    """pax records, `length key=value\\n`, those that matter here."""
    found: dict[str, str | None] = {}
    place = 0
    while place < len(content) and content[place]:
        blank = content.find(b" ", place, place + 20)
        length = content[place:blank]
        end = place + int(length) if blank > place and length.isdigit() else 0
        if end <= blank + 1 or end > len(content) or content[end - 1 : end] != b"\n":
            raise ArchiveError("The archive is damaged: an extended header cannot be read.")
        key, equals, value = content[blank + 1 : end - 1].partition(b"=")
        if not equals:
            raise ArchiveError("The archive is damaged: an extended header cannot be read.")
        name = _decoded(key)
        if name in _PAX_KEYS:
            found[name] = _decoded(value)
        place = end
    return found


def _member(block: bytes, flag: bytes, stored: int, extended: Mapping[str, str | None]) -> Member:
    kind = _KINDS.get(flag, "file")
    stored = _size(extended, "size", stored)
    sparse = flag == _SPARSE or any(key.startswith("GNU.sparse") for key in extended)
    size = _size(extended, "GNU.sparse.realsize", _size(extended, "GNU.sparse.size", _number(block[483:495]) if flag == _SPARSE else stored))
    name = extended["GNU.sparse.name"] if "GNU.sparse.name" in extended else extended["path"] if "path" in extended else _name(block)
    target = extended["linkpath"] if "linkpath" in extended else _decoded(block[157:257].split(b"\0", 1)[0])
    if kind == "file" and name is not None and name.endswith("/"):
        # Before POSIX a folder was a file whose name ends in a slash.
        kind = "folder"
    if flag in _WITHOUT_CONTENT:
        stored = 0
    links = {"hardlink": None, "symlink": len((target or "").encode())}
    return Member(name, kind, links.get(kind, size), stored, kind == "file" and not sparse, target or "")


def _size(extended: Mapping[str, str | None], key: str, otherwise: int) -> int:
    text = extended.get(key)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ArchiveError("The archive is damaged: a file's size is no number.")
    return int(text)


def _name(block: bytes) -> str | None:
    name = block[:100].split(b"\0", 1)[0]
    # GNU writes `ustar` with blanks, and times where POSIX has the prefix.
    prefix = block[345:500].split(b"\0", 1)[0] if block[257:263] == b"ustar\0" else b""
    return _decoded(prefix + b"/" + name if prefix else name)


def _decoded(text: bytes) -> str | None:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return None


def _skip_sparse_map(source: Source, block: bytes) -> None:
    """GNU's old sparse files go on with their map in further blocks."""
    more = block[482]
    while more:
        block = source.read(BLOCK)
        if len(block) < BLOCK:
            raise ArchiveError("The archive breaks off in the middle of a header.")
        more = block[504]
