"""A folder on disk as a build context: what `docker build` would send, as far as it matters and within bounds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from service.context import BuildContext
from service.listing import GIT, HISTORY, IGNORE, nearest, own_ignore, text_of

MAX_PATHS = 20_000
MAX_WALKED = 200_000
MAX_FILE = 256 << 10
MAX_TOTAL = 16 << 20


def read_folder(root: Path, dockerfile: Path | None = None) -> BuildContext:
    """The files below `root` that the ignore file lets through, with sizes, and the content of text files of at most 256 KiB, those nearest
    to the root first, up to 16 MiB. `complete` is False where a bound cut the list.

    As for Docker, `<Dockerfile>.dockerignore` beside the Dockerfile goes before `.dockerignore`. A symbolic link is a file, read only where
    it leads to one inside `root`. The history in `.git` is one path, `.git/HEAD`, with the whole folder's size: no COPY reads it by name,
    and its objects would crowd out what matters.
    """
    ignore = _ignore_text(root, dockerfile)
    found, whole = _bounded(_walk(root))
    kept, all_kept = nearest(found, ignore, MAX_PATHS)
    files = dict(_contents(root, kept, found))
    if ignore and IGNORE in files:
        # Whichever file said it, this is what the engine must honour.
        files[IGNORE] = ignore
    return BuildContext(files, whole and all_kept, {path: found[path] for path in kept})


def _ignore_text(root: Path, dockerfile: Path | None) -> str:
    candidates = [root / IGNORE] if dockerfile is None else [dockerfile.with_name(own_ignore(dockerfile.name)), root / IGNORE]
    for candidate in candidates:
        if candidate.is_file():
            return candidate.read_text(encoding="utf-8", errors="replace")
    return ""


def _bounded(walked: Iterator[tuple[str, int]]) -> tuple[dict[str, int], bool]:
    found: dict[str, int] = {}
    for path, size in walked:
        if len(found) == MAX_WALKED:
            return found, False
        found[path] = size
    return found, True


def _walk(root: Path) -> Iterator[tuple[str, int]]:
    """Every file's path, `/` between its parts, and size in bytes. Names that are not UTF-8 are passed over."""
    for folder, folders, files in os.walk(root):
        base = Path(folder)
        if GIT in folders and base == root:
            folders.remove(GIT)
            yield HISTORY, sum(_size(Path(inner) / name) for inner, _, names in os.walk(root / GIT) for name in names)
        links = [name for name in folders if (base / name).is_symlink()]
        for name in sorted([*files, *links]):
            path = (base / name).relative_to(root).as_posix()
            # A name that is not UTF-8 comes with surrogates, and no Dockerfile that is UTF-8 can name it.
            if not any("\ud800" <= character <= "\udfff" for character in path):
                yield path, _size(base / name)
        folders.sort()


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _contents(root: Path, paths: list[str], sizes: Mapping[str, int]) -> Iterator[tuple[str, str | None]]:
    budget = MAX_TOTAL
    for path in paths:
        text = _text(root, path) if sizes[path] <= min(MAX_FILE, budget) and not path.startswith(f"{GIT}/") else None
        budget -= len(text.encode()) if text else 0
        yield path, text


def _text(root: Path, path: str) -> str | None:
    """The content of a text file inside the root; None for anything else: binary, a device, a link that leads out."""
    place = root / path
    try:
        if not place.is_file() or not place.resolve().is_relative_to(root.resolve()):
            return None
        with place.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError:
        return None
    return None if len(content) > MAX_FILE else text_of(content)
