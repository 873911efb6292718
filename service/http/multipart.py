"""multipart/form-data: a Dockerfile, files of its build context, and options; or one long file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from werkzeug.http import parse_options_header

from service.context import BuildContext
from service.http.paths import check_ignore, normalised
from service.http.problems import Problem, too_large, unreadable
from service.http.settings import Settings
from service.http.texts import Texts
from service.listing import IGNORE

DOCKERFILE = "dockerfile"
COMPLETE = "complete"
MAX_FIELDS = 1_000
MAX_HEADER = 8 << 10
MAX_PARAMETERS = 32
MAX_BOUNDARY = 70
"""RFC 2046, section 5.1.1."""
_NAMELESS = frozenset({"", "blob"})
"""What stands for no file name: `blob` is what browsers say for one that was made in memory (XMLHttpRequest, section 4.3, "create an entry")."""


@dataclass(frozen=True, slots=True)
class Part:
    """`filename` is None for a field that is no file. `content` is None where it was larger than what was to be kept; `size` is in bytes."""

    name: str
    filename: str | None
    content: bytes | None
    size: int


@dataclass(frozen=True)
class Form:
    """`fields` are the options, as a query would have them; `filename` is the Dockerfile's, empty where it has none."""

    dockerfile: bytes
    filename: str
    context: BuildContext
    fields: Mapping[str, list[str]] = field(default_factory=dict)


def read_form(chunks: Iterator[bytes], boundary: str, options: frozenset[str], path: str, settings: Settings) -> Form:
    """The part `dockerfile`, or else the file at `path`; and the other files as the build context.

    A file's path is its file name where that has a folder (`-F 'file=@x;filename=src/x'`), else the part's name where that looks like a path
    (`-F 'src/x=@src/x'`: curl sends the last part of a path as the file name), else the file name. A field that is no file and no option is a file,
    too, if its name looks like a path (`-F 'package.json=<package.json'`). Raises a `Problem`: 400, 413 or 422.
    """
    fields: dict[str, list[str]] = {}
    found: dict[str, Part] = {}
    dockerfile: Part | None = None
    for part in _parts(chunks, boundary, settings):
        if part.filename == "" and not part.size:
            # A form whose file was not chosen sends this.
            continue
        if part.name == DOCKERFILE:
            if dockerfile is not None:
                raise _refused(DOCKERFILE, "There is more than one part `dockerfile`.")
            dockerfile = part
        elif part.filename is None and (part.name in options or not _is_path(part.name)):
            fields.setdefault(part.name, []).append(_text(part, settings))
        else:
            _add(found, part, settings)
    files = normalised(found, "context", "files")
    dockerfile = dockerfile or files.get(path)
    if dockerfile is None:
        raise _refused(DOCKERFILE, f"There is no part `dockerfile`, and no file {path}: curl -F 'dockerfile=@Dockerfile' sends one.")
    if dockerfile.content is None or dockerfile.size > settings.dockerfile_bytes:
        raise too_large(f"A Dockerfile has at most {settings.dockerfile_bytes:,} bytes.", "/dockerfile")
    complete = _flag(fields.pop(COMPLETE, []))
    return Form(dockerfile.content, dockerfile.filename or "", _context(files, complete, settings), fields)


def first_file(chunks: Iterator[bytes], boundary: str) -> Iterator[bytes]:
    """The content of the first file that holds anything, as it comes, however long it is. Raises a `Problem`: 400, 413 or 422."""
    mark = _mark(boundary)
    text = _begun(chunks, mark)
    found = False
    for _, filename in _heads(text, MAX_FIELDS):
        if filename is None or found:
            text.until(mark, 0)
            continue
        for piece in text.pieces(mark):
            found = True
            yield piece
    if not found:
        raise _refused("file", "The form holds no file: curl -F 'file=@items.ndjson' sends one.")


def _add(found: dict[str, Part], part: Part, settings: Settings) -> None:
    path = _path(part)
    if path in found:
        raise _refused(part.name, f"The file {path} is sent twice.")
    if len(found) == settings.context_paths:
        raise too_large(f"A build context has at most {settings.context_paths:,} paths.", "/context/files")
    found[path] = part


def _context(files: Mapping[str, Part], complete: bool, settings: Settings) -> BuildContext:
    if not files and not complete:
        return BuildContext.unknown()
    texts = Texts(settings.body_bytes, settings.deadline_seconds)
    for path, part in files.items():
        if part.content is not None and part.size <= settings.manifest_bytes:
            texts.add(path, part.content)
    check_ignore(files, texts.get(IGNORE) or "", IGNORE)
    return BuildContext({path: texts.get(path) for path in files}, complete, {path: part.size for path, part in files.items()})


def _path(part: Part) -> str:
    filename = part.filename or ""
    if "/" in filename or (filename not in _NAMELESS and not _is_path(part.name)):
        return filename
    return part.name


