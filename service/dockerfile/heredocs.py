"""Heredoc starts (`<<EOF`, `<<-"EOF"`) in an instruction's text, as BuildKit finds them: whole words, outside the JSON form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Start:
    name: str
    expand: bool
    chomp: bool


def starts(text: str, escape: str = "\\") -> tuple[Start, ...]:
    """The heredocs that a line announces, in order."""
    rest = text.partition(" ")[2].lstrip()
    return () if rest.startswith("[") else tuple(found for word in shell_words(text, escape) for found in [start(word)] if found)


def start(word: str) -> Start | None:
    """`^(\\d*)<<(-?)([^<]*)$` on one word, its name unquoted; None where the word is something else."""
    digits = len(word) - len(word.lstrip("0123456789"))
    if word[digits : digits + 2] != "<<":
        return None
    rest = word[digits + 2 :]
    chomp = rest.startswith("-")
    rest = rest[1:] if chomp else rest
    if not rest or "<" in rest or (digits and word[:digits] != "0"):
        return None
    name = _unquoted(rest)
    return None if name is None else Start(name, name == rest, chomp)


def _unquoted(text: str) -> str | None:
    """The name with its quotes taken off; None where a quote stays open."""
    found: list[str] = []
    quote = ""
    position = 0
    while position < len(text):
        letter = text[position]
        if quote:
            if letter == quote:
                quote = ""
            else:
                found.append(letter)
        elif letter in "'\"":
            quote = letter
        elif letter == "\\" and position + 1 < len(text):
            position += 1
            found.append(text[position])
        else:
            found.append(letter)
        position += 1
    return None if quote or not found else "".join(found)


def shell_words(text: str, escape: str) -> Iterator[str]:
    """Words as the lexer of ProcessWords splits them, quotes kept."""
    if escape not in text and "'" not in text and '"' not in text:
        yield from text.split()
        return
    word: list[str] = []
    quote, position = "", 0
    while position < len(text):
        letter = text[position]
        if letter == escape and quote != "'" and position + 1 < len(text):
            word.append(text[position : position + 2])
            position += 2
            continue
        if quote:
            quote = "" if letter == quote else quote
            word.append(letter)
        elif letter in "'\"":
            quote = letter
            word.append(letter)
        elif letter.isspace():
            if word:
                yield "".join(word)
                word = []
        else:
            word.append(letter)
        position += 1
    if word:
        yield "".join(word)
