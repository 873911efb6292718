"""What a project of setuptools needs, as far as setup.cfg and setup.py say it in literals: nothing is executed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

_LONGEST, _MOST, _PLACES = 100_000, 2_000, 50
_NAMING = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_CLOSING = {"[": "]", "(": ")"}


@lru_cache(maxsize=32)
def setup_cfg(text: str) -> tuple[str, ...] | None:
    """`install_requires` of `[options]`; None where it says none, or reads it from a file."""
    section, found, inside = "", [], False
    for line in text[:_LONGEST].splitlines()[:_MOST]:
        plain = line.strip()
        if plain.startswith("[") and not line[0].isspace():
            section, inside = plain.strip("[]"), False
        elif line[:1].isspace() and inside:
            found += [plain] if plain and not plain.startswith(("#", ";")) else []
        elif plain and not plain.startswith(("#", ";")):
            key, _, value = plain.partition("=")
            inside = section == "options" and key.strip() == "install_requires"
            found += [value.strip()] if inside and value.strip() else []
    return tuple(found) if found and not found[0].startswith(("file:", "attr:")) else None


@lru_cache(maxsize=32)
def setup_py(text: str) -> tuple[str, ...] | None:
    """`install_requires=[...]`, or the list that a name given there stands for; None where it is anything but strings."""
    text = text[:_LONGEST]
    for start in _after(text, "install_requires"):
        if text[start : start + 1] in _CLOSING:
            return _strings(text, start)
        end = _name_end(text, start)
        lists = (place for place in _after(text, text[start:end]) if text[place : place + 1] in _CLOSING) if end > start else iter(())
        found = next(lists, None)
        if found is not None:
            return _strings(text, found)
    return None


def _after(text: str, name: str) -> Iterator[int]:
    """Where values begin: behind `name =`, or `"name":`."""
    position = text.find(name)
    for _ in range(_PLACES):
        if position < 0:
            return
        end = position + len(name)
        if not (position and text[position - 1] in _NAMING) and text[end : end + 1] not in _NAMING:
            place = _blank(text, end + (text[end : end + 1] in ('"', "'")))
            if text[place : place + 1] in ("=", ":") and text[place + 1 : place + 2] != "=":
                yield _blank(text, place + 1)
        position = text.find(name, end)


def _strings(text: str, start: int) -> tuple[str, ...] | None:
    """The strings up to the bracket that closes; None where anything else stands between."""
    closing, position, found = _CLOSING[text[start]], start + 1, list[str]()
    while len(found) < _MOST:
        position = _blank(text, position)
        letter = text[position : position + 1]
        if letter == closing:
            return tuple(found)
        if letter == ",":
            position += 1
        elif letter in ("'", '"') and letter:
            end = text.find(letter, position + 1)
            if end < 0 or "\n" in text[position:end] or "\\" in text[position:end]:
                return None
            found.append(text[position + 1 : end])
            position = end + 1
        else:
            return None
    return tuple(found)


def _blank(text: str, position: int) -> int:
    """Past white space and comments."""
    while position < len(text):
        if text[position] == "#":
            end = text.find("\n", position)
            position = len(text) if end < 0 else end
        elif not text[position].isspace():
            break
        else:
            position += 1
    return position


def _name_end(text: str, start: int) -> int:
    end = start
    while end < len(text) and end - start < 100 and text[end] in _NAMING:
        end += 1
    return end
