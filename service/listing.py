"""A build context from a list of files: what an ignore file lets through, nearest to the root first, within bounds."""

from __future__ import annotations

from collections.abc import Iterable

from service.dockerfile.ignore import visible

IGNORE = ".dockerignore"
GIT = ".git"
HISTORY = f"{GIT}/HEAD"
"""What stands for the history: no COPY reads it by name, and its objects would crowd out what matters."""


def own_ignore(dockerfile: str) -> str:
    """The ignore file of one Dockerfile, which goes before the folder's (https://docs.docker.com/build/concepts/context/#filename-and-location)."""
    return dockerfile + IGNORE


def nearest(paths: Iterable[str], ignore: str, most: int) -> tuple[list[str], bool]:
    """The paths that the ignore file lets through, those nearest to the root first and at most `most`; and whether that is all of them."""
    names = sorted(visible(dict.fromkeys(paths), ignore), key=lambda path: (path.count("/"), path))
    return names[:most], len(names) <= most


def text_of(content: bytes) -> str | None:
    """The content of a text file; None for any other."""
    try:
        return None if b"\0" in content else content.decode()
    except UnicodeDecodeError:
        return None
