"""Names of files in a build context, as callers write them and as the engine wants them."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TypeVar

from service.http.problems import Error, pointer, unreadable

Value = TypeVar("Value")


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


def _fault(name: str) -> str:
    if not name:
        return "A path is not empty."
    if "\0" in name:
        return "A path holds no NUL."
    if name.startswith("/"):
        return "A path is relative to the context's root, not absolute."
    return "A path stays inside the context: no `..`." if ".." in name.split("/") else ""
