"""What installing npm packages adds to a layer: by the lock file where it was sent, else by package.json or the names in the command."""

from __future__ import annotations

import json
import math
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from service.context import BuildContext
from service.image.effects import Act, Kind
from service.image.model import BaseImage
from service.knowledge import npm
from service.sizing.locks import READERS, Wish
from service.sizing.locks.model import read_json, requests
from service.sizing.locks.yarn import is_berry
from service.sizing.model import ZERO, Addition, Size

_DATA: dict[str, Any] = json.loads(files(__package__).joinpath("npm.json").read_text())
_CLOSENESS: dict[str, dict[str, float]] = _DATA["closeness"]
_DOWNLOADS, _GZIP, _CLOSURE = _DATA["downloads"], _DATA["gzip"], _DATA["closure"]
_MOST_TEXT = 32_000_000
_GLOBAL_FLAGS = frozenset(["-g", "--global", "--location=global"])
_NO_OPTIONAL = frozenset(["--no-optional", "--omit=optional", "--ignore-optional"])
_VERBS = frozenset(["install", "i", "add", "ci", "clean-install", "isntall", "global", "fetch"])


@dataclass(frozen=True, slots=True)
class _Request:
    """`tool` is npm, yarn, berry, pnpm or bun. `lock` is the name and the text of the lock file that it reads; `names` are the packages in the
    command."""

    tool: str
    names: tuple[str, ...]
    manifest: str | None
    lock: tuple[str, str] | None
    wish: Wish
    scripts: bool
    everywhere: bool
    zipped: bool
    caches: bool


@dataclass(frozen=True, slots=True)
class _Weight:
    """Bytes of all packages: files, the same through gzip, and the standard deviations of both. `downloads`: low, mid, high and gzipped bytes that
    install scripts fetch; `count` is how many packages there are."""

    size: float = 0
    packed: float = 0
    size_error: float = 0
    packed_error: float = 0
    downloads: tuple[int, int, int, int] = (0, 0, 0, 0)
    count: int = 0


def added(act: Act, context: BuildContext, base: BaseImage) -> Addition | None:
    """None where neither a lock file nor a manifest was sent, nor packages are named that the table knows."""
    request = _request(act, context, base)
    if request is None:
        return None
    if request.lock is not None and not request.everywhere:
        weight = _locked(request.lock[0], request.lock[1], request.manifest, request.wish, request.tool)
        if weight is not None:
            named = _closure(_asked(request.names), request.wish, request.tool) if request.names else _Weight()
            return _addition(request, _sum(weight, _widened(named)), "lockfile")
    asked = {} if request.everywhere else requests(request.manifest, request.wish.sections)
    if asked is None and not request.names:
        return None
    wishes = {**(asked or {}), **dict(_asked(request.names))}
    weight = _closure(tuple(wishes.items()), request.wish, request.tool)
    return _addition(request, _widened(weight), "package-index") if weight.count or not wishes else None


def _request(act: Act, context: BuildContext, base: BaseImage) -> _Request | None:
    words = [word or "" for word in act.words]
    install = act.install
    tool = posixpath.basename(words[0]) if words else ""
    if tool not in ("npm", "yarn", "yarnpkg", "pnpm", "bun") or (install is None and words[1:3] != ["yarn", "global"] and "global" not in words):
        return None
    everywhere = "global" in words[1:2] or any(word in _GLOBAL_FLAGS for word in words) or "--location global" in " ".join(words)
    names = install.packages if install is not None else tuple(word for word in words[1:] if word and not word.startswith("-"))
    manifests = dict.fromkeys(install.manifests if install is not None else ())
    folders = dict.fromkeys(posixpath.dirname(path) for path in manifests)
    texts = {path: context.files.get(path) for path in (*manifests, *(posixpath.join(folder, "bun.lock") for folder in folders))}
    lock = _lock_for(tool, {path: text for path, text in texts.items() if text and len(text) <= _MOST_TEXT})
    manifest = next((text for path, text in texts.items() if text and posixpath.basename(path) == "package.json"), None)
    settings = next((context.files[name] for folder in folders for name in [posixpath.join(folder, ".yarnrc.yml")] if context.files.get(name)), "")
    berry = tool in ("yarn", "yarnpkg") and _modern_yarn(lock, manifest, settings or "", folders, context)
    return _Request(
        "berry" if berry else "yarn" if tool == "yarnpkg" else tool,
        tuple(name for name in names if name not in _VERBS),
        manifest,
        lock,
        Wish((install is not None and install.production) or "--prod" in words, not _NO_OPTIONAL.intersection(words), base.libc or ""),
        "--ignore-scripts" not in words,
        everywhere,
        berry and "node-modules" not in (settings or "") and "pnpm" not in (settings or ""),
        any(write.kind is Kind.CACHE for write in act.writes),
    )


