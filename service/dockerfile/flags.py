"""`--name=value` in front of an instruction's arguments (frontend/dockerfile/parser/split_command.go)."""

from __future__ import annotations

from service.dockerfile.model import Flag


def take_flags(text: str, start: int, escape: str = "\\") -> tuple[tuple[Flag, ...], int]:
    """The flags from `start` on, and where what follows them begins."""
    found: list[Flag] = []
    position = start
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        if not text.startswith("--", position):
            return tuple(found), position
        word, position = _word(text, position, escape)
        if word == "--":
            return tuple(found), position
        name, equals, value = word[2:].partition("=")
        found.append(Flag(name, value if equals else None))


def _word(text: str, position: int, escape: str) -> tuple[str, int]:
    """One word with its quotes taken off; a blank inside quotes does not end it."""
    found: list[str] = []
    quote = ""
    while position < len(text):
        letter = text[position]
        if quote:
            if letter == quote:
                quote = ""
            elif letter == escape and position + 1 < len(text):
                position += 1
                found.append(text[position])
            else:
                found.append(letter)
        elif letter.isspace():
            break
        elif letter in "'\"":
            quote = letter
        elif letter == escape and position + 1 < len(text):
            position += 1
            found.append(text[position])
        else:
            found.append(letter)
        position += 1
    return "".join(found), position