def _is_path(name: str) -> bool:
    """`package.json` and `src/Makefile` do, `file` and `files[0].file` do not."""
    return bool(set("./") & set(name)) and not set("[]") & set(name)


def _text(part: Part, settings: Settings) -> str:
    if part.content is None:
        raise too_large(f"A field has at most {max(settings.dockerfile_bytes, settings.manifest_bytes):,} bytes.")
    try:
        return part.content.decode()
    except UnicodeDecodeError:
        raise _refused(part.name, "A field is UTF-8 text.") from None


def _flag(values: list[str]) -> bool:
    if not set(values) <= {"true", "false"} or len(values) > 1:
        raise _refused(COMPLETE, "`complete` is true or false.")
    return values == ["true"]


def _parts(chunks: Iterator[bytes], boundary: str, settings: Settings) -> Iterator[Part]:
    """Every part, its content kept as far as it may be of use."""
    mark = _mark(boundary)
    kept = max(settings.dockerfile_bytes, settings.manifest_bytes)
    text = _begun(chunks, mark)
    for name, filename in _heads(text, settings.context_paths + MAX_FIELDS):
        content, size = text.until(mark, kept)
        yield Part(name, filename, content, size)


def _mark(boundary: str) -> bytes:
    if not boundary or not boundary.isascii() or len(boundary) > MAX_BOUNDARY:
        raise _malformed(f"Its Content-Type names no boundary of 1 to {MAX_BOUNDARY} ASCII characters.")
    return b"\r\n--" + boundary.encode()


def _begun(chunks: Iterator[bytes], mark: bytes) -> Scanner:
    """Behind the first boundary."""
    text = Scanner(chunks)
    text.until(mark, 0)
    return text


def _heads(text: Scanner, most: int) -> Iterator[tuple[str, str | None]]:
    """Each part's name and file name. Its content has to be read before the next one is asked for."""
    for _ in range(most):
        if text.ahead(2) == b"--":
            text.rest()
            return
        padding, _ = text.until(b"\r\n", MAX_HEADER)
        header, _ = text.until(b"\r\n\r\n", MAX_HEADER)
        if header is None or padding is None or padding.strip(b" \t"):
            raise _malformed("A part's header is too long, or a boundary is not alone on its line.")
        yield _disposition(header)
    raise too_large(f"A form has at most {most:,} parts.")


def _disposition(header: bytes) -> tuple[str, str | None]:
    """The name and the file name that a part's header says (RFC 7578, 4.2)."""
    try:
        lines = header.decode().split("\r\n")
    except UnicodeDecodeError:
        raise _malformed("A part's header is not UTF-8.") from None
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip().lower() == "content-disposition":
            if value.count(";") > MAX_PARAMETERS:
                raise _malformed("A part's Content-Disposition has too many parameters.")
            said = parse_options_header(value.strip())[1]
            return said.get("name", ""), said.get("filename")
    raise _malformed("A part has no Content-Disposition.")


class Scanner:
    """A body read from mark to mark. werkzeug's own decoder is not used: where a chunk ends just behind a boundary, 3.1 takes the CR before it for
    content."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        # The first boundary is at the beginning of a line, like all others, but no line is before it.
        self._text = bytearray(b"\r\n")

    def until(self, mark: bytes, most: int) -> tuple[bytes | None, int]:
        """What is before the next `mark`, None where it is more than `most` bytes, and how much it is. Raises a 400 where there is none."""
        found, size = bytearray(), 0
        for piece in self.pieces(mark):
            size += len(piece)
            if size <= most:
                found += piece
        return (bytes(found) if size <= most else None), size

    def pieces(self, mark: bytes) -> Iterator[bytes]:
        """What is before the next `mark`, as it comes, and goes on behind it. Raises a 400 where there is none."""
        while True:
            place = self._text.find(mark)
            # A mark may have begun.
            end = place if place >= 0 else max(0, len(self._text) - len(mark) + 1)
            piece = bytes(self._text[:end])
            del self._text[: end + len(mark) if place >= 0 else end]
            if piece:
                yield piece
            if place >= 0:
                return
            self._more()

    def ahead(self, count: int) -> bytes:
        """The next bytes, which stay."""
        while len(self._text) < count:
            self._more()
        return bytes(self._text[:count])

    def rest(self) -> None:
        """Reads to the end, for which there is no use."""
        for _ in self._chunks:
            pass

    def _more(self) -> None:
        chunk = next(self._chunks, b"")
        if not chunk:
            raise _malformed("It breaks off before its closing boundary.")
        self._text += chunk


def _malformed(detail: str) -> Problem:
    return Problem(400, "malformed-multipart", "The body is not multipart/form-data", f"It cannot be parsed as what it says it is. {detail}")


def _refused(name: str, detail: str) -> Problem:
    return unreadable(detail, {"parameter": name, "detail": detail})
