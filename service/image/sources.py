"""Which files a build compiles in, and which no program reads."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from service.dockerfile.patterns import glob_matches
from service.ecosystems import ECOSYSTEMS
from service.knowledge import clutter


def patterns_of(ecosystems: Iterable[str]) -> tuple[str, ...]:
    """The globs of sources and clutter for some ecosystems, by name."""
    names = frozenset(ecosystems)
    return tuple(pattern for ecosystem in ECOSYSTEMS if ecosystem.name in names for pattern in ecosystem.sources) + clutter.PATTERNS


def is_source(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path below a project folder matches a pattern, by its whole path or by its last part for a pattern without a slash."""
    name = posixpath.basename(path)
    return any(glob_matches(pattern, path) or ("/" not in pattern and glob_matches(pattern, name)) for pattern in patterns)
