"""The vocabulary of lock files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from service.knowledge.npm import installable

MOST_PACKAGES = 20_000
SECTIONS = ("dependencies", "optionalDependencies", "devDependencies")


@dataclass(frozen=True, slots=True)
class Locked:
    """One package at one version; `count` is in how many folders it lies."""

    name: str
    version: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: without development dependencies, without optional ones, and the C library of the image (`glibc`, `musl`, or empty)."""

    production: bool = False
    optional: bool = True
    libc: str = ""

    @property
    def sections(self) -> tuple[str, ...]:
        return tuple(name for name in SECTIONS if (self.optional or name[0] != "o") and not (self.production and name.startswith("dev")))

    def fits(self, name: str, os: object, cpu: object, libc: object) -> bool:
        """Whether an optional package is for Linux on x64 and the C library: by its own fields, else by its name."""
        if os is None and cpu is None:
            return installable(name, self.libc)
        return _allows(os, "linux") and _allows(cpu, "x64") and (not self.libc or _allows(libc, self.libc))


def _allows(field: object, value: str) -> bool:
    """`os`, `cpu` and `libc` of package.json: a list of names, or of names that are not meant with `!` in front."""
    listed = [field] if isinstance(field, str) else field if isinstance(field, list) else []
    names = [name for name in listed if isinstance(name, str)]
    positive = [name for name in names if not name.startswith("!")]
    return f"!{value}" not in names and (not positive or value in positive or "any" in positive)


def counted(found: Iterable[tuple[str, str]]) -> tuple[Locked, ...]:
    """Equal packages as one with their number, in order of appearance."""
    counts: dict[tuple[str, str], int] = {}
    for key in found:
        counts[key] = counts.get(key, 0) + 1
    return tuple(Locked(name, version, count) for (name, version), count in counts.items())


def once(found: Iterable[tuple[str, str]]) -> tuple[Locked, ...]:
    return tuple(Locked(name, version) for name, version in dict.fromkeys(found))


def requests(manifest: str | None, sections: tuple[str, ...]) -> dict[str, str] | None:
    """The names and ranges that package.json asks for in some sections; None where it was not sent or cannot be read."""
    data = read_json(manifest)
    if data is None:
        return None
    found: dict[str, str] = {}
    for name in reversed(sections):
        section = data.get(name)
        found |= {key: value for key, value in section.items() if isinstance(value, str)} if isinstance(section, dict) else {}
    return found


def read_json(text: str | None) -> Mapping[str, Any] | None:
    try:
        data = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def reached(roots: Iterable[str], next_of: Callable[[str], Iterable[str]]) -> dict[str, None]:
    """What a walk from the roots meets, each once."""
    seen: dict[str, None] = {}
    waiting = list(roots)
    while waiting and len(seen) < MOST_PACKAGES:
        key = waiting.pop()
        if key not in seen:
            seen[key] = None
            waiting.extend(next_of(key))
    return seen
