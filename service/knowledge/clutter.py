"""Files that describe a project to people and tools, and that no program reads."""

from __future__ import annotations

import json
from importlib.resources import files

_DATA = json.loads(files(__package__).joinpath("clutter.json").read_text())
PATTERNS: tuple[str, ...] = tuple(_DATA["patterns"])
IGNORED: tuple[str, ...] = tuple(_DATA["ignored"]["names"])
"""Folders and files of a project that no build should be sent."""
