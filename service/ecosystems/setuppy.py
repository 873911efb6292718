"""What a setup.py or setup.cfg requires, where it says so in plain words: nothing of it is run."""

from __future__ import annotations

import re

_ASSIGNED = re.compile(r"\b(?:install_requires|extras_require)\s{0,20}=\s{0,20}(\S)")
_STRING = re.compile(r"""[rbu]?(["'])([^"'\\\n]{1,300})\1""")
_MOST = 100_000


def required(content: str) -> tuple[str, ...] | None:
    """The requirements of `install_requires=[...]` and of all extras, as they are written (PEP 508); None where one of them is computed. A setup.py
    that names none requires nothing."""
    text = _uncommented(content[:_MOST])
    found: list[str] = []
    for match in _ASSIGNED.finditer(text):
        if match.group(1) not in "[({":
            return None
        inside = _bracket(text, match.start(1))
        # A name among the strings stands for something computed.
        if inside is None or re.search(r"[A-Za-z_]", _STRING.sub("", inside)):
            return None
        found += (string for _, string in _STRING.findall(inside))
    return tuple(found)


def configured(content: str) -> tuple[str, ...]:
    """The lines of `install_requires` and of `options.extras_require` in a setup.cfg (setuptools, Configuring setup() using setup.cfg)."""
    found: list[str] = []
    listing = extras = False
    for line in content[:_MOST].splitlines():
        if line.startswith("["):
            listing, extras = False, line.strip() == "[options.extras_require]"
        elif line[:1] not in (" ", "\t", ""):
            key, _, value = line.partition("=")
            listing = key.strip() == "install_requires" or extras
            found += [value.strip()] if listing and value.strip() else []
        elif listing and line.strip():
            found.append(line.strip())
    return tuple(word for line in found for word in line.split(";")[0].split(",")[:1] if not line.startswith("#") and word)


def _uncommented(text: str) -> str:
    """Without comments: a `#` outside of a string of its line."""
    found: list[str] = []
    for line in text.splitlines():
        quote, end = "", len(line)
        for place, letter in enumerate(line):
            if letter == "#" and not quote:
                end = place
                break
            quote = ("" if letter == quote else quote) if quote else letter if letter in "\"'" else ""
        found.append(line[:end])
    return "\n".join(found)


def _bracket(text: str, start: int) -> str | None:
    """What stands between a bracket and the one that closes it; None where none does."""
    depth, quote = 0, ""
    for place in range(start, min(len(text), start + _MOST)):
        letter = text[place]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "[({":
            depth += 1
        elif letter in "])}":
            depth -= 1
            if depth == 0:
                return text[start : place + 1]
    return None
