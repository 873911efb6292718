"""What installing npm packages adds to a layer: by the lock file where it was sent, else by package.json or the names in the command."""

from __future__ import annotations

import json
import math
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from service.context import BuildContext
from service.image.effects import Act, Kind
from service.image.model import BaseImage
from service.knowledge import npm
from service.sizing.locks import READERS, Wish
from service.sizing.locks.model import read_json, requests
from service.sizing.locks.yarn import for_other_platforms, is_berry
from service.sizing.model import ZERO, Addition, Size

_DATA: dict[str, Any] = json.loads(files(__package__).joinpath("npm.json").read_text())
_DOWNLOADS, _GZIP = _DATA["downloads"], _DATA["gzip"]
_NINETY = 1.645
# Below this variance over the mean's square a guess errs both ways alike.
_NEAR = 0.01
_MOST_TEXT = 32_000_000
_GLOBAL_FLAGS = frozenset(["-g", "--global", "--location=global"])


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
class _Guess:
    """A log-normal guess: `lift` makes its mean of its median, `square` is its variance over its mean's square. `size` and `packed` are medians
    of a package of which the table says nothing."""

    lift: float
    square: float
    size: float = 0
    packed: float = 0

    @classmethod
    def of(cls, row: Mapping[str, float]) -> _Guess:
        sigma = row["sigma"]
        lift = row.get("factor", 1.0) * math.exp(sigma * sigma / 2)
        return cls(lift, math.expm1(sigma * sigma), row.get("size", 0), row.get("packed", 0))


_GUESSES = {name: _Guess.of(row) for name, row in _DATA["closeness"].items()}
_UNLOCKED, _UNREAD = _Guess.of(_DATA["closure"]), _Guess.of(_DATA["closure"]["unread"])


