"""Glob matching in linear time: Go's filepath.Match for COPY, and globs with `**` for sources and ignore files."""

from __future__ import annotations

import re
from itertools import groupby

from service.remembering import remembered

_Token = tuple[str, bool, frozenset[str], tuple[tuple[str, str], ...]]


_SPECIAL = frozenset("*?[\\")


class BadPattern(ValueError):
    """What Go's filepath.Match calls ErrBadPattern."""


def matches(pattern: str, name: str) -> bool:
    """Go's filepath.Match: `*` and `?` stop at a slash, `[a-z]` and `[^a]` are classes, a backslash quotes. A bad pattern matches nothing."""
    parts, names = pattern.split("/"), name.split("/")
    try:
        return len(parts) == len(names) and all(_segment(part, one) for part, one in zip(parts, names, strict=True))
    except BadPattern:
        return False


def glob_matches(pattern: str, path: str) -> bool:
    """As `matches`, with `**` for any number of folders, none included."""
    try:
        return _folders(_parts(pattern), path.split("/"))
    except BadPattern:
        return False


def needle(pattern: str) -> str:
    """The longest text that stands in every path which `glob_matches` the pattern."""
    elements = (element for element in pattern.split("/") if "[" not in element and "\\" not in element)
    return max((letters for element in elements for letters in element.replace("?", "*").split("*")), key=len, default="")


def expression(pattern: str) -> str:
    """A regular expression for a whole path with a slash behind it that `glob_matches` this pattern; it matches nothing where the pattern is bad.

    Each piece between two stars, and each run of folders between two `**`, is an atomic group that takes the first place where it fits: a later one
    can only leave less for what follows, so nothing is tried twice. What is behind the last star must stand at the end.
    """
    try:
        parts = ["**" if part == "**" else f"{_one_folder(part)}/" for part in pattern.split("/")]
    except BadPattern:
        return r"(?!)"
    runs = ["".join(run) for star, run in groupby(parts, lambda part: part == "**") if not star]
    if "**" not in parts:
        return runs[0]
    head = runs.pop(0) if parts[0] != "**" else ""
    end = f"(?:[^/]*/)*{runs.pop()}" if runs and parts[-1] != "**" else r"[\s\S]*"
    return head + "".join(f"(?>(?:[^/]*/)*?{run})" for run in runs) + end


def _one_folder(pattern: str) -> str:
    """One path element, without the slash behind it."""
    chunks: list[list[str]] = [[]]
    for token in _tokens(pattern):
        if token[0] == "*":
            chunks.append([])
        else:
            chunks[-1].append(_letters(token))
    first, *rest = ("".join(chunk) for chunk in chunks)
    if not rest:
        return first
    *between, last = rest
    atoms = "".join(f"(?>[^/]*?{chunk})" for chunk in between if chunk)
    return f"{first}{atoms}[^/]*{last}"


def _letters(token: _Token) -> str:
    kind, negated, letters, ranges = token
    if kind == "?":
        return "[^/]"
    inside = "".join(map(re.escape, sorted(letters))) + "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in ranges if low <= high)
    if not inside:
        return "[^/]" if negated else "(?!)"
    return f"[^{inside}/]" if negated else f"(?!/)[{inside}]"


@remembered(2_048)
def _parts(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.split("/"))


def _folders(parts: tuple[str, ...], names: list[str]) -> bool:
    """Two pointers: the last `**` takes one more folder whenever the rest does not fit."""
    part = name = 0
    star, mark = -1, 0
    while name < len(names):
        if part < len(parts) and parts[part] == "**":
            star, mark = part, name
            part += 1
        elif part < len(parts) and _segment(parts[part], names[name]):
            part, name = part + 1, name + 1
        elif star >= 0:
            mark += 1
            part, name = star + 1, mark
        else:
            return False
    return all(rest == "**" for rest in parts[part:])


def _segment(pattern: str, name: str) -> bool:
    """One path element: `*` by two pointers, so that no pattern takes more than the product of both lengths."""
    if _plain(pattern):
        return pattern == name
    ends = affixes(pattern)
    if ends is not None:
        return len(name) >= len(ends[0]) + len(ends[1]) and name.startswith(ends[0]) and name.endswith(ends[1])
    tokens = _tokens(pattern)
    token = place = 0
    star, mark = -1, 0
    while place < len(name):
        if token < len(tokens) and tokens[token][0] == "*":
            star, mark = token, place
            token += 1
        elif token < len(tokens) and _one(tokens[token], name[place]):
            token, place = token + 1, place + 1
        elif star >= 0:
            mark += 1
            token, place = star + 1, mark
        else:
            return False
    return all(rest[0] == "*" for rest in tokens[token:])


def _one(token: _Token, letter: str) -> bool:
    kind, negated, letters, ranges = token
    if kind == "?":
        return True
    inside = letter in letters or any(low <= letter <= high for low, high in ranges)
    return inside != negated


@remembered(2_048)
def _plain(pattern: str) -> bool:
    return not _SPECIAL & set(pattern)


@remembered(2_048)
def affixes(pattern: str) -> tuple[str, str] | None:
    """What a name begins and ends with, for a pattern with one `*` and nothing else special."""
    start, _, end = pattern.partition("*")
    return (start, end) if _plain(start) and _plain(end) else None


@remembered(2_048)
def _tokens(pattern: str) -> tuple[_Token, ...]:
    found: list[_Token] = []
    position = 0
    while position < len(pattern):
        letter = pattern[position]
        if letter == "*":
            if not found or found[-1][0] != "*":
                found.append(("*", False, frozenset(), ()))
            position += 1
        elif letter == "?":
            found.append(("?", False, frozenset(), ()))
            position += 1
        elif letter == "[":
            token, position = _class(pattern, position + 1)
            found.append(token)
        else:
            if letter == "\\":
                position += 1
                if position >= len(pattern):
                    raise BadPattern(pattern)
                letter = pattern[position]
            found.append(("c", False, frozenset(letter), ()))
            position += 1
    return tuple(found)


def _class(pattern: str, position: int) -> tuple[_Token, int]:
    negated = position < len(pattern) and pattern[position] == "^"
    position += negated
    letters: set[str] = set()
    ranges: list[tuple[str, str]] = []
    first = True
    while True:
        if position >= len(pattern):
            raise BadPattern(pattern)
        if pattern[position] == "]" and not first:
            return ("c", negated, frozenset(letters), tuple(ranges)), position + 1
        first = False
        low, position = _letter(pattern, position)
        if position < len(pattern) and pattern[position] == "-":
            high, position = _letter(pattern, position + 1)
            ranges.append((low, high))
        else:
            letters.add(low)


def _letter(pattern: str, position: int) -> tuple[str, int]:
    if position >= len(pattern) or pattern[position] in "-]":
        raise BadPattern(pattern)
    if pattern[position] == "\\":
        position += 1
        if position >= len(pattern):
            raise BadPattern(pattern)
    return pattern[position], position + 1
