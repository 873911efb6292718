"""Debian's package manager."""

from __future__ import annotations

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import here
from service.image.effects import PackageChange, Phase

_VALUED = frozenset({"-o", "-t", "--target-release", "--option", "-c", "--config-file"})
_LISTS = here("/var/lib/apt/lists", "/var/cache/apt")
_SOURCE = "apt-get(8)"


def _named(arguments: Arguments) -> tuple[str, ...] | None:
    """Package names without `=version` and `/release`; None where one of them is not constant, a pattern, or a file."""
    names: list[str] = []
    for word in arguments.positionals:
        if word is None or word.startswith((".", "/")) or "*" in word:
            return None
        names += [part.partition("=")[0].partition("/")[0] for part in word.split()]
    return tuple(names)


def _install(invocation: Invocation, arguments: Arguments) -> PackageChange | None:
    names = _named(arguments)
    if names is None:
        return None
    removed = tuple(name[:-1] for name in names if name.endswith("-"))
    options = (value or "" for value in arguments.values("-o", "--option"))
    lean = arguments.has("--no-install-recommends") or any("install-recommends" in value.lower() for value in options)
    return PackageChange("apt", tuple(name for name in names if not name.endswith("-")), removed, recommends=not lean)


def _remove(invocation: Invocation, arguments: Arguments) -> PackageChange | None:
    names = _named(arguments)
    return None if names is None else PackageChange("apt", removed=names)


def _nothing(invocation: Invocation, arguments: Arguments) -> PackageChange | None:
    return PackageChange("apt")


def _upgrade(invocation: Invocation, arguments: Arguments) -> PackageChange | None:
    """Without assent apt asks, nobody answers, and it stops where there is anything to do: what builds has nothing to upgrade."""
    return PackageChange("apt", upgrades=any(_assents(word or "") for word in invocation.words))


def _assents(word: str) -> bool:
    """`-y`, also among others (`-qy`); being twice as quiet implies it (apt-get(8))."""
    short = word.startswith("-") and not word.startswith("--")
    return word in ("--yes", "--assume-yes", "--force-yes") or (short and ("y" in word or word.count("q") > 1))


_CONFIGURES = {
    "tzdata": ("/etc/timezone", "/etc/localtime"),
    "locales": ("/usr/lib/locale", "/etc/locale.gen", "/etc/default/locale"),
    "ca-certificates": ("/etc/ssl/certs", "/etc/ca-certificates.conf"),
}
"""What the scripts of packages that are often configured anew write."""


def _reconfigured(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return ("/var/cache/debconf", *(path for name in arguments.positionals for path in _CONFIGURES.get(name or "", ())))


def _alternatives(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The links' folder and dpkg's list of them; `--install LINK NAME PATH PRIORITY` and `--slave LINK NAME PATH` make a link."""
    words = invocation.words
    links = tuple(link for option, link in zip(words, words[1:], strict=False) if option in ("--install", "--slave"))
    made = tuple(invocation.path(link) for link in links if link)
    return None if None in links else ("/etc/alternatives", "/var/lib/dpkg/alternatives", "/var/log/alternatives.log", *made)


_PROGRAM = "apt-get|apt|aptitude"

ECOSYSTEM = Ecosystem(
    name="apt",
    summary="Debian and Ubuntu packages",
    steps=(
        Step(f"{_PROGRAM} update", Phase.PACKAGES, caches=_LISTS, valued=_VALUED, packages=_nothing, source=_SOURCE),
        Step(f"{_PROGRAM} install|reinstall", Phase.PACKAGES, caches=_LISTS, valued=_VALUED, packages=_install, source=_SOURCE),
        Step(f"{_PROGRAM} remove|purge|autoremove|autopurge", Phase.PACKAGES, valued=_VALUED, packages=_remove, source=_SOURCE),
        Step(
            f"{_PROGRAM} upgrade|dist-upgrade|full-upgrade|safe-upgrade",
            Phase.PACKAGES,
            caches=_LISTS,
            valued=_VALUED,
            packages=_upgrade,
            source=_SOURCE,
        ),
        Step(f"{_PROGRAM} clean|autoclean", Phase.CLEAN, deletes=here("/var/cache/apt"), valued=_VALUED, source=_SOURCE),
        Step(f"{_PROGRAM} dist-clean|distclean", Phase.CLEAN, deletes=_LISTS, valued=_VALUED, source=_SOURCE),
        Step("dpkg --print-architecture|--print-foreign-architectures|-l|--list|-s|--status|-L|-S", Phase.CHECK, source="dpkg(1)"),
        Step("apt-mark", Phase.PACKAGES, packages=_nothing, source="apt-mark(8)"),
        Step("dpkg --add-architecture|--remove-architecture", Phase.SETUP, writes=here("/var/lib/dpkg/arch"), tree=False, source="dpkg(1)"),
        Step(
            "dpkg-reconfigure",
            Phase.SETUP,
            writes=_reconfigured,
            valued=frozenset({"-f", "--frontend", "-p", "--priority"}),
            source="dpkg-reconfigure(8)",
        ),
        Step("debconf-set-selections", Phase.SETUP, writes=here("/var/cache/debconf"), source="debconf-set-selections(1)"),
        Step("add-apt-repository|apt-add-repository", Phase.SETUP, writes=here("/etc/apt"), source="add-apt-repository(1)"),
        Step("apt-key", Phase.SETUP, writes=here("/etc/apt"), source="apt-key(8)"),
        Step(
            "update-alternatives",
            Phase.SETUP,
            writes=_alternatives,
            valued=frozenset({"--set", "--auto", "--remove-all", "--display", "--query", "--list", "--get-selections"}),
            source="update-alternatives(1)",
        ),
    ),
)
