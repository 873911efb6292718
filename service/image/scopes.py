"""Mappings that grow line by line without being copied: 10,000 ENV lines cost 10,000 entries."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, Sequence, Set
from typing import overload

_MOST_ON_TOP = 128


class Layered(Mapping[str, str]):
    """An immutable mapping: many entries that it shares with the one it grew from, and a few on top. Names keep the order of first appearance."""

    __slots__ = ("_below", "_top")

    def __init__(self, entries: Mapping[str, str], parent: Layered | None = None) -> None:
        below, top = ({}, entries) if parent is None else (parent._below, {**parent._top, **entries})
        self._below: Mapping[str, str] = below if len(top) <= _MOST_ON_TOP else {**below, **top}
        self._top: Mapping[str, str] = dict(top) if len(top) <= _MOST_ON_TOP else {}

    def with_entries(self, entries: Mapping[str, str]) -> Layered:
        return Layered(entries, self) if entries else self

    def __getitem__(self, key: str) -> str:
        return self._top[key] if key in self._top else self._below[key]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._below, **self._top})

    def items(self) -> ItemsView[str, str]:
        return {**self._below, **self._top}.items()

    def __len__(self) -> int:
        return len(self._below) + sum(name not in self._below for name in self._top)


class Pairs(Sequence[tuple[str, str]]):
    """A mapping's entries as pairs in their order, listed only when somebody looks: of thousands of stages that grow from one another each has all
    that the ones before it said, and most are never asked."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Layered) -> None:
        self._entries = entries

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._entries.items())

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> tuple[str, str]: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[str, str], ...]: ...
    def __getitem__(self, index: int | slice) -> tuple[str, str] | tuple[tuple[str, str], ...]:
        return tuple(self)[index]

    def __reversed__(self) -> Iterator[tuple[str, str]]:
        return reversed(tuple(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pairs | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


class Names(Set[str]):
    """A mapping's names as a set that shares them, for the same reason as `Pairs`."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Layered) -> None:
        self._entries = entries

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        return self._hash()

    def __repr__(self) -> str:
        return repr(frozenset(self))
