"""The day on which a base image's version, or the distribution below it, stopped getting security fixes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from service.image.model import BaseImage
from service.version import DATA

_TABLE: Mapping[str, Mapping[str, Any]] = json.loads(files(__package__).joinpath("endoflife.json").read_text())


def ended(base: BaseImage) -> tuple[str, str] | None:
    """(what ended, the day), where that day is past on the day of the bundled data, not of the clock; None where it is not, or not known.
    Source and date: endoflife.json."""
    row = _TABLE["families"].get(base.family, {"title": "", "days": {}})
    parts = base.version.split(".")
    cycle = next((text for text in (".".join(parts[:2]), parts[0]) if text in row["days"]), None)
    if cycle is not None and row["days"][cycle] < DATA:
        return f"{row['title']} {cycle}", row["days"][cycle]
    title, day = _TABLE["suites"].get(base.suite or "", ("", DATA))
    return (title, day) if day < DATA else None
