"""Names of files in a build context, as callers write them and as the engine wants them."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from service.dockerfile.ignore import rules, tried
from service.http.problems import Error, pointer, too_large, unreadable

Value = TypeVar("Value")
MAX_NAME = 4096
"""Bytes; PATH_MAX of Linux, so no build could unpack a longer one."""
MAX_FOLDER_CHARACTERS = 64 << 20
"""Of all paths, each counted once for every folder that it is in: 20,000 paths of 300 characters, ten folders deep. Every folder gets a name."""
MAX_ERRORS = 100
"""That one answer lists."""
MAX_MATCHES = 4_000_000
"""Paths times the ignore rules that are held against every path: 200 such rules for 20,000 files."""
MAX_MATCHED = 50_000_000
"""Characters of all paths times those rules; one takes some nanoseconds."""


def normalised(named: Mapping[str, Value], *place: object) -> dict[str, Value]:
    """The mapping with `./a` and `a//b` written `a` and `a/b`. Folders (`src/`, `.`) are left out: a context is its files.

    Raises a 422 that points below `place` at absolute paths, those with `..` or a NUL or too long, and every path given twice; a 413 above
    `MAX_FOLDER_CHARACTERS`.
    """
    found: dict[str, Value] = {}
    errors: list[Error] = []
    check_folders(named, pointer(*place))
    for name, value in named.items():
        path = posixpath.normpath(name) if name else ""
        fault = _fault(name) or ("This path is given twice." if path in found else "")
        if fault and len(errors) == MAX_ERRORS:
            break
        if fault:
            errors.append({"pointer": pointer(*place, name), "detail": fault})
        elif path != "." and not name.endswith("/"):
            found[path] = value
    if errors:
        raise unreadable("A path of the build context cannot be used.", *errors)
    return found


def check_folders(paths: Iterable[str], *pointers: str) -> None:
    """A 413 where the names of all folders together would take much memory."""
    if sum(len(path) * path.count("/") for path in paths) > MAX_FOLDER_CHARACTERS:
        raise too_large("The paths are too long and too deep together.", *pointers)


def check_ignore(paths: Collection[str], ignore: str, *pointers: str) -> None:
    """A 413 where an ignore file would be held against too many paths."""
    count = sum(map(tried, rules(ignore))) if ignore else 0
    if count and (count * len(paths) > MAX_MATCHES or count * sum(map(len, paths)) > MAX_MATCHED):
        detail = f"{len(paths):,} paths and {count:,} ignore rules with wildcards are too many together"
        raise too_large(f"{detail}: paths times rules are at most {MAX_MATCHES:,}, and characters times rules {MAX_MATCHED:,}.", *pointers)


def _fault(name: str) -> str:
    if not name:
        return "A path is not empty."
    if len(name) > MAX_NAME or len(name.encode()) > MAX_NAME:
        return f"A path has at most {MAX_NAME:,} bytes."
    if "\0" in name:
        return "A path holds no NUL."
    if name.startswith("/"):
        return "A path is relative to the context's root, not absolute."
    return "A path stays inside the context: no `..`." if ".." in name.split("/") else ""
