"""What the distribution's package manager adds to a layer."""

from __future__ import annotations

from service.image.effects import PackageChange
from service.image.model import BaseImage
from service.knowledge import apt
from service.sizing.model import Addition, Size

_SLIM, _CONSTANT, _EACH = 0.915, 1_600_000, 8_000


def added(change: PackageChange, base: BaseImage, before: frozenset[str]) -> tuple[Addition, frozenset[str]]:
    table = apt.table(base.suite) if change.manager == "apt" else None
    if not change.installed:
        return Addition(), before
    if table is None:
        count = len(change.installed)
        size = Size(100_000 * count, 6_000_000 * count, 60_000_000 * count, "default", "", "")
        return Addition(size, size.scaled(0.3, 0.35, 0.51)), before | frozenset(change.installed)
    have = before | (base.packages or frozenset())
    closure = table.closure(change.installed, have, change.recommends)
    weight = sum(package.installed for name in closure for package in [table.package(name)] if package is not None)
    middle = round(weight * (_SLIM if "slim" in base.variant else 1.0) + _CONSTANT + _EACH * len(closure))
    size = Size(round(middle * 0.9), middle, round(middle * 1.1), "package-index", f"Debian {base.suite} package index", apt.DATE)
    lists = Size(0, 0, 0) if change.lists_removed else Size(18_000_000, 19_900_000, 22_000_000, "package-index", "", "")
    return Addition(size, size.scaled(0.3, 0.35, 0.51), lists, lists.scaled(0.7, 0.77, 0.85)), before | frozenset(closure)
