"""npm packages: what a release weighs, unpacked and compressed, and what it needs. The table is made by `importer.npm`."""

from __future__ import annotations

import lzma
import math
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from service.quick import quick
from service.remembering import remembered

SOURCE = "npm releases as package managers unpacked them for about 150 projects of 2013 to 2026"
DATE = "2026-11-25"
_MOST_PACKAGES = 4_000
_KIN = 40
_OTHER_SYSTEMS = frozenset(
    ["darwin", "win32", "windows", "win", "freebsd", "openbsd", "netbsd", "sunos", "aix", "android", "macos", "osx", "wasm32", "wasi", "openharmony"]
)
_OTHER_PROCESSORS = frozenset(
    ["arm64", "aarch64", "arm", "armv6", "armv7", "armhf", "gnueabihf", "musleabihf", "ia32", "x32", "i686", "386"]
    + ["riscv64", "riscv64gc", "s390x", "ppc64", "ppc64le", "powerpc64le", "loong64", "mips64el", "universal"]
)
_PROCESSORS = frozenset(["x64", "64", "amd64", "x86", "x86_64"]) | _OTHER_PROCESSORS
_LINUX = frozenset(["linux", "linuxmusl"])
_LIBCS = {"musl": "musl", "linuxmusl": "musl", "musleabihf": "musl", "gnu": "glibc", "glibc": "glibc", "gnueabihf": "glibc"}
_PLATFORM = _OTHER_SYSTEMS | _PROCESSORS | _LINUX | frozenset(_LIBCS) | {"msvc", "eabi"}

Version = tuple[int, int, int]


@quick
@dataclass(frozen=True, slots=True)
class Release:
    """`size` are the bytes of its files, `packed` the same through gzip. `needs` are `name@range` with `?` in front of an optional one and `+`
    of a peer; ranges as `wanted` writes them."""

    version: Version
    size: int
    packed: int
    needs: tuple[str, ...]


@quick
@dataclass(frozen=True, slots=True)
class Found:
    """A package as far as the table knows it. `closeness`: `exact`, the version itself; `minor`, `major`, `name`, one that shares that much with
    it; `kin`, packages of the same scope or family; `native`, an unknown one whose name says that it is a program for one platform; `none`, nothing
    at all. The last two have sizes of 0."""

    size: int
    packed: int
    closeness: str
    needs: tuple[str, ...] = ()
    version: Version = (0, 0, 0)


_UNKNOWN, _NATIVE = Found(0, 0, "none"), Found(0, 0, "native")


class NpmTable:
    """A line a name: `name`, then releases from old to new, each `version|size|packed|needs`; `=` are the needs of the one before."""

    def __init__(self, blob: bytes) -> None:
        self._lines = blob.split(b"\n")[:-1]
        self.kin = remembered(2_000)(self._kin)
        self.newest = remembered(4_000)(self._chosen)

    def _line(self, name: str) -> bytes | None:
        key = name.encode("utf-8", "replace") + b"\t"
        index = bisect_left(self._lines, key)
        line = self._lines[index] if index < len(self._lines) else b""
        return line if line.startswith(key) else None

    def releases(self, name: str) -> tuple[Release, ...]:
        """The kept releases of a package, the oldest first; empty where there is none."""
        line = self._line(name)
        return () if line is None else _read(line)

    def release(self, name: str, version: str) -> Found:
        """The release that is nearest to a version, without what it needs."""
        line = self._line(name)
        if line is None:
            return self.kin(name)
        text = version.encode("utf-8", "replace")
        at = line.find(b"\t%s|" % text) if b"|" not in text else -1
        if at >= 0:
            size, packed, _ = line[at + len(text) + 2 :].split(b"|", 2)
            return Found(int(size), int(packed), "exact")
        asked = parsed(version)
        return _found(min(_read(line, needs=False), key=lambda release: _distance(release.version, asked)), asked)

    def _chosen(self, name: str, wish: str) -> Found:
        """The newest release in a range, as `wanted` writes it; the nearest one where none lies in it."""
        line = self._line(name)
        if line is None:
            return self.kin(name)
        # Most of a line is about releases that nobody asks for: only the chosen one is read.
        fields = line.split(b"\t")[1:]
        versions = [parsed(field.partition(b"|")[0].decode()) for field in fields]
        index, asked = _newest(versions, wish)
        return _found(_release(fields, index), versions[index] if asked is None else asked, "minor" if asked is None else "exact")

    def _kin(self, name: str) -> Found:
        """The geometric mean of packages with the same scope, or the same first word (`eslint-`); `none` for fewer than three."""
        if _processors(name) and not (_LINUX | _OTHER_SYSTEMS).isdisjoint(_words(name)):
            return _NATIVE
        scope, slash, _ = name.partition("/")
        word, hyphen, _ = name.partition("-")
        prefix = (f"{scope}/" if slash else f"{word}-" if hyphen else "").encode("utf-8", "replace")
        start = bisect_left(self._lines, prefix)
        rows = [_read(line, needs=False)[-1] for line in self._lines[start : start + _KIN] if prefix and line.startswith(prefix)]
        sizes = [release for release in rows if release.size > 0 and release.packed > 0]
        if len(sizes) < 3:
            return _UNKNOWN
        return Found(_middle([row.size for row in sizes]), _middle([row.packed for row in sizes]), "kin")

    def closure(self, asked: Iterable[tuple[str, str]], peers: bool = True, libc: str = "") -> tuple[tuple[str, Found], ...]:
        """What some packages bring with all that they need: one release a name, another one only where majors clash. Bounded."""
        chosen: dict[tuple[str, int], Found] = {}
        queue = deque(asked)
        seen = set(queue)
        while queue and len(chosen) < _MOST_PACKAGES:
            name, wish = queue.popleft()
            if not installable(name, libc):
                continue
            found = self.newest(name, wish)
            if (name, found.version[0]) in chosen:
                continue
            chosen[name, found.version[0]] = found
            for need in found.needs:
                if need[0] != "+" or peers:
                    other, _, range_ = need.lstrip("?+").rpartition("@")
                    if (other, range_) not in seen:
                        seen.add((other, range_))
                        queue.append((other, range_))
        return tuple((name, found) for (name, _), found in chosen.items())


