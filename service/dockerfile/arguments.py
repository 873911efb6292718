"""The arguments of an instruction, raw: names and values, sources and destination, words."""

from __future__ import annotations

from collections.abc import Iterator

from service.dockerfile.heredocs import shell_words, start
from service.dockerfile.model import Instruction


def words(item: Instruction) -> tuple[str, ...]:
    """The exec form's strings, or the words between blanks (quotes kept; they do not protect a blank)."""
    return item.json if item.json is not None else tuple(item.rest.split())


def pairs(item: Instruction) -> tuple[tuple[str, str], ...]:
    """ENV and LABEL: names and values, unexpanded, quotes kept; `ENV key value with blanks` is one pair."""
    return tuple(split_pairs(item.rest))


def split_pairs(text: str, escape: str = "\\") -> Iterator[tuple[str, str]]:
    found = tuple(shell_words(text, escape))
    if found and "=" not in found[0]:
        parts = text.split(None, 1)
        yield parts[0], parts[1] if len(parts) > 1 else ""
        return
    for word in found:
        name, _, value = word.partition("=")
        yield name, value


def arguments(item: Instruction) -> tuple[tuple[str, str | None], ...]:
    """ARG: names and defaults, None without one."""
    found = []
    for word in shell_words(item.rest, "\\"):
        name, equals, value = word.partition("=")
        found.append((name, value if equals else None))
    return tuple(found)


def sources_and_destination(item: Instruction) -> tuple[tuple[str, ...], str]:
    """COPY and ADD: the sources that are no heredocs, and the destination; raw, the exec form too."""
    found = words(item)
    if not found:
        return (), ""
    sources = tuple(word for word in found[:-1] if not (item.heredocs and start(word)))
    return sources, found[-1]
