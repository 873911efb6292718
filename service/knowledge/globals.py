"""The programs of packages that are installed for their programs alone, outside of any project (`npm install -g pnpm`, `pip install uv`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from importlib.resources import files

from service.knowledge.references import parse_reference

_DATA = json.loads(files(__package__).joinpath("globals.json").read_text())
_VERSION = re.compile(r"(?<=.)[@=<>~!;\[ ]")


def programs_of(ecosystem: str, packages: Iterable[str], words: Iterable[str | None]) -> frozenset[str] | None:
    """Names of the commands that packages bring, their versions left out, where the `words` of a command install them outside of a project; None
    where they do not, or a package has no row. Source: globals.json."""
    rows = _DATA.get(ecosystem)
    if not isinstance(rows, dict) or (rows["flags"] and not set(rows["flags"]) & set(words)):
        return None
    found = [rows["programs"].get(_VERSION.split(package, maxsplit=1)[0]) for package in packages]
    return frozenset(name for names in found for name in names) if found and None not in found else None


def tools_of(reference: str) -> frozenset[str]:
    """The programs that an image is published for, to be copied out of it where something is built (`COPY --from=composer`). Source: globals.json."""
    name = parse_reference(reference)
    rows = _DATA["images"]["programs"]
    return frozenset(rows.get(name.repository, rows.get(f"{name.prefix}{name.repository}", ())))
