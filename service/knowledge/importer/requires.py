"""Requires-Dist lines as the table keeps them: what CPython on linux with glibc on x86_64 needs, and below which version it stays."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from packaging.markers import Marker, UndefinedComparison
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

MINORS = range(6, 15)
"""Of Python 3: what markers and Requires-Python are asked about."""
_LINUX = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.1.0",
    "platform_system": "Linux",
    "platform_version": "1",
    "sys_platform": "linux",
}


@cache
def dependencies(lines: tuple[str, ...], extra: str = "") -> tuple[str, ...]:
    """`name[extra+extra]<2@8-10`: a bound above (`<`, `<=`, `==`, `~=`) where there is one, the minor versions of Python where not all. With
    `extra` what that extra adds."""
    plain: dict[str, None] = {}
    for line in lines:
        if bool(extra) != ("extra" in line.partition(";")[2]):
            continue
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        minors = [minor for minor in MINORS if requirement.marker is None or _holds(str(requirement.marker), minor, extra)]
        if minors:
            plain[_written(requirement, minors)] = None
    return tuple(plain)


def extras(lines: Iterable[str]) -> tuple[str, ...]:
    """The extras that the markers name."""
    found: dict[str, None] = {}
    for line in lines:
        for part in line.partition(";")[2].split("extra")[1:]:
            quoted = part.replace("'", '"').split('"')
            if part.lstrip().startswith("==") and len(quoted) > 2:
                found[canonicalize_name(quoted[1])] = None
    return tuple(found)


@cache
def lowest_minor(requires_python: str) -> int:
    """The first minor version of Python 3 that a Requires-Python admits; 0 where it is not said."""
    try:
        wanted = SpecifierSet(requires_python)
    except InvalidSpecifier:
        return 0
    return next((minor for minor in MINORS if f"3.{minor}.99" in wanted), 0) if requires_python else 0


@cache
def _holds(marker: str, minor: int, extra: str) -> bool:
    """The same few markers stand in most of the lines."""
    try:
        return Marker(marker).evaluate({**_LINUX, "python_version": f"3.{minor}", "python_full_version": f"3.{minor}.9", "extra": extra})
    except UndefinedComparison:
        return True


def _written(requirement: Requirement, minors: list[int]) -> str:
    named = f"[{'+'.join(sorted(map(canonicalize_name, requirement.extras)))}]" if requirement.extras else ""
    ranged = "" if len(minors) == len(MINORS) else f"@{minors[0]}-{minors[-1]}"
    return f"{canonicalize_name(requirement.name)}{named}{_bound(requirement.specifier)}{ranged}"


def _bound(specifiers: SpecifierSet) -> str:
    """The one that holds a version lowest."""
    bounds = [one for one in specifiers if one.operator in ("<", "<=", "==", "~=", "===")]
    exact = [one for one in bounds if one.operator.startswith("==")]
    if not bounds:
        return ""
    lowest = exact[0] if exact else min(bounds, key=lambda one: Version(one.version.removesuffix(".*")))
    return f"{'==' if exact else lowest.operator}{lowest.version}"
