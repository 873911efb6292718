"""yarn.lock of yarn 1 and of later versions, which is YAML of a simple kind. Neither says which packages are for development."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from service.sizing.locks.model import Locked, Wish, once, reached, requests


@dataclass(slots=True)
class _Entry:
    name: str
    version: str = ""
    needs: list[str] = field(default_factory=list)
    optional: list[str] = field(default_factory=list)
    conditions: str = ""
    workspace: bool = False


def is_berry(text: str) -> bool:
    """Whether yarn 2 or later wrote the file."""
    return text.startswith("__metadata:") or "\n__metadata:" in text[:2_000]


def yarn_lock(text: str, manifest: str | None, wish: Wish) -> tuple[Locked, ...] | None:
    """All of the file; for production what package.json leads to."""
    entries = _entries(text)
    if not entries and "yarn lockfile v1" not in text and not is_berry(text):
        return None
    kept = list(entries.values())
    asked = requests(manifest, wish.sections) if wish.production or not wish.optional else None
    if asked is not None:
        roots = [key for name, range_ in asked.items() for key in (f"{name}@{range_}", f"{name}@npm:{range_}")]
        kept = [entries[key] for key in reached(roots, lambda key: _needs(entries.get(key), wish)) if key in entries]
    rows = {id(entry): entry for entry in kept}.values()
    return once((entry.name, entry.version) for entry in rows if not entry.workspace and entry.version and _fits(entry, wish))


def for_other_platforms(text: str) -> tuple[Locked, ...]:
    """The packages that yarn 1 fetches into its cache and then leaves there, since they are for another system or processor."""
    entries = {id(entry): entry for entry in _entries(text).values() if entry.version and not entry.workspace}
    return once((entry.name, entry.version) for entry in entries.values() if not _fits(entry, Wish()))


def _needs(entry: _Entry | None, wish: Wish) -> Iterable[str]:
    if entry is None:
        return ()
    return (*entry.needs, *(entry.optional if wish.optional else ()))


def _fits(entry: _Entry, wish: Wish) -> bool:
    """`conditions: os=linux & cpu=x64 & libc=glibc` (yarn 3.2 and later); yarn 1 keeps none, so that the name has to say it."""
    if not entry.conditions:
        return wish.fits(entry.name, None, None, None)
    fields: dict[str, list[str]] = {}
    for part in entry.conditions.replace("(", " ").replace(")", " ").replace("|", "&").split("&"):
        key, _, value = part.strip().partition("=")
        fields.setdefault(key, []).append(value.strip())
    return wish.fits(entry.name, fields.get("os", []), fields.get("cpu", []), fields.get("libc", []))


def _entries(text: str) -> dict[str, _Entry]:
    """The entries by `name@range`, one of several keys each."""
    found: dict[str, _Entry] = {}
    entry = _Entry("")
    section = ""
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        depth = len(line) - len(line.lstrip(" "))
        word = line.strip()
        if depth == 0:
            entry, section = _Entry(""), ""
            for key in _keys(word):
                entry.name = entry.name or key[: key.find("@", 1)]
                found[key] = entry
            entry.workspace = "@workspace:" in word or "@link:" in word or "@portal:" in word
        elif depth == 2:
            section = word[:-1] if word.endswith(":") else ""
            _field(entry, word)
        elif depth == 4 and section in ("dependencies", "optionalDependencies"):
            (entry.needs if section == "dependencies" else entry.optional).extend(_need(word))
    found.pop("__metadata", None)
    return found


def _keys(word: str) -> list[str]:
    if "@" not in word[1:] or not word.endswith(":"):
        return []
    return [key for key in (part.strip().strip('"') for part in word[:-1].split(",")) if key.find("@", 1) > 0]


def _field(entry: _Entry, word: str) -> None:
    key, value = _pair(word)
    if key == "version":
        entry.version = value
    elif key == "conditions":
        entry.conditions = value
    elif key == "resolution":
        # An alias is kept under its own name: the package's is the one that it resolves to.
        entry.name = value[: value.find("@", 1)] if value.find("@", 1) > 0 else entry.name
    elif key == "resolved" and "/-/" in value and entry.name not in value:
        path = value.partition("/-/")[0].split("/")
        entry.name = "/".join(path[-2:]) if len(path) > 1 and path[-2].startswith("@") else path[-1]


def _pair(word: str) -> tuple[str, str]:
    """`version "1.2"`, `version: 1.2`, `"@a/b" "^1"`, `"@a/b": "npm:^1"`."""
    if word.startswith('"'):
        key, _, rest = word[1:].partition('"')
    else:
        key, _, rest = word.partition(" ")
    return key.rstrip(":"), rest.lstrip(": ").strip().strip('"')


def _need(word: str) -> Iterator[str]:
    name, range_ = _pair(word)
    yield f"{name}@{range_}"
    if ":" not in range_:
        yield f"{name}@npm:{range_}"
