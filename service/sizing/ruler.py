"""The one ruler: how large what a command makes is, the same before and after a rewrite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from service.context import BuildContext
from service.image.effects import Act, Kind, PackageChange, Write
from service.image.model import BaseImage
from service.sizing import apk, apt, knowledge, npm, pip
from service.sizing.model import Addition, Size

Environment = Mapping[str, str]
_INSTALLS: Mapping[str, Callable[[Act, BuildContext, BaseImage, Environment], Addition | None]] = {
    "python": pip.added,
    "node": lambda act, context, base, env: npm.added(act, context, base),
}
_GROUPS = {Kind.FETCHED: "fetched", Kind.SYSTEM: "system", Kind.TEMPORARY: "fetched"}


def packages(change: PackageChange, base: BaseImage, before: frozenset[str]) -> tuple[Addition, frozenset[str]]:
    """What the distribution's package manager adds, the lists that it leaves, and the packages that are there afterwards."""
    if change.manager == "apk":
        return apk.added(change, base, before)
    if change.manager != "apt" or not apt.has_table(base.suite):
        count = len(change.installed)
        return plain(_times(knowledge.package(), count), "packages") if count else Addition(), before | frozenset(change.installed)
    addition, after = apt.added(change, base, before)
    if not change.lists_removed:
        size, packed = apt.lists(base)
        addition = replace(addition, removable=size, removable_compressed=packed)
    return addition, after


def _times(size: Size, count: int) -> Size:
    return replace(size, low=size.low * count, mid=size.mid * count, high=size.high * count)


def upgraded(base: BaseImage) -> Addition:
    """`apt-get upgrade`: the base's own packages once more, as far as they are out of date."""
    return apt.upgraded(base)


def installed(act: Act, context: BuildContext, base: BaseImage, env: Environment) -> Addition:
    """What a language's package manager adds: by its table, else anything that such an install may weigh."""
    assert act.install is not None
    measure = _INSTALLS.get(act.install.ecosystem)
    found = measure(act, context, base, env) if measure is not None else None
    if found is not None:
        return found
    # Without a table the cache is as unknown as the packages.
    cache = knowledge.default(act.ecosystem, "ecosystem_caches")
    packed = cache.scaled(*knowledge.compression("cache"))
    return replace(plain(knowledge.installs(act.install.ecosystem), act.install.ecosystem), removable=cache, removable_compressed=packed)


def made(write: Write, ecosystem: str) -> Addition:
    """A write of which only the kind is known. A folder that a build writes below (`npm run build` in /app) counts its products, not what lay
    there."""
    known = knowledge.step(write.by) if write.kind is not Kind.CACHE else None
    if known is not None:
        return plain(known, str(write.kind))
    if write.kind is Kind.CACHE:
        size = knowledge.default(ecosystem, "ecosystem_caches")
        return Addition(removable=size, removable_compressed=size.scaled(*knowledge.compression("cache")))
    if write.kind is Kind.ARTIFACT:
        return plain(knowledge.default(ecosystem, "ecosystem_artifacts"), "artifact")
    if write.kind is Kind.INTERMEDIATE and not write.tree:
        return plain(knowledge.default("file"), "other")
    if write.kind is Kind.INTERMEDIATE:
        return plain(knowledge.default(ecosystem, "ecosystem_intermediates"), "intermediate")
    return plain(knowledge.default(_GROUPS.get(write.kind, "files")), str(write.kind))


def opaque() -> Addition:
    """A command that nobody can tell: anything."""
    return plain(knowledge.default("opaque"), "opaque")


def plain(size: Size, group: str) -> Addition:
    """An addition that is only kept, compressed as its group is."""
    return Addition(size, size.scaled(*knowledge.compression(group)))


def exact(size: int, source: str) -> Addition:
    """Text that the Dockerfile itself holds."""
    found = Size(size, size, size, "context", source)
    return Addition(found, replace(found, low=round(size * 0.2), mid=knowledge.HEADER + size // 3, high=knowledge.HEADER + size))
