"""What the caller told us of the build context: which files exist, and what some of them contain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

Derived = TypeVar("Derived")


@dataclass(frozen=True)
class BuildContext:
    """The files a COPY can see.

    `files` maps a path relative to the context root (`src/index.js`, no leading `./`) to its content, or to None where it exists but was
    not sent. `complete` says that the list is the whole context. `sizes` gives bytes by path. No context at all is `BuildContext.unknown()`.
    """

    files: Mapping[str, str | None] = field(default_factory=dict)
    complete: bool = False
    sizes: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def unknown(cls) -> BuildContext:
        return cls()

    def derived(self, name: str, make: Callable[[], Derived]) -> Derived:
        """What follows from the context alone (`visible`, `contents`), computed once in its life: every estimate and interpretation asks again."""
        found: Derived | None = self.__dict__.get(name)
        if found is None:
            found = make()
            object.__setattr__(self, name, found)
        return found

    def forget(self, *names: str) -> None:
        """Lets go of what was derived under these names."""
        for name in names:
            self.__dict__.pop(name, None)

    @property
    def known(self) -> bool:
        return bool(self.files) or self.complete
