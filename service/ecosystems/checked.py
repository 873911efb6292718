"""Which rows a real run has confirmed: checked.json, written by `make proof-effects`."""

from __future__ import annotations

import json
from importlib.resources import files

_STORED = json.loads(files(__package__).joinpath("checked.json").read_text())

DATE: str = _STORED["date"]
CHECKED: frozenset[str] = frozenset(row for cases in _STORED["cases"].values() for case in cases for row in case["rows"]) - frozenset(
    row for rows in _STORED.get("refuted", {}).values() for row in rows
)
"""Names of steps (`npm install`) that wrote, in every case that was run, what their rows say, and all of it."""
