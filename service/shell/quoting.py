"""A word's constant value: quotes removed as the shell does, None where something else decides it."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[\w./:=@%+,-]+")
_GLOB = frozenset("*?[")
_DYNAMIC = frozenset("$`")


def value_of(raw: str) -> str | None:
    """None for a variable, a substitution, an unquoted glob, brace expansion or leading tilde, and for `$'...'`."""
    if _PLAIN.fullmatch(raw):
        return raw
    found: list[str] = []
    position, quote = 0, ""
    if raw.startswith("~"):
        return None
    while position < len(raw):
        letter = raw[position]
        if quote == "'":
            if letter == "'":
                quote = ""
            else:
                found.append(letter)
        elif letter == "\\":
            position += 1
            following = raw[position : position + 1]
            if quote == '"' and following not in ('"', "\\", "$", "`", "\n"):
                found.append("\\")
            if following != "\n":
                found.append(following)
        elif letter in _DYNAMIC:
            return None
        elif quote == '"':
            if letter == '"':
                quote = ""
            else:
                found.append(letter)
        elif letter in "'\"":
            quote = letter
        elif letter in _GLOB and raw not in ("[", "[[", "?") or letter == "{" and _braces(raw, position):
            return None
        else:
            found.append(letter)
        position += 1
    return "".join(found)


def _braces(raw: str, position: int) -> bool:
    """Brace expansion needs a comma or two dots before its closing brace."""
    end = raw.find("}", position)
    return end > 0 and ("," in raw[position:end] or ".." in raw[position:end])
