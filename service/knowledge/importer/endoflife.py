"""The days on which versions stopped getting security fixes, from a clone of the endoflife.date project (MIT)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

_DOTNET = ("dotnet", ".NET")
FAMILIES = {
    "python": ("python", "Python"),
    "node": ("nodejs", "Node.js"),
    "php": ("php", "PHP"),
    "ruby": ("ruby", "Ruby"),
    "golang": ("go", "Go"),
    "centos": ("centos", "CentOS"),
    **dict.fromkeys((f"mcr.microsoft.com/dotnet/{name}" for name in ("sdk", "aspnet", "runtime", "runtime-deps")), _DOTNET),
}
"""Repositories of images whose tag begins with the product's own version; the product and its name."""
SUITES = {"debian": ("Debian", "eoes"), "ubuntu": ("Ubuntu", "eol"), "alpine-linux": ("Alpine", "eol")}
"""Products that other images stand on, their names, and the field that counts: Debian's long-term support costs nothing, Ubuntu's does."""


def write_days(out: Path, repository: Path) -> int:
    """Writes the table and says how many versions it has."""
    commit = _git(repository, "log", "-1", "--format=%H %cs", "HEAD").split()
    families = {family: {"title": title, "days": dict(_cycles(repository, product, "eol"))} for family, (product, title) in FAMILIES.items()}
    suites = {name: row for product, (title, key) in SUITES.items() for name, row in _suites(repository, product, title, key)}
    found = {"source": f"github.com/endoflife-date/endoflife.date@{commit[0][:12]} (MIT)", "date": commit[1], "families": families, "suites": suites}
    out.write_text(json.dumps(found, indent=1) + "\n")
    return sum(len(row["days"]) for row in families.values()) + len(suites)


def _suites(repository: Path, product: str, title: str, key: str) -> Iterator[tuple[str, list[str]]]:
    for release in _releases(repository, product):
        day = _day(release.get(key, "")) or _day(release.get("eol", ""))
        name = release.get("codename", "").split(" ")[0].lower() or f"alpine{release['releaseCycle']}"
        if day:
            yield name, [f"{title} {release['releaseCycle']}", day]


def _cycles(repository: Path, product: str, key: str) -> Iterator[tuple[str, str]]:
    for release in _releases(repository, product):
        if _day(release.get(key, "")):
            yield release["releaseCycle"], _day(release[key])


def _day(text: str) -> str:
    """`eol` may also be true or false, without a day."""
    return text if len(text) == 10 and text[:4].isdigit() else ""


def _releases(repository: Path, product: str) -> Iterator[dict[str, str]]:
    """The releases of a product's page, each a flat list of names and values between `releases:` and the end of the front matter."""
    lines = _git(repository, "show", f"HEAD:products/{product}.md").partition("\nreleases:\n")[2].partition("\n---")[0].splitlines()
    release: dict[str, str] = {}
    for line in lines:
        text = line.strip()
        if text.startswith("- "):
            if release:
                yield release
            release, text = {}, text[2:]
        name, colon, value = text.partition(":")
        if colon:
            release[name] = value.partition(" #")[0].strip().strip("\"'")
    if release:
        yield release


def _git(repository: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(repository), *arguments], check=True, capture_output=True, text=True).stdout
