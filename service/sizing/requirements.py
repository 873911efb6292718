"""Requirements as people write them: lines of requirements files, PEP 621 and poetry tables, Pipfiles."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from service.knowledge.pip import Request, normalised
from service.remembering import remembered
from service.sizing.markers import applies

_MOST_LINES, _LONGEST = 20_000, 4_000
_NAMING = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
_OPERATORS = ("===", "~=", "==", "!=", "<=", ">=", "<", ">")
_INCLUDES = {"-r": "files", "--requirement": "files", "-c": "constraints", "--constraint": "constraints"}
_NOT_ON_DISK = frozenset({"python"})


@dataclass(frozen=True, slots=True)
class Listed:
    """What a manifest asks for: `files` and `constraints` are paths as written; `unknown` counts what has no name in an index (addresses, version
    control); `indexes`: others than the usual one that are named. `locked`: each needed distribution is listed."""

    requests: tuple[Request, ...] = ()
    files: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    unknown: int = 0
    indexes: tuple[str, ...] = ()
    locked: bool = False


@lru_cache(maxsize=64)
def requirements_file(text: str, minor: int) -> Listed:
    """A requirements or constraints file (pip documentation, Requirements File Format)."""
    requests: list[Request] = []
    includes: dict[str, list[str]] = {"files": [], "constraints": []}
    indexes: list[str] = []
    unknown, hashed = 0, 0
    for line in _logical_lines(text):
        words = line.split()
        option, _, value = words[0].partition("=")
        if words[0][:2] in ("-r", "-c") and len(words[0]) > 2:
            option, value = words[0][:2], words[0][2:]
        if option in _INCLUDES:
            includes[_INCLUDES[option]] += [value or (words[1] if len(words) > 1 else "")]
        elif option in ("-e", "--editable"):
            unknown += 1
        elif option.startswith("-"):
            named = option in ("-i", "--index-url", "--extra-index-url", "-f", "--find-links")
            indexes += [value or (words[1] if len(words) > 1 else "")] if named else []
        else:
            found = requirement(line, minor)
            unknown += found is None
            requests += [found] if isinstance(found, Request) else []
            hashed += "--hash=" in line
    return Listed(
        tuple(requests),
        tuple(filter(None, includes["files"])),
        tuple(filter(None, includes["constraints"])),
        unknown,
        tuple(indexes),
        bool(requests) and hashed >= len(requests),
    )


def _logical_lines(text: str) -> Iterator[str]:
    """Without comments and blank lines; a backslash at the end continues a line."""
    held = ""
    for line in text.splitlines()[:_MOST_LINES]:
        if line.rstrip().endswith("\\"):
            held = (held + line.rstrip()[:-1] + " ")[:_LONGEST]
            continue
        whole, held = (held + line).strip()[:_LONGEST], ""
        whole = "" if whole.startswith("#") else whole.partition(" #")[0].strip()
        if whole:
            yield whole


@remembered(2_000)
def requirement(line: str, minor: int, extras: tuple[str, ...] = ()) -> Request | bool | None:
    """A PEP 508 line: the request, False where its marker does not hold, None for an address or a path."""
    text, _, rest = line.partition(";")
    end = next((index for index, letter in enumerate(text) if letter not in _NAMING), len(text))
    name, after = normalised(text[:end]), text[end:].strip()
    if not name or text.startswith((".", "/")) or after.startswith(("@", ":", "/")):
        return None
    marker = rest.partition(" --")[0].strip()
    if marker and not applies(marker, minor, extras):
        return False
    named = ""
    if after.startswith("["):
        named, _, after = after[1:].partition("]")
        if after.strip().startswith("@"):
            return None
    clauses = after.partition(" --")[0].strip().strip("()").split(",")
    bounds = tuple(bound for clause in clauses[:12] for bound in [_bound(clause.strip())] if bound)
    return Request(name, tuple(extra for part in named.split(",") if (extra := normalised(part.strip()))), bounds)


def _bound(clause: str) -> tuple[str, str] | None:
    operator = next((each for each in _OPERATORS if clause.startswith(each)), None)
    version = clause[len(operator) :].strip().split(" ")[0] if operator else ""
    return (operator, version) if operator and version else None


@lru_cache(maxsize=32)
def project_file(text: str, minor: int, extras: tuple[str, ...], development: bool) -> Listed | None:
    """A pyproject.toml: PEP 621, dependency groups (PEP 735) and poetry's tables; None where it cannot be read or lists nothing."""
    data = _toml(text)
    project, poetry = _table(data, "project"), _table(_table(data, "tool"), "poetry")
    lines = [*_strings(project.get("dependencies"))]
    optional = _table(project, "optional-dependencies")
    lines += [line for extra in extras for line in _strings(optional.get(extra))]
    tables = [_table(poetry, "dependencies")]
    if development:
        lines += _strings(_table(data, "dependency-groups").get("dev"))
        groups = _table(poetry, "group").values()
        tables += [_table(poetry, "dev-dependencies"), *(_table(group, "dependencies") for group in groups)]
    if "dependencies" not in project and "dependencies" not in poetry:
        return None
    wanted = frozenset(name for extra in extras for name in _strings(_table(poetry, "extras").get(extra)))
    return _listed([*(requirement(line, minor, extras) for line in lines), *_poetry_requests(tables, minor, wanted)])


