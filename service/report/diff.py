"""A unified diff that `patch` and `git apply` take byte for byte."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

_MOST_LINES = 4_000
_CONTEXT = 3


def unified(before: str, after: str, filename: str) -> str:
    """Empty when nothing differs. Carriage returns stay; a last line without its end says so."""
    if before == after:
        return ""
    one, other = _lines(before), _lines(after)
    head = [f"--- a/{filename}\n", f"+++ b/{filename}\n"]
    body = list(_single_hunk(one, other)) if len(one) + len(other) > _MOST_LINES else list(difflib.unified_diff(one, other, n=_CONTEXT))[2:]
    return "".join([*head, *(_ended(line) for line in body)])


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    found = [part + "\n" for part in parts[:-1]]
    return [*found, parts[-1]] if parts[-1] else found


def _ended(line: str) -> str:
    return line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"


def _single_hunk(one: list[str], other: list[str]) -> Iterator[str]:
    """One hunk between the common head and tail: linear, where a full comparison could be quadratic."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    first, tail = max(0, start - _CONTEXT), min(end, _CONTEXT)
    rows = [
        *(" " + line for line in one[first:start]),
        *("-" + line for line in one[start : len(one) - end]),
        *("+" + line for line in other[start : len(other) - end]),
        *(" " + line for line in one[len(one) - end : len(one) - end + tail]),
    ]
    yield f"@@ -{first + 1},{len(one) - end + tail - first} +{first + 1},{len(other) - end + tail - first} @@\n"
    yield from rows
