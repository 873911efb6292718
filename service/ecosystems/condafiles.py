"""What conda's files ask for: environment.yml, explicit lists, and requirements."""

from __future__ import annotations

import posixpath
import re

_ITEM = re.compile(r"^([ ]{0,40})-[ \t]{1,8}(.{1,300}?)[ \t]{0,40}$")
_KEY = re.compile(r"^(name|prefix|dependencies|channels|variables|platforms):[ \t]{0,8}(.{0,300})$")


def environment_name(content: str) -> str | None:
    """The `name:` of an environment.yml."""
    for line in content.splitlines():
        found = _KEY.match(line)
        if found is not None and found.group(1) == "name":
            return found.group(2).partition("#")[0].strip().strip("\"'") or None
    return None


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """The packages of an environment.yml, those of its `pip:` list among them; of an explicit list (`@EXPLICIT`) by their files' names."""
    if not name.endswith((".yml", ".yaml")):
        return tuple(found for line in content.splitlines() for found in [_explicit(line)] if found)
    found: dict[str, None] = {}
    inside = False
    for line in content.splitlines():
        text = line.partition(" #")[0].rstrip() if not line.lstrip().startswith("#") else ""
        key = _KEY.match(text)
        if key is not None:
            inside = key.group(1) == "dependencies"
            if inside and key.group(2).strip():
                return None
            continue
        item = _ITEM.match(text)
        if inside and item is not None and item.group(2) != "pip:":
            found[package(item.group(2).strip("\"'"))] = None
    return tuple(one for one in found if one and not one.startswith("-"))


def package(text: str) -> str:
    """`conda-forge::numpy>=1.20=py39_0` by its name."""
    plain = text.strip().rpartition("::")[2]
    return re.split(r"[=<>!~\[; @]", plain, maxsplit=1)[0].strip()


def _explicit(line: str) -> str:
    """A line of an explicit list or of `conda list --export`."""
    text = line.partition("#")[0].strip()
    if not text or text.startswith(("@", "-")):
        return ""
    if "://" not in text:
        return package(text)
    file = posixpath.basename(text)
    return file.rsplit("-", 2)[0] if file.count("-") > 1 else ""
