"""Reading what Cargo reads: Cargo.toml, Cargo.lock, .cargo/config.toml (doc.rust-lang.org/cargo/reference)."""

from __future__ import annotations

import posixpath
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from service.ecosystems.model import Arguments, Invocation
from service.remembering import ByLength


def project(invocation: Invocation, arguments: Arguments) -> str:
    """The package's folder: of `--manifest-path` or `--path`, else the nearest one upwards with a Cargo.toml (cargo-build(1))."""
    given = arguments.value("--manifest-path")
    if given:
        return posixpath.dirname(invocation.path(given))
    start = invocation.path(arguments.value("--path") or ".")
    return next((folder for folder in _upwards(start) if invocation.read(posixpath.join(folder, "Cargo.toml")) is not None), start)


def workspace(invocation: Invocation, project: str) -> str:
    """The root of the workspace, which Cargo.lock and target/ belong to (the book, Workspaces)."""
    manifests = ((folder, _toml(invocation.read(posixpath.join(folder, "Cargo.toml")))) for folder in _upwards(project))
    return next((folder for folder, manifest in manifests if isinstance(manifest.get("workspace"), dict)), project)


def settings(invocation: Invocation, root: str) -> Mapping[str, Any]:
    texts = (invocation.read(posixpath.join(root, ".cargo", name)) for name in ("config.toml", "config"))
    return _toml(next((text for text in texts if text is not None), None))


def binaries(invocation: Invocation, project: str) -> tuple[str, ...] | None:
    """A package's programs: [[bin]], and src/main.rs under the package's name; None where some are not certain (the book, Cargo targets)."""
    manifest = _toml(invocation.read(posixpath.join(project, "Cargo.toml")))
    package, rows = table(manifest, "package"), [row for row in _listed(manifest.get("bin")) if isinstance(row, dict)]
    if not isinstance(package.get("name"), str) or any(row.get("required-features") or not isinstance(row.get("name"), str) for row in rows):
        return None
    found = [row["name"] for row in rows]
    if package.get("autobins", package.get("edition", "2015") != "2015" or not rows):
        main = invocation.has(posixpath.join(project, "src/main.rs"))
        if main is None or invocation.has(posixpath.join(project, "src/bin")) is not False:
            return None
        if main and not any(row.get("path") == "src/main.rs" for row in rows):
            found.append(package["name"])
    return tuple(dict.fromkeys(found)) or None


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """Crates, each also with its features as `diesel/postgres`: those that are built in, not those of tests or build scripts."""
    if name == "Cargo.lock":
        lines = (line.partition("=") for line in content.splitlines())
        return tuple(dict.fromkeys(value.strip().strip('"') for key, _, value in lines if key.strip() == "name"))
    manifest = _toml(content)
    if not manifest or any("*" in member for member in _listed(table(manifest, "workspace").get("members")) if isinstance(member, str)):
        return None
    targets = [value for value in table(manifest, "target").values() if isinstance(value, dict)]
    tables = [table(part, "dependencies") for part in (manifest, table(manifest, "workspace"), *targets)]
    return tuple(dict.fromkeys(crate for part in tables for key, value in part.items() for crate in _asked(key, value)))


def _asked(key: str, value: object) -> Iterator[str]:
    row = value if isinstance(value, dict) else {}
    name = row.get("package") if isinstance(row.get("package"), str) else key
    yield str(name)
    yield from (f"{name}/{feature}" for feature in _listed(row.get("features")))


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """The manifests of workspace members and of path dependencies."""
    manifest = _toml(content) if name == "Cargo.toml" else {}
    members = [member for member in _listed(table(manifest, "workspace").get("members")) if isinstance(member, str)]
    tables = [table(part, "dependencies") for part in (manifest, table(manifest, "workspace"))]
    paths = [row["path"] for part in tables for row in part.values() if isinstance(row, dict) and isinstance(row.get("path"), str)]
    return tuple(posixpath.join(folder, "Cargo.toml") for folder in dict.fromkeys((*members, *paths)))


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def table(data: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        value = data.get(name)
        data = value if isinstance(value, dict) else {}
    return data


def _toml(text: str | None) -> Mapping[str, Any]:
    return _TABLES(text) if text else {}


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


# Each command of cargo asks for the manifests of its whole workspace.
_TABLES = ByLength(_parsed, 100_000)


def _upwards(folder: str) -> Iterator[str]:
    yield folder
    while folder != "/":
        folder = posixpath.dirname(folder)
        yield folder
