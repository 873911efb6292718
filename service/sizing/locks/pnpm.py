"""pnpm-lock.yaml, versions 5 to 9: a bounded reader of the lines that matter, since a YAML reader would take seconds for megabytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from service.sizing.locks.model import Locked, Wish, once, reached

_Line = tuple[int, str, str]


@dataclass(slots=True)
class _Package:
    fields: dict[str, str] = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)
    optional: list[str] = field(default_factory=list)


def pnpm_lock(text: str, manifest: str | None, wish: Wish) -> tuple[Locked, ...] | None:
    """Each version once: its copies for other peers are hard links. Up to version 6 a package says `dev: true`; later, importers lead to it."""
    if not text.startswith("lockfileVersion") and "\nlockfileVersion" not in text[:2_000]:
        return None
    packages, snapshots, roots = _read(text, wish)
    keys = list(packages)
    if snapshots:
        walked = reached(roots, lambda key: _needs(snapshots.get(key), wish))
        keys = list(dict.fromkeys(_bare(key) for key in walked if key in snapshots)) if wish.production or not wish.optional else keys
    return once(
        pair for key in keys for pair in [_named(key)] if pair is not None and _wanted(pair[0], packages.get(key, _Package()).fields, wish)
    )


def _needs(package: _Package | None, wish: Wish) -> list[str]:
    return [] if package is None else [*package.needs, *(package.optional if wish.optional else ())]


def _bare(key: str) -> str:
    return key.partition("(")[0]


def _wanted(name: str, fields: dict[str, str], wish: Wish) -> bool:
    if wish.production and fields.get("dev") == "true" or not wish.optional and fields.get("optional") == "true":
        return False
    listed = {name: _listed(fields[name]) for name in ("os", "cpu", "libc") if name in fields}
    return wish.fits(name, listed.get("os"), listed.get("cpu"), listed.get("libc"))


def _listed(text: str) -> list[str]:
    return [word.strip().strip("'\"") for word in text.strip("[]").split(",")]


def _named(key: str) -> tuple[str, str] | None:
    """`/a/1.0.0_peer@2` (5), `/a@1.0.0(peer@2)` (6), `a@1.0.0` (9); None for a folder or an address."""
    bare = _bare(key)
    if bare.startswith(("file:", "link:", "http")) or "@file:" in bare or "@link:" in bare:
        return None
    word = bare.lstrip("/")
    pieces = word.split("/", 2 if word.startswith("@") else 1)
    head = "/".join(pieces[:2]) if word.startswith("@") else pieces[0]
    name, at, version = head[1:].partition("@")
    if at:
        return head[0] + name, version
    version = pieces[-1].partition("_")[0]
    return (head, version) if version[:1].isdigit() else None


def _read(text: str, wish: Wish) -> tuple[dict[str, _Package], dict[str, _Package], list[str]]:
    """The packages and the snapshots by key, and the keys that the importers ask for."""
    found: dict[str, dict[str, _Package]] = {"packages": {}, "snapshots": {}}
    roots: list[str] = []
    section, package, part, direct = "", _Package(), "", ""
    for depth, key, value in _lines(text):
        if depth == 0:
            section = key
        elif section in found and depth == 2:
            package = found[section][key] = _Package()
        elif section in found and depth == 4:
            part = key
            package.fields[key] = value
        elif section in found and depth == 6 and part in ("dependencies", "optionalDependencies"):
            (package.needs if part == "dependencies" else package.optional).append(_target(key, value))
        elif section == "importers" and depth == 4:
            part = key
        elif section == "importers" and depth == 6:
            direct = key
        elif section == "importers" and depth == 8 and key == "version" and part in wish.sections:
            roots.append(_target(direct, value))
    return found["packages"], found["snapshots"], roots


def _target(name: str, value: str) -> str:
    """The snapshot behind a dependency: `1.0.0(peer@2)`, or all of it for an alias."""
    return value if "@" in value.partition("(")[0] else f"{name}@{value}"


def _lines(text: str) -> Iterator[_Line]:
    """Depth, key and value of the lines that are a mapping's entries."""
    for line in text.splitlines():
        word = line.lstrip(" ")
        if not word or word[0] in "#-" or len(line) - len(word) > 8:
            continue
        if word[0] in "'\"":
            key, _, rest = word[1:].partition(word[0])
            rest = rest.removeprefix(":")
        elif word.endswith(":"):
            key, rest = word[:-1], ""
        else:
            key, _, rest = word.partition(": ")
        yield len(line) - len(word), key, rest.strip().strip("'\"")