@dataclass(frozen=True, slots=True)
class _Weight:
    """Bytes of all packages, as files and through gzip. `sure` and `sure_packed` are of releases that were measured or nearly so, with the variance
    `error`; the others are a sum of log-normal guesses with a mean and a variance. `downloads`: low, mid, high and
    gzipped bytes that install scripts fetch; `count` is how many
    packages there are."""

    sure: float = 0
    sure_packed: float = 0
    error: float = 0
    error_packed: float = 0
    mean: float = 0
    mean_packed: float = 0
    variance: float = 0
    variance_packed: float = 0
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
    if install is None or tool not in ("npm", "yarn", "yarnpkg", "pnpm", "bun"):
        return None
    everywhere = "global" in words[1:2] or any(word in _GLOBAL_FLAGS for word in words) or "--location global" in " ".join(words)
    manifests = dict.fromkeys(install.manifests)
    folders = dict.fromkeys(posixpath.dirname(path) for path in manifests)
    texts = {path: context.files.get(path) for path in (*manifests, *(posixpath.join(folder, "bun.lock") for folder in folders))}
    lock = _lock_for(tool, {path: text for path, text in texts.items() if text and len(text) <= _MOST_TEXT})
    manifest = next((text for path, text in texts.items() if text and posixpath.basename(path) == "package.json"), None)
    settings = next((context.files[name] for folder in folders for name in [posixpath.join(folder, ".yarnrc.yml")] if context.files.get(name)), "")
    berry = tool in ("yarn", "yarnpkg") and _modern_yarn(lock, manifest, settings or "", folders, context)
    return _Request(
        "berry" if berry else "yarn" if tool == "yarnpkg" else tool,
        install.packages,
        manifest,
        lock,
        # yarn 1 does not read which C library a package is for, and installs both.
        Wish(install.production, install.optional, (base.libc or "") if berry or tool not in ("yarn", "yarnpkg") else ""),
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


@lru_cache(maxsize=16)
def _for_other_platforms(text: str) -> tuple[int, int]:
    """Bytes and gzipped bytes of the packages for other platforms: each like the one of its family that is for this one."""
    table = npm.table()
    own = {npm.family(row.name): table.release(row.name, row.version) for row in READERS["yarn.lock"](text, None, Wish(libc="glibc")) or ()}
    found = [own.get(npm.family(row.name)) or table.release(row.name, row.version) for row in for_other_platforms(text)]
    pairs = [(one.size, one.packed) if one.closeness not in ("native", "none") else _medians(one.closeness) for one in found]
    return round(sum(size for size, _ in pairs)), round(sum(packed for _, packed in pairs))


def _medians(closeness: str) -> tuple[float, float]:
    return _GUESSES[closeness].size, _GUESSES[closeness].packed


@lru_cache(maxsize=64)
def _closure(asked: tuple[tuple[str, str], ...], wish: Wish, tool: str) -> _Weight:
    plain = [(real, range_) for name, text in asked for real, range_ in [_need(name, text)] if real]
    found = npm.table().closure(plain, peers=tool != "yarn", libc=wish.libc)
    return _weighed(((name, one, 1) for name, one in found), unread=_UNREAD)


def _need(name: str, text: str) -> tuple[str, str]:
    """An alias (`npm:name@range`) is the package behind it; a folder of the project is nothing of the registry."""
    if text.startswith("npm:"):
        real, at, rest = text.removeprefix("npm:").rpartition("@")
        return (real, npm.wanted(rest)) if at and real else (rest, "")
    return ("", "") if text.startswith(("file:", "link:", "portal:", "workspace:", ".", "/")) else (name, npm.wanted(text))


def _weighed(rows: Iterable[tuple[str, npm.Found, int]], unread: _Guess | None = None) -> _Weight:
    """The sum over packages. Their errors are independent of each other; equal copies err together. `unread` is an unknown package with all that it
    needs, where no lock file lists that."""
    sure = sure_packed = error = error_packed = mean = mean_packed = variance = variance_packed = 0.0
    count = 0
    loads = [0, 0, 0, 0]
    for name, found, copies in rows:
        count += copies
        if name in _DOWNLOADS:
            loads = [old + new for old, new in zip(loads, _DOWNLOADS[name]["bytes"], strict=True)]
        if found.closeness == "exact":
            sure += copies * found.size
            sure_packed += copies * found.packed
            continue
        guess = unread if unread is not None and found.closeness == "none" else _GUESSES[found.closeness]
        one = copies * guess.lift * (guess.size or found.size)
        other = copies * guess.lift * (guess.packed or found.packed)
        if guess.square < _NEAR:
            sure += one
            sure_packed += other
            error += one * one * guess.square
            error_packed += other * other * guess.square
            continue
        mean += one
        mean_packed += other
        variance += one * one * guess.square
        variance_packed += other * other * guess.square
    downloads = (loads[0], loads[1], loads[2], loads[3])
    return _Weight(sure, sure_packed, error, error_packed, mean, mean_packed, variance, variance_packed, downloads, count)


def _widened(weight: _Weight) -> _Weight:
    """Without a lock file the set itself is a guess: which releases are newest that day, and what they need."""
    size, packed = weight.sure + weight.mean, weight.sure_packed + weight.mean_packed
    return _Weight(
        mean=size * _UNLOCKED.lift,
        mean_packed=packed * _UNLOCKED.lift,
        variance=weight.error + weight.variance + size * size * _UNLOCKED.square,
        variance_packed=weight.error_packed + weight.variance_packed + packed * packed * _UNLOCKED.square,
        downloads=weight.downloads,
        count=weight.count,
    )


def _sum(one: _Weight, other: _Weight) -> _Weight:
    return _Weight(
        one.sure + other.sure,
        one.sure_packed + other.sure_packed,
        one.error + other.error,
        one.error_packed + other.error_packed,
        one.mean + other.mean,
        one.mean_packed + other.mean_packed,
        one.variance + other.variance,
        one.variance_packed + other.variance_packed,
        tuple(a + b for a, b in zip(one.downloads, other.downloads, strict=True)),  # type: ignore[arg-type]
        one.count + other.count,
    )


def _addition(request: _Request, weight: _Weight, basis: str) -> Addition:
    layout = _DATA["layouts"][request.tool]
    # npm and pnpm keep a copy of the lock file in node_modules; npm writes the missing lock file as well.
    notes = weight.count * layout["note"] * (1 if basis == "lockfile" else 2)
    fill = layout["zip"] if request.zipped else 1
    loads = weight.downloads if request.scripts else (0, 0, 0, 0)
    size = _range(weight.sure, weight.error, weight.mean, weight.variance, math.hypot(layout["spread"], 0.06 if request.zipped else 0))
    blur = math.hypot(_GZIP["spread"], layout["spread"])
    packed = _range(weight.sure_packed, weight.error_packed, weight.mean_packed, weight.variance_packed, blur)
    fetched = (loads[3] // 2, loads[3], loads[3] * 2)
    source, date = npm.SOURCE, npm.DATE
    kept = Size(*_filled(size, fill, notes, loads[:3]), basis, source, date)
    compressed = Size(*_filled(packed, _GZIP["mid"], notes * _GZIP["notes"], fetched), basis, source, date)
    if not request.caches or request.zipped:
        return Addition(kept, compressed)
    return Addition(kept, compressed, *_caches(request, weight, basis))


def _filled(sizes: tuple[float, float, float], factor: float, notes: float, loads: tuple[int, int, int]) -> tuple[int, int, int]:
    """Downloads have a range of their own."""
    low, middle, high = (round(size * factor + notes) + load for size, load in zip(sizes, loads, strict=True))
    return low, middle, high


def _range(sure: float, error: float, mean: float, variance: float, spread: float) -> tuple[float, float, float]:
    """What is sure with its variance, and the 5 %, 50 % and 95 % points of a log-normal sum with this mean and variance; all of it errs by `spread`
    besides."""
    sigma = math.sqrt(math.log1p(variance / (mean * mean))) if mean else 0.0
    guess = mean * math.exp(-sigma * sigma / 2)
    middle, factor = sure + guess, math.exp(_NINETY * sigma)
    both = _NINETY * math.hypot(math.sqrt(error), spread * middle)
    down = math.hypot(guess - guess / factor, both)
    up = math.hypot(guess * factor - guess, both)
    return max(middle - down, middle / 3), middle, middle + up


def _caches(request: _Request, weight: _Weight, basis: str) -> tuple[Size, Size]:
    """What the client keeps to be faster the next time: npm the tarballs, an index, and what the registry says of each package where no lock file
    did; yarn 1 each package unpacked with its tarball; later yarns a zip of each."""
    row = _DATA["caches"].get(request.tool)
    if row is None:
        return ZERO, ZERO
    # npm asks the registry where a package lies unless the lock file says so (omit-lockfile-registry-resolved).
    locked = basis == "lockfile" and (request.tool != "npm" or request.lock is None or '"resolved"' in request.lock[1])
    documents = 0 if locked else weight.count * row.get("document", 0)
    _, size, _ = _range(weight.sure, 0, weight.mean, weight.variance, 0)
    _, packed, _ = _range(weight.sure_packed, 0, weight.mean_packed, weight.variance_packed, 0)
    if row["platforms"] and locked and request.lock is not None:
        other_size, other_packed = _for_other_platforms(request.lock[1])
        size, packed = size + other_size, packed + other_packed
    middle = size * row["size"] + packed * row["packed"] + weight.count * row["each"] + documents
    squeezed = size * row["size"] * 0.25 + packed * row["packed"] * 0.97 + weight.count * row["each"] * 0.3 + documents * 0.08
    spread = row["spread"] if locked else row["unlocked"]
    source, date = npm.SOURCE, npm.DATE
    return (
        Size(round(middle * (1 - min(spread, 0.8))), round(middle), round(middle * (1 + spread)), basis, source, date),
        Size(round(squeezed * (1 - min(spread, 0.8))), round(squeezed), round(squeezed * (1 + spread)), basis, source, date),
    )
