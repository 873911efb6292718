"""The values that a shell's words have while a RUN is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from service.shell import read
from service.shell.model import Word
from service.shell.quoting import value_of
from service.shell.values import constant_with, words_with

_MACHINE = re.compile(
    r"\$\((?:uname -m|uname -p|arch|dpkg --print-architecture|apk --print-arch|go env GOARCH)\)"
    r"|`(?:uname -m|arch|dpkg --print-architecture)`|\$TARGETARCH\b|\$\{TARGETARCH\}"
)
_UNUSED = "\ue000"
_COUNTING = frozenset({"nproc", "getconf", "sysctl", "echo"})
_LONGEST = 200


def word_values(word: Word, names: Mapping[str, str], home: str) -> tuple[str | None, ...]:
    """A word's values; a leading `~/` is the user's home."""
    if word.value is not None and word.raw[:1] != "~":
        return (word.value,)
    if word.raw.startswith("~/"):
        rest = value_of(word.raw[2:])
        return (f"{home}/{rest}" if rest is not None else None,)
    if word.value is None and word.raw.startswith("-j"):
        # How many jobs run at once changes nothing in what they make.
        return ("-j",)
    if word.value is None and _counts(word.raw):
        return ("1",)
    return words_with(word, names)


def _counts(raw: str) -> bool:
    """Whether a word is the number of processors and nothing else: `"$(nproc)"`, `$(nproc || sysctl -n hw.ncpu || echo 1)`. Any number will do."""
    text = raw.removeprefix('"').removesuffix('"')
    inner = text[2:-1] if text.startswith("$(") and text.endswith(")") else text[1:-1] if text[:1] == text[-1:] == "`" else ""
    if not 0 < len(inner) < _LONGEST or "nproc" not in inner.lower() and "ncpu" not in inner:
        return False
    commands = read(inner).commands
    return bool(commands) and all(command.name in _COUNTING and not command.nesting for command in commands)


def machine_pattern(word: Word, names: Mapping[str, str]) -> str | None:
    """A word with a star for the machine's architecture (`tool-$(uname -m).tar.gz`); None for any other that is not constant."""
    raw = _MACHINE.sub(_UNUSED, word.raw) if len(word.raw) <= _LONGEST and "*" not in word.raw else word.raw
    if raw == word.raw:
        return None
    value = value_of(raw) if "$" not in raw else constant_with(replace(word, raw=raw, value=None), names)
    return value.replace(_UNUSED, "*") if value is not None else None


def folder_before(word: Word) -> str | None:
    """The folder in front of a pattern in a path's last part."""
    folder, _, last = word.raw.rpartition("/")
    return value_of(folder) if folder and "*" in last and "*" not in folder else None


def emptied(word: Word) -> str | None:
    """The folder whose every file `rm -rf /folder/*` names."""
    return value_of(word.raw[:-2]) if word.raw.endswith("/*") and len(word.raw) > 3 else None


def temporary(word: Word) -> str | None:
    """`$(mktemp -d)` is some path in /tmp: which one makes no difference."""
    return "/tmp/tmp.restage" if word.raw.strip('"').startswith("$(mktemp") and word.raw.strip('"').endswith(")") else None