def _newest(versions: list[Version], wish: str) -> tuple[int, Version | None]:
    """The place of the newest version in a range and None; else of the nearest one, and the version that was asked for."""
    if not wish:
        return len(versions) - 1, None
    numbers = tuple(int(part) for part in wish.lstrip("^~").split("."))
    inside = [index for index, version in enumerate(versions) if version[: len(numbers)] == numbers] if wish[0] in "^~" else []
    if inside:
        return inside[-1], None
    asked: Version = (*numbers, 0, 0, 0)[:3]  # type: ignore[assignment]
    return min(range(len(versions)), key=lambda index: _distance(versions[index], asked)), asked


def _read(line: bytes, needs: bool = True) -> tuple[Release, ...]:
    fields = line.split(b"\t")[1:]
    return tuple(_release(fields, index, needs) for index in range(len(fields)))


def _release(fields: list[bytes], index: int, needs: bool = True) -> Release:
    version, size, packed, listed = fields[index].split(b"|", 3)
    while needs and listed == b"=":
        index -= 1
        listed = fields[index].rpartition(b"|")[2]
    return Release(parsed(version.decode()), int(size), int(packed), tuple(listed.decode().split(",")) if needs and listed else ())


def _middle(sizes: list[int]) -> int:
    return round(math.exp(sum(math.log(size) for size in sizes) / len(sizes)))


def _found(release: Release, asked: Version, most: str = "exact") -> Found:
    same = next((index for index in range(3) if release.version[index] != asked[index]), 3)
    closeness = "name" if same == 0 else "major" if same == 1 else "minor" if same == 2 else most
    return Found(release.size, release.packed, closeness, release.needs, release.version)


def _distance(one: Version, other: Version) -> tuple[int, int, int]:
    return abs(one[0] - other[0]), abs(one[1] - other[1]), abs(one[2] - other[2])


@remembered(8_000)
def parsed(version: str) -> Version:
    """The three numbers of a version; zeros for what is none."""
    parts = version.strip().lstrip("v=").partition("+")[0].partition("-")[0].split(".", 3)[:3]
    numbers = [int(part) if part.isascii() and part.isdigit() and len(part) < 10 else 0 for part in parts]
    return (*numbers, 0, 0, 0)[:3]  # type: ignore[return-value]


def wanted(text: str) -> str:
    """A range of package.json in short: `^4`, `^0.5`, `~1.2`, `1.2.3`; empty for any version, a tag or an address. Of alternatives the last
    counts. docs.npmjs.com/cli/using-npm/semver"""
    last = text.rpartition("||")[2].strip().lower()
    if " - " in last:
        last = last.rpartition(" - ")[2]
    words = last.replace("= ", "=").replace("< ", "<").replace("> ", ">").split()
    word = words[-1] if words else ""
    sign = word[:1] if word[:1] in ("^", "~", "<", ">", "=", "v") else ""
    parts = word.lstrip("^~<>=v").partition("+")[0].partition("-")[0].split(".")[:3]
    numbers = [str(int(part)) for part in parts if part.isascii() and part.isdigit() and len(part) < 10]
    if not numbers or not parts[0].isascii() or not parts[0].isdigit() or sign == ">":
        return ""
    if sign == "<":
        return _below([int(number) for number in numbers], word.startswith("<="))
    if sign == "^" and len(numbers) == 3 and numbers[:2] == ["0", "0"]:
        return ".".join(numbers)
    if sign == "^":
        return f"^0.{numbers[1]}" if numbers[0] == "0" and len(numbers) > 1 else f"^{numbers[0]}"
    if len(numbers) == 1:
        return f"^{numbers[0]}"
    return f"~{numbers[0]}.{numbers[1]}" if sign == "~" or len(numbers) == 2 else ".".join(numbers)


def _below(numbers: list[int], included: bool) -> str:
    if included or any(numbers[1:]):
        return f"^{numbers[0]}"
    return f"^{numbers[0] - 1}" if numbers[0] else ""


def installable(name: str, libc: str = "", optional: bool = True) -> bool:
    """Whether a package that is made for one platform, as its name says (`@esbuild/darwin-arm64`), is for Linux on x64 and the C library."""
    if name == "fsevents":
        return False
    words, processors = _words(name), _processors(name)
    if not processors or not optional:
        return True
    if _OTHER_SYSTEMS.intersection(words) or (not _LINUX.isdisjoint(words) and not processors - _OTHER_PROCESSORS):
        return False
    libraries = {_LIBCS[word] for word in words if word in _LIBCS}
    return not libc or not libraries or libc in libraries


def family(name: str) -> tuple[str, ...]:
    """What the packages for several platforms have in common: (`@esbuild`,) of `@esbuild/darwin-arm64`."""
    return tuple(word for word in _words(name) if word not in _PLATFORM)


def _words(name: str) -> list[str]:
    return name.lower().replace("/", "-").replace("_", "-").replace(".", "-").split("-")


def _processors(name: str) -> frozenset[str]:
    return _PROCESSORS.intersection(_words(name))


@cache
def table() -> NpmTable:
    return NpmTable(lzma.decompress(files(__package__).joinpath("npm-packages.tsv.xz").read_bytes()))