def _lock_for(tool: str, texts: Mapping[str, str | None]) -> tuple[str, str] | None:
    """The lock file that the tool reads; each reads its own."""
    own = {"npm": ("npm-shrinkwrap.json", "package-lock.json"), "pnpm": ("pnpm-lock.yaml",), "bun": ("bun.lock",)}.get(tool, ("yarn.lock",))
    for name in own:
        for path, text in texts.items():
            if text and posixpath.basename(path) == name:
                return name, text
    return None


def _modern_yarn(
    lock: tuple[str, str] | None, manifest: str | None, settings: str, folders: Iterable[str], context: BuildContext
) -> bool:
    """yarn 2 and later: its lock file, the version that package.json names, or its settings file say so."""
    if lock is not None:
        return is_berry(lock[1])
    named = str((read_json(manifest) or {}).get("packageManager", ""))
    if named.startswith("yarn@"):
        return not named.startswith(("yarn@1", "yarn@0"))
    return bool(settings) or any(posixpath.join(folder, ".yarnrc.yml") in context.files for folder in folders)


def _asked(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Names in a command with their ranges: `typescript`, `typescript@5`, `@angular/cli@^17`. Addresses and folders are left out."""
    found = []
    for word in names:
        name, _, range_ = word[1:].partition("@")
        name = word[:1] + name
        if ":" not in word and not word.startswith((".", "/", "$", "-")) and ("/" not in name or name.startswith("@")):
            found.append((name, range_))
    return tuple(found)


@lru_cache(maxsize=16)
def _locked(name: str, text: str, manifest: str | None, wish: Wish, tool: str) -> _Weight | None:
    rows = READERS[name](text, manifest, wish)
    if rows is None:
        return None
    table = npm.table()
    return _weighed((row.name, table.release(row.name, row.version), row.count) for row in rows)


@lru_cache(maxsize=64)
def _closure(asked: tuple[tuple[str, str], ...], wish: Wish, tool: str) -> _Weight:
    plain = [(real, range_) for name, text in asked for real, range_ in [_need(name, text)] if real]
    found = npm.table().closure(plain, peers=tool != "yarn", libc=wish.libc)
    return _weighed(((name, one, 1) for name, one in found), unread=_CLOSURE["unread"])


def _need(name: str, text: str) -> tuple[str, str]:
    """An alias (`npm:name@range`) is the package behind it; a folder of the project is nothing of the registry."""
    if text.startswith("npm:"):
        real, at, rest = text.removeprefix("npm:").rpartition("@")
        return (real, npm.wanted(rest)) if at and real else (rest, "")
    return ("", "") if text.startswith(("file:", "link:", "portal:", "workspace:", ".", "/")) else (name, npm.wanted(text))


def _weighed(rows: Iterable[tuple[str, npm.Found, int]], unread: Mapping[str, float] | None = None) -> _Weight:
    """The sum over packages. Their errors are independent of each other; equal copies err together. `unread` is an unknown package with all that it
    needs, where no lock file lists that."""
    size = packed = size_square = packed_square = 0.0
    count = 0
    loads = [0, 0, 0, 0]
    for name, found, copies in rows:
        row = unread if unread is not None and found.closeness == "none" else _CLOSENESS[found.closeness]
        one = copies * (row["size"] if "size" in row else found.size * row["factor"])
        other = copies * (row["packed"] if "packed" in row else found.packed * row["factor"])
        size, packed, count = size + one, packed + other, count + copies
        size_square += (one * row["spread"]) ** 2
        packed_square += (other * row["spread"]) ** 2
        for index, value in enumerate(_DOWNLOADS.get(name, {}).get("bytes", ())):
            loads[index] += value
    return _Weight(size, packed, math.sqrt(size_square), math.sqrt(packed_square), (loads[0], loads[1], loads[2], loads[3]), count)


def _widened(weight: _Weight) -> _Weight:
    """Without a lock file the set itself is a guess: which releases are newest that day, and what they need."""
    return replace(
        weight,
        size=weight.size * _CLOSURE["factor"],
        packed=weight.packed * _CLOSURE["factor"],
        size_error=math.hypot(weight.size_error, weight.size * _CLOSURE["spread"]),
        packed_error=math.hypot(weight.packed_error, weight.packed * _CLOSURE["spread"]),
    )


def _sum(one: _Weight, other: _Weight) -> _Weight:
    return _Weight(
        one.size + other.size,
        one.packed + other.packed,
        math.hypot(one.size_error, other.size_error),
        math.hypot(one.packed_error, other.packed_error),
        tuple(a + b for a, b in zip(one.downloads, other.downloads, strict=True)),  # type: ignore[arg-type]
        one.count + other.count,
    )


def _addition(request: _Request, weight: _Weight, basis: str) -> Addition:
    layout = _DATA["layouts"][request.tool]
    locked = basis == "lockfile"
    # Every client but pnpm keeps a copy of the lock file in node_modules; npm writes the missing lock file as well.
    notes = weight.count * _DATA["note"] * (1 if locked else 2) * layout["notes"]
    size = weight.size * layout["size"] + notes
    packed = weight.packed * layout["size"] * _GZIP["mid"] + notes * _GZIP["notes"]
    error = 1.645 * math.hypot(weight.size_error, weight.size * layout["spread"])
    blur = 1.645 * math.hypot(weight.packed_error, weight.packed * math.hypot(_GZIP["spread"], layout["spread"]))
    loads = weight.downloads if request.scripts else (0, 0, 0, 0)
    source, date = npm.SOURCE, npm.DATE
    if request.zipped:
        size, error = size * layout["zip"], error * layout["zip"] + size * 0.1
    kept = Size(*_range(size, error, loads[:3]), basis, source, date)
    compressed = Size(*_range(packed, blur, (loads[3] // 2, loads[3], loads[3] * 2)), basis, source, date)
    if not request.caches or request.zipped:
        return Addition(kept, compressed)
    return Addition(kept, compressed, *_caches(request, weight, locked, basis))


def _range(middle: float, error: float, loads: tuple[int, ...]) -> tuple[int, int, int]:
    """Downloads are a range of their own; the rest errs both ways, downwards at most to a third."""
    return round(max(middle - error, middle / 3)) + loads[0], round(middle) + loads[1], round(middle + error) + loads[2]


def _caches(request: _Request, weight: _Weight, locked: bool, basis: str) -> tuple[Size, Size]:
    """What the client keeps to be faster the next time: npm the tarballs, an index, and what the registry says of each package where no lock file
    did; yarn 1 each package unpacked with its tarball; later yarns a zip of each."""
    row = _DATA["caches"].get(request.tool)
    if row is None:
        return ZERO, ZERO
    documents = 0 if locked else weight.count * row.get("document", 0)
    middle = weight.size * row["size"] + weight.packed * row["packed"] + weight.count * row["each"] + documents
    squeezed = weight.size * row["size"] * 0.25 + weight.packed * row["packed"] * 0.97 + weight.count * row["each"] * 0.3 + documents * 0.2
    spread = row["spread"] if locked else 2 * row["spread"]
    source, date = npm.SOURCE, npm.DATE
    return (
        Size(round(middle * (1 - min(spread, 0.8))), round(middle), round(middle * (1 + spread)), basis, source, date),
        Size(round(squeezed * (1 - min(spread, 0.8))), round(squeezed), round(squeezed * (1 + spread)), basis, source, date),
    )