@lru_cache(maxsize=32)
def pipfile(text: str, minor: int, development: bool) -> Listed | None:
    data = _toml(text)
    tables = [_table(data, "packages"), *([_table(data, "dev-packages")] if development else [])]
    return _listed(_poetry_requests(tables, minor, frozenset())) if "packages" in data else None


@lru_cache(maxsize=32)
def pipfile_lock(text: str, minor: int, development: bool) -> Listed | None:
    """Each row is a distribution that is installed, with its version."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    tables = [_table(data, name) for name in ("default", *(["develop"] if development else []))]
    found = _listed(_poetry_requests(tables, minor, frozenset()))
    rows = tuple(Request(each.name, (), each.bounds, alone=True) for each in found.requests)
    return Listed(rows, unknown=found.unknown, locked=True)


def _poetry_requests(tables: Iterable[Mapping[str, object]], minor: int, wanted: frozenset[str]) -> Iterator[Request | bool | None]:
    """`name = "^1.2"` or `name = {version = "^1.2", extras = [], markers = "", optional = true}`."""
    for table in tables:
        for name, value in list(table.items())[:_MOST_LINES]:
            if name.lower() in _NOT_ON_DISK:
                continue
            row: Mapping[str, object] = value if isinstance(value, dict) else {"version": value if isinstance(value, str) else ""}
            if row.keys() & {"git", "path", "url", "file"}:
                yield None
                continue
            markers, version = row.get("markers"), row.get("version")
            if row.get("optional") is True and name not in wanted or isinstance(markers, str) and not applies(markers[:_LONGEST], minor):
                continue
            named = tuple(extra for each in _strings(row.get("extras")) if (extra := normalised(each)))
            yield Request(normalised(name), named, _poetry_bounds(version[:200] if isinstance(version, str) else "")) if normalised(name) else None


def _poetry_bounds(text: str) -> tuple[tuple[str, str], ...]:
    """`^1.2`: below the next release of its first number that is not zero; `~1.2`: of its first two (python-poetry.org/docs)."""
    found: list[tuple[str, str]] = []
    for clause in text.split("||")[0].split(","):
        clause = clause.strip()
        if clause.startswith("^") or (clause.startswith("~") and not clause.startswith("~=")):
            numbers = clause[1:].strip().split(".")
            depth = 1 + next((index for index, part in enumerate(numbers) if part.strip("0")), 0) if clause[0] == "^" else min(2, len(numbers))
            head = numbers[:depth]
            if all(part.isascii() and part.isdigit() and len(part) < 10 for part in head):
                found.append(("<", ".".join([*head[:-1], str(int(head[-1]) + 1)])))
        elif (bound := _bound(clause)) is not None:
            found.append(bound)
        elif clause[:1].isdigit():
            found.append(("==", clause))
    return tuple(found)


def _listed(found: Iterable[Request | bool | None]) -> Listed:
    rows = list(found)
    return Listed(tuple(each for each in rows if isinstance(each, Request)), unknown=sum(each is None for each in rows))


def _toml(text: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def _table(data: object, name: str) -> Mapping[str, object]:
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _strings(value: object) -> list[str]:
    return [each[:_LONGEST] for each in value if isinstance(each, str)][:_MOST_LINES] if isinstance(value, list) else []
