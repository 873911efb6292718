"""Files that describe a project to people and tools, and that no program reads."""

from __future__ import annotations

import json
from importlib.resources import files

PATTERNS: tuple[str, ...] = tuple(json.loads(files(__package__).joinpath("clutter.json").read_text())["patterns"])
