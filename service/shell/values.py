"""A word's value where the variables around it are known; a script's or function's arguments are `1`, `2`... among them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from service.shell.model import Word
from service.shell.quoting import value_of

_LONGEST = 16_384
_GLOB = re.compile(r"[\w./+*-]{1,200}", re.ASCII)


def constant_with(word: Word, scope: Mapping[str, str]) -> str | None:
    """The value with `$NAME`, `${NAME}`, `${NAME:-x}` and `${NAME-x}` filled in; None where something else decides it, where a name is not
    known, or where an unquoted value would split."""
    if word.value is not None:
        return word.value
    if "$" not in word.raw or "`" in word.raw:
        return None
    text = _filled(word.raw, scope)
    return None if text is None or len(text) > _LONGEST else value_of(text)


def folder_pattern(word: Word) -> str | None:
    """The pattern of `cd nginx-*`, for the folder that it stands for: which one is not known, but where it lies is."""
    return word.raw if word.raw.rstrip("/").endswith("*") and _GLOB.fullmatch(word.raw) else None


def words_with(word: Word, scope: Mapping[str, str]) -> tuple[str | None, ...]:
    """As `constant_with`, for a word that the shell may split: an unquoted variable alone gives each of its words."""
    name = word.raw.removeprefix("$").removeprefix("{").removesuffix("}")
    if word.value is None and word.raw in (f"${name}", f"${{{name}}}") and name.isidentifier() and name in scope:
        parts = scope[name].split()
        if len(parts) != 1 and len(scope[name]) <= _LONGEST and not any(letter in scope[name] for letter in "*?["):
            return tuple(parts)
    return (constant_with(word, scope),)


def _filled(raw: str, scope: Mapping[str, str]) -> str | None:
    """The raw word with quoted values in place of its variables."""
    found: list[str] = []
    position, quote = 0, ""
    while position < len(raw):
        letter = raw[position]
        if letter == "\\" and quote != "'":
            found.append(raw[position : position + 2])
            position += 2
            continue
        if letter in "'\"" and quote in ("", letter):
            quote = "" if quote else letter
        if letter == "$" and quote != "'":
            value, position = _variable(raw, position, scope)
            if value is None or (not quote and _splits(value)):
                return None
            found.append(_escaped(value, quote))
            continue
        found.append(letter)
        position += 1
    return "".join(found)


def _variable(raw: str, position: int, scope: Mapping[str, str]) -> tuple[str | None, int]:
    if raw[position + 1 : position + 2] == "{":
        end = raw.find("}", position)
        if end < 0:
            return None, len(raw)
        return _braced(raw[position + 2 : end], scope), end + 1
    end = position + 1
    while end < len(raw) and (raw[end].isalnum() or raw[end] == "_"):
        end += 1
    name = raw[position + 1 : end]
    # `$12` is `$1` and a 2: only one digit is a positional parameter.
    if name[:1].isdigit():
        return scope.get(name[0]), position + 2
    return (scope.get(name) if name else None), end


def _braced(body: str, scope: Mapping[str, str]) -> str | None:
    for sign in (":-", "-"):
        name, found, default = body.partition(sign)
        if found and name.isidentifier():
            value = scope.get(name)
            plain = default.strip("\"'")
            return (value or (plain if "$" not in plain else None)) if sign == ":-" else value if value is not None else plain
    return scope.get(body) if body.isidentifier() or body.isdigit() else None


def _splits(value: str) -> bool:
    return not value or any(letter.isspace() or letter in "*?[" for letter in value)


def _escaped(value: str, quote: str) -> str:
    special = '"\\$`' if quote else "\\'\"$`{}~"
    return "".join("\\" + letter if letter in special else letter for letter in value)
