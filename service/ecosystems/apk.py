"""Alpine's package manager."""

from __future__ import annotations

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import here
from service.image.effects import PackageChange, Phase

_VALUED = frozenset({"--virtual", "-t", "--repository", "-X", "--root", "-p", "--arch", "--wait", "--cache-max-age", "--keys-dir"})
_CACHE = here("/var/cache/apk")
_SOURCE = "apk(8)"
_MARKS = "=<>~@"


def _plain(word: str) -> str:
    for mark in _MARKS:
        word = word.partition(mark)[0]
    return word.lstrip("!")


def _names(arguments: Arguments) -> tuple[str, ...] | None:
    names: list[str] = []
    for word in arguments.positionals:
        if word is None or word.startswith("/") or word.endswith(".apk"):
            return None
        names += [_plain(part) for part in word.split()]
    return tuple(names)


def _add(invocation: Invocation, arguments: Arguments) -> PackageChange | None:
    names = _names(arguments)
    if names is None:
        return None
    clean = arguments.has("--no-cache")
    return PackageChange("apk", names, lists_removed=clean, virtual=arguments.value("--virtual", "-t") or "")


def _delete(invocation: Invocation, arguments: Arguments) -> PackageChange | None:
    names = _names(arguments)
    return None if names is None else PackageChange("apk", removed=names)


def _brought_up(invocation: Invocation, arguments: Arguments) -> PackageChange | None:
    return PackageChange("apk", upgrades="upgrade" in invocation.words)


ECOSYSTEM = Ecosystem(
    name="apk",
    summary="Alpine packages",
    steps=(
        Step("apk add", Phase.PACKAGES, caches=_CACHE, valued=_VALUED, packages=_add, source=_SOURCE),
        Step("apk del", Phase.PACKAGES, valued=_VALUED, packages=_delete, source=_SOURCE),
        Step("apk update|upgrade|fix", Phase.PACKAGES, caches=_CACHE, valued=_VALUED, packages=_brought_up, source=_SOURCE),
        Step("apk cache", Phase.CLEAN, deletes=_CACHE, valued=_VALUED, source=_SOURCE),
        Step("apk info|search|version|policy|list|--print-arch", Phase.CHECK, valued=_VALUED, source=_SOURCE),
    ),
)
