"""The package managers of Fedora, Red Hat, Amazon, SUSE and Arch."""

from __future__ import annotations

from collections.abc import Callable

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import here
from service.image.effects import PackageChange, Phase

_YUM = "yum|dnf|microdnf|tdnf"
_VALUED = frozenset({"--setopt", "--enablerepo", "--disablerepo", "--installroot", "--releasever", "-c", "--nodocs="})
_CACHE = here("/var/cache/yum", "/var/cache/dnf")


def _change(manager: str, installs: bool) -> Callable[[Invocation, Arguments], PackageChange | None]:
    def rule(invocation: Invocation, arguments: Arguments) -> PackageChange | None:
        names = tuple(word for word in arguments.positionals if word is not None)
        if len(names) != len(arguments.positionals) or any(name.startswith(("http:", "https:", "/", ".")) for name in names):
            return None
        return PackageChange(manager, installed=names) if installs else PackageChange(manager, removed=names)

    return rule


def _nothing(invocation: Invocation, arguments: Arguments) -> PackageChange | None:
    return PackageChange("rpm")


def _upgrade(invocation: Invocation, arguments: Arguments) -> PackageChange | None:
    return PackageChange("rpm", upgrades=True)


ECOSYSTEM = Ecosystem(
    name="rpm",
    summary="Fedora, Red Hat, Amazon, SUSE and Arch packages",
    steps=(
        Step(
            f"{_YUM} install|groupinstall|reinstall|localinstall",
            Phase.PACKAGES,
            caches=_CACHE,
            valued=_VALUED,
            packages=_change("dnf", True),
            source="dnf(8)",
        ),
        Step(f"{_YUM} remove|erase|autoremove", Phase.PACKAGES, valued=_VALUED, packages=_change("dnf", False), source="dnf(8)"),
        Step(
            f"{_YUM} makecache|check-update|module|config-manager",
            Phase.PACKAGES,
            caches=_CACHE,
            valued=_VALUED,
            packages=_nothing,
            source="dnf(8)",
        ),
        Step(f"{_YUM} update|upgrade", Phase.PACKAGES, caches=_CACHE, valued=_VALUED, packages=_upgrade, source="dnf(8)"),
        Step(f"{_YUM} clean", Phase.CLEAN, deletes=_CACHE, valued=_VALUED, source="dnf(8)"),
        Step("zypper install|in", Phase.PACKAGES, packages=_change("zypper", True), source="zypper(8)"),
        Step("zypper refresh|ref|update|up", Phase.PACKAGES, packages=_nothing, source="zypper(8)"),
        Step("zypper clean", Phase.CLEAN, source="zypper(8)"),
        Step("pacman", Phase.PACKAGES, packages=_change("pacman", True), source="pacman(8)"),
    ),
)
