"""Which distribution release a base image stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from service.knowledge.references import SUITES, UBUNTU, Reference, Tag, older, suite_in
from service.knowledge.tags import DATE, listed, tag_facts

Distribution = Literal["debian", "ubuntu", "alpine", "rpm"]
_LOOSE = frozenset({"stable", "oldstable", "sid"})


@dataclass(frozen=True, slots=True)
class Release:
    """`exact` says that the catalogue has the tag itself; `date` is the day of the fact."""

    suite: str | None
    exact: bool
    date: str


def release(name: Reference, tag: Tag, row: Mapping[str, Any]) -> Release:
    """The release of an image: of the tag as it was last listed, else the one that the tag names, else by the family's own rule.

    A digest is an older build of its tag, which may have stood on another release: then only what the tag itself says counts.
    """
    named = _named(name, tag)
    family = catalogued(name.repository)
    if not listed(family):
        return Release(named or _by_rule(name, tag, row), False, "")
    facts = tag_facts(family, name.tag)
    if facts is not None and not name.digest:
        return Release(facts.suite or named, True, facts.date)
    if facts is None and not name.digest:
        facts = tag_facts(family, _floating(tag, name.tag))
    if named is None and facts is not None and (not name.digest or tag.version.count(".") > 1):
        return Release(facts.suite, False, facts.date)
    return Release(named, False, DATE)


def catalogued(repository: str) -> str:
    """The family under which the catalogue lists a repository: .NET's old address held the same images."""
    return repository.replace("mcr.microsoft.com/dotnet/core/", "mcr.microsoft.com/dotnet/")


def distribution_of(suite: str | None) -> Distribution | None:
    """The distribution of a release: `bookworm` is Debian's, `noble` Ubuntu's, `alpine3.20` Alpine's, `oraclelinux8` has rpm packages."""
    if suite is None:
        return None
    if suite in SUITES - _LOOSE:
        return "ubuntu" if suite in UBUNTU else "debian"
    return "alpine" if suite.startswith("alpine") else "rpm"


def _named(name: Reference, tag: Tag) -> str | None:
    if name.repository == "alpine" and tag.version.count(".") > 0:
        return "alpine" + ".".join(tag.version.split(".")[:2])
    if tag.suite is not None and tag.suite not in _LOOSE:
        return tag.suite
    return suite_in(name.tag) or None


def _by_rule(name: Reference, tag: Tag, row: Mapping[str, Any]) -> str | None:
    """distroless puts Debian's number into the name; others have rows `{below: version, suite: ...}`, without a suite
    where versions next to a change may stand on either release."""
    debian = {"debian10": "buster", "debian11": "bullseye", "debian12": "bookworm", "debian13": "trixie"}.get(name.repository.rpartition("-")[2])
    if debian is not None or "alpine" in tag.words:
        return debian
    for rule in row.get("releases", ()):
        if "below" not in rule or tag.version and "." in tag.version and older(tag.version, rule["below"]):
            return str(rule["suite"]) if rule["suite"] else None
    return None


def _floating(tag: Tag, text: str) -> str:
    """`3.12.99-slim` as `3.12-slim`: a patch that came after the catalogue was most likely built like the tag that moves."""
    parts = tag.version.split(".")
    return ".".join(parts[:2]) + text[len(tag.version) :] if len(parts) > 2 else text
