"""Mappings that grow line by line without being copied: 10,000 ENV lines cost 10,000 entries."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping

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
