"""Mappings that grow line by line without being copied: 10,000 ENV lines cost 10,000 entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class Layered(Mapping[str, str]):
    """An immutable mapping made of a parent and some entries on top. Long chains are flattened every so often."""

    __slots__ = ("_depth", "_entries", "_parent")

    def __init__(self, entries: Mapping[str, str], parent: Layered | None = None) -> None:
        self._entries, self._parent = dict(entries), parent
        self._depth: int = 0 if parent is None else parent._depth + 1

    def with_entries(self, entries: Mapping[str, str]) -> Layered:
        if not entries:
            return self
        return Layered({**dict(self), **entries}) if self._depth >= 24 and len(self) < 512 else Layered(entries, self)

    def __getitem__(self, key: str) -> str:
        current: Layered | None = self
        while current is not None:
            if key in current._entries:
                return current._entries[key]
            current = current._parent
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        chain: list[Layered] = []
        current: Layered | None = self
        while current is not None:
            chain.append(current)
            current = current._parent
        seen: dict[str, None] = {}
        for layer in reversed(chain):
            seen.update(dict.fromkeys(layer._entries))
        return iter(seen)

    def __len__(self) -> int:
        return sum(1 for _ in self)
