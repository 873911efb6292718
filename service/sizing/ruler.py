"""The one ruler: how large a write, a package change or an install is, the same before and after a rewrite."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from importlib.resources import files

from service.context import BuildContext
from service.image.effects import Kind, LanguageInstall, PackageChange, Write
from service.image.model import BaseImage
from service.knowledge import apt
from service.sizing.model import ZERO, Size

_DATA = json.loads(files(__package__).joinpath("defaults.json").read_text())
_SOURCE, _DATE = _DATA["source"], _DATA["date"]
_SLIM, _CONSTANT, _EACH = 0.915, 1_600_000, 8_000
"""The apt model of sizes.md: slim bases drop documentation; dpkg's status, debconf and the linker's cache add a constant and a little a package."""


def default(kind: str, group: str = "kinds") -> Size:
    row = _DATA[group].get(kind) or _DATA["kinds"]["artifact"]
    return Size(row["low"], row["mid"], row["high"], "default", _SOURCE, _DATE)


def added(one: Size, other: Size) -> Size:
    """The sum; the basis is the one of the larger part."""
    lead = one if one.mid >= other.mid else other
    return Size(one.low + other.low, one.mid + other.mid, one.high + other.high, lead.basis, lead.source, lead.date)


def write_size(write: Write, context: BuildContext, ecosystem: str = "") -> Size:
    """What one write weighs. A folder that a build writes below (`npm run build` in /app) counts its products, not what lay there."""
    if write.kind is Kind.CONTEXT:
        return _context_size(write, context)
    if write.kind is Kind.CACHE:
        group = "ecosystem_caches" if ecosystem in _DATA["ecosystem_caches"] else "kinds"
        return default(ecosystem if group == "ecosystem_caches" else "cache", group)
    if write.kind is Kind.ARTIFACT:
        group = "ecosystem_artifacts" if ecosystem in _DATA["ecosystem_artifacts"] else "kinds"
        return default(ecosystem if group == "ecosystem_artifacts" else "artifact", group)
    if write.kind is Kind.INTERMEDIATE and ecosystem in _DATA["ecosystem_intermediates"]:
        return default(ecosystem, "ecosystem_intermediates")
    return default(
        {
            Kind.FETCHED: "fetched",
            Kind.SYSTEM: "system",
            Kind.DEPENDENCIES: "files",
            Kind.TEMPORARY: "fetched",
            Kind.INTERMEDIATE: "intermediate",
        }.get(write.kind, "files")
    )


def _context_size(write: Write, context: BuildContext) -> Size:
    if not write.origin.startswith("context:"):
        size = len(write.origin)
        return Size(size, size, size, "context", "the heredoc's text", "")
    source = posixpath.normpath(write.origin.removeprefix("context:").partition(" ")[0])
    prefix = "" if source == "." else source + "/"
    paths = [path for path in context.files if path == source or path.startswith(prefix)]
    if not paths:
        return default("context" if write.tree else "file")
    total = ZERO
    for path in paths:
        total = added(total, file_size(path, context))
    return Size(
        total.low,
        total.mid,
        total.high if context.complete else max(total.high, round(total.mid * 1.5)),
        "context",
        "the build context",
        "",
    )


def file_size(path: str, context: BuildContext) -> Size:
    size = context.sizes.get(path)
    content = context.files.get(path)
    if size is None and content is not None:
        size = len(content.encode("utf-8", "surrogatepass"))
    return default("file") if size is None else Size(size, size, size, "context", "the build context", "")


def packages_size(change: PackageChange, base: BaseImage, before: frozenset[str]) -> tuple[Size, frozenset[str]]:
    """What installing adds, and the packages that are there afterwards."""
    if not change.installed:
        return ZERO, before
    table = apt.table(base.suite) if change.manager == "apt" else None
    if change.manager == "apk":
        return _alpine_size(change.installed), before | frozenset(change.installed)
    if table is None:
        row = _DATA["package"]
        count = len(change.installed)
        return Size(row["low"] * count, row["mid"] * count, row["high"] * count, "default", _SOURCE, _DATE), before | frozenset(change.installed)
    have = before | (base.packages or frozenset())
    closure = table.closure(change.installed, have, change.recommends)
    weight = sum(package.installed for name in closure for package in [table.package(name)] if package is not None)
    slim = _SLIM if "slim" in base.variant else 1.0
    middle = round(weight * slim + _CONSTANT + _EACH * len(closure))
    return Size(
        round(middle * 0.9), middle, round(middle * 1.1), "package-index", f"Debian {base.suite} package index", apt.DATE
    ), before | frozenset(closure)


def _alpine_size(names: tuple[str, ...]) -> Size:
    """Each package with its dependencies, halved and doubled for the range; what is not in the table is small or large, nobody knows."""
    low = middle = high = 0
    for name in names:
        known = _DATA["apk"].get(name)
        row = (
            {"low": known // 2, "mid": known, "high": known * 2} if isinstance(known, int) else {"low": 20_000, "mid": 1_500_000, "high": 60_000_000}
        )
        low, middle, high = low + row["low"], middle + row["mid"], high + row["high"]
    return Size(low, middle, high, "ratio", _DATA["apk"]["source"], _DATE)


def lists_size() -> Size:
    row = _DATA["lists"]
    return Size(row["low"], row["mid"], row["high"], "ratio", _SOURCE, _DATE)


def install_size(install: LanguageInstall, context: BuildContext) -> Size:
    """What a language's package manager adds: by the number of packages asked for, a lock file's where one was sent."""
    row = _DATA["installs"].get(install.ecosystem) or _DATA["installs"]["default"]
    locked = next((context.files[path] for path in install.manifests if context.files.get(path) and posixpath.basename(path) in _LOCKS), None)
    if locked is not None:
        count = max(1, locked.count(_LOCKS[posixpath.basename(next(path for path in install.manifests if context.files.get(path) == locked))]))
        return Size(row["low"] * count // 3, row["mid"] * count // 2, row["high"] * count, "lockfile", _SOURCE, _DATE)
    count = _asked(install, context)
    if not row["each"]:
        count = 1
    factor = 12 if install.ecosystem == "node" else 2
    return Size(row["low"] * count, row["mid"] * count * factor, row["high"] * count * factor, "ratio" if count else "default", _SOURCE, _DATE)


_LOCKS = {
    "package-lock.json": '"resolved"',
    "npm-shrinkwrap.json": '"resolved"',
    "yarn.lock": "resolved ",
    "pnpm-lock.yaml": "resolution:",
    "poetry.lock": "[[package]]",
    "uv.lock": "[[package]]",
}


def _asked(install: LanguageInstall, context: BuildContext) -> int:
    count = len(install.packages)
    for path in install.manifests:
        content = context.files.get(path)
        if content and path.endswith(".txt"):
            count += sum(1 for line in content.splitlines() if line.strip() and not line.startswith(("#", "-")))
        elif content and path.endswith("package.json"):
            count += content.count('": "^') + content.count('": "~')
    return count or 8


def compression(group: str) -> tuple[float, float, float]:
    low, middle, high = _DATA["compression"].get(group) or _DATA["compression"]["other"]
    return low, middle, high


def sums(parts: Mapping[str, Size]) -> Size:
    total = ZERO
    for size in parts.values():
        total = added(total, size)
    return total
