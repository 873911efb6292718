"""poetry.lock and uv.lock, read line by line as their tools write them: a TOML reader would take a hundred times as long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from service.knowledge.pip import Request, normalised
from service.sizing.markers import applies
from service.sizing.requirements import Listed

_MOST_PACKAGES, _LONGEST = 5_000, 4_000


@dataclass(slots=True)
class _Package:
    """One `[[package]]`. `needs` by section: `""` for its dependencies, `extra:NAME`, `group:NAME`; each (name, extras, marker)."""

    name: str = ""
    version: str = ""
    optional: bool = False
    groups: tuple[str, ...] = ()
    marker: str = ""
    local: bool = False
    remote: bool = False
    needs: dict[str, list[tuple[str, tuple[str, ...], str]]] = field(default_factory=dict)
    wheels: list[tuple[str, int]] = field(default_factory=list)


@lru_cache(maxsize=32)
def poetry_lock(text: str, minor: int, development: bool, roots: tuple[Request, ...]) -> Listed:
    """What `poetry install` takes from its lock. Where the lock does not say to which group a package belongs (poetry 1.5 to 1.8), that is what the
    project's own requirements (`roots`) lead to; without those all of it."""
    packages = [each for each in _packages(text) if each.name]
    if any(each.groups for each in packages):
        kept = [
            each
            for each in packages
            if not each.optional and (development or "main" in each.groups) and (not each.marker or applies(each.marker, minor))
        ]
    elif roots and not development:
        kept = _reached(packages, [(root.name, root.extras, "") for root in roots], minor)
    else:
        kept = [each for each in packages if not each.optional]
    return _listed(kept)


@lru_cache(maxsize=32)
def uv_lock(text: str, minor: int, extras: tuple[str, ...], development: bool) -> Listed:
    """What `uv sync` takes: from the projects that lie in the folder, along the dependencies, with the group dev unless it is left out."""
    packages = [each for each in _packages(text) if each.name]
    own = [each for each in packages if each.local]
    sections = ("", *(f"extra:{extra}" for extra in extras), *(("group:dev",) if development else ()))
    starts = [need for each in own for section in sections for need in each.needs.get(section, ())]
    return _listed(_reached(packages, starts, minor) if own else packages)


def _listed(packages: Sequence[_Package]) -> Listed:
    fetched = [each for each in packages if not each.local]
    return Listed(
        tuple(Request(each.name, (), (("==", each.version),), _archive(each), alone=True) for each in fetched if not each.remote),
        unknown=sum(each.remote for each in fetched),
        locked=True,
    )


def _archive(package: _Package) -> int:
    """The bytes of the wheel that linux on x86_64 with glibc takes; 0 where the lock does not say."""
    fitting = [
        (("-cp312-" in name or "-py3-" in name or "-abi3-" in name, "manylinux" in name), size)
        for name, size in package.wheels
        if "-any." in name or ("manylinux" in name and "x86_64" in name)
    ]
    return max(fitting, default=((False, False), 0))[1]


def _reached(packages: Sequence[_Package], starts: Iterable[tuple[str, tuple[str, ...], str]], minor: int) -> list[_Package]:
    """Along the dependencies, each package and each extra of it once. Of several versions of a name (one for each marker) the last is taken."""
    named = {each.name: each for each in packages}
    queue = list(starts)
    seen: set[tuple[str, str]] = set()
    found: dict[str, _Package] = {}
    for name, extras, marker in queue:
        package = named.get(name)
        if package is None or (marker and not applies(marker, minor)):
            continue
        found[name] = package
        for section in ("", *(f"extra:{extra}" for extra in extras)):
            if (name, section) not in seen:
                seen.add((name, section))
                queue.extend(package.needs.get(section, ()))
    return list(found.values())


def _packages(text: str) -> Iterator[_Package]:
    package, table, section = _Package(), "", ""
    count = 0
    for line in text.splitlines():
        if line.startswith("["):
            table, section = line.strip("[]"), ""
            if table == "package":
                yield package
                count += 1
                if count > _MOST_PACKAGES:
                    return
                package = _Package()
            continue
        if len(line) > _LONGEST or not line:
            continue
        key, found, value = line.partition(" = ")
        if table == "package" and found and not line[0].isspace():
            section = key if value == "[" else ""
            _field(package, key, value)
        elif table == "package":
            _member(package, section, line)
        elif table == "package.dependencies" and found:
            package.needs.setdefault("", []).append((normalised(key.strip('"')), _extras(value), _quoted(value, "markers")))
        elif table in ("package.optional-dependencies", "package.dev-dependencies", "package.extras"):
            kind = "group" if table.startswith("package.dev") else "extra"
            if found and not line[0].isspace():
                section = f"{kind}:{normalised(key.strip(chr(34)))}"
            for entry in value.strip("[]").split("}, ") if found else [line]:
                _need(package, section, entry)
    yield package


def _field(package: _Package, key: str, value: str) -> None:
    if key == "name":
        package.name = normalised(value.strip('"'))
    elif key == "version":
        package.version = value.strip('"')[:60]
    elif key == "optional":
        package.optional = value == "true"
    elif key == "category":
        package.groups = (value.strip('"'),)
    elif key == "groups":
        package.groups = tuple(part.strip(' "') for part in value.strip("[]").split(","))
    elif key == "markers":
        # Quoted with its own quotes escaped; one marker for each group is a table and is taken to hold.
        package.marker = value[1:-1].replace('\\"', '"') if value.startswith('"') else ""
    elif key == "source":
        package.local = any(f"{kind} = " in value for kind in ("editable", "virtual", "directory"))
        package.remote = any(f"{kind} = " in value for kind in ("git", "url", "path"))
    elif key in ("dependencies", "wheels") and value.startswith("[{"):
        _member(package, key, value[1:])


def _member(package: _Package, section: str, line: str) -> None:
    """A line of an array: `{ name = "x", marker = "..." },` or `{ url = "...", hash = "...", size = 1 },`."""
    if section == "dependencies":
        _need(package, "", line)
    elif section == "wheels" and "url = " in line:
        size = line.partition("size = ")[2].partition(",")[0].partition(" ")[0]
        if size.isascii() and size.isdigit() and len(size) < 13:
            package.wheels.append((_quoted(line, "url").rpartition("/")[2], int(size)))


def _need(package: _Package, section: str, entry: str) -> None:
    name = normalised(_quoted(entry, "name"))
    if name:
        package.needs.setdefault(section, []).append((name, _extras(entry), _quoted(entry, "marker")))


def _extras(text: str) -> tuple[str, ...]:
    listed = text.partition("extra")[2].partition("[")[2].partition("]")[0]
    return tuple(extra for part in listed.split(",") if (extra := normalised(part.strip(' "'))))


def _quoted(text: str, key: str) -> str:
    """The value of `key = "..."` in an inline table, its escaped quotes plain."""
    rest = text.partition(f'{key} = "')[2]
    return rest.replace('\\"', "\0").partition('"')[0].replace("\0", '"')
