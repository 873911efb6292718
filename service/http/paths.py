"""Names of files in a build context, as callers write them and as the engine wants them."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TypeVar

from service.dockerfile.ignore import rules
from service.http.problems import Error, pointer, too_large, unreadable

Value = TypeVar("Value")
MAX_MATCHES = 4_000_000
"""Paths times ignore rules with wildcards: 200 such rules for 20,000 files. Every path may have to be held against every rule."""


def normalised(named: Mapping[str, Value], *place: object) -> dict[str, Value]:
    """The mapping with `./a` and `a//b` written `a` and `a/b`. Folders (`src/`, `.`) are left out: a context is its files.

    Raises a 422 that points below `place` at every absolute path, every one with `..` or a NUL, and every path given twice.
    """
    found: dict[str, Value] = {}
    errors: list[Error] = []
    for name, value in named.items():
        path = posixpath.normpath(name) if name else ""
        fault = _fault(name) or ("This path is given twice." if path in found else "")
        if fault:
            errors.append({"pointer": pointer(*place, name), "detail": fault})
        elif path != "." and not name.endswith("/"):
            found[path] = value
    if errors:
        raise unreadable("A path of the build context cannot be used.", *errors)
    return found


def check_ignore(paths: int, ignore: str, *pointers: str) -> None:
    """A 413 where an ignore file would be held against too many paths."""
    wild = sum(not rule.literal for rule in rules(ignore))
    if paths * wild > MAX_MATCHES:
        raise too_large(f"{paths:,} paths and {wild:,} ignore rules with wildcards are too many together (at most {MAX_MATCHES:,}).", *pointers)


def _fault(name: str) -> str:
    if not name:
        return "A path is not empty."
    if "\0" in name:
        return "A path holds no NUL."
    if name.startswith("/"):
        return "A path is relative to the context's root, not absolute."
    return "A path stays inside the context: no `..`." if ".." in name.split("/") else ""
