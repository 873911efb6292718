"""Bun: packages, scripts, bundles and executables."""

from __future__ import annotations

import posixpath

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.node import local_references, packages_of
from service.ecosystems.nodescripts import beyond
from service.image.effects import LanguageInstall, Phase

_BUN = "bun.sh/docs/cli"
_VALUED = frozenset(
    {
        "--cwd",
        "--filter",
        "-F",
        "--cache-dir",
        "--registry",
        "--omit",
        "--backend",
        "--linker",
        "--network-concurrency",
        "--concurrent-scripts",
        "--cafile",
        "--target",
        "--outdir",
        "--outfile",
        "--root",
        "--format",
        "--sourcemap",
        "--entry-naming",
        "--public-path",
        "--external",
        "-e",
        "--define",
        "--loader",
        "--packages",
        "--splitting=",
        "-c",
        "--config",
        "--env-file",
        "-r",
        "--preload",
    }
)


def _folder(invocation: Invocation, arguments: Arguments) -> str:
    """The folder that `--cwd` names, else the nearest one upwards with a package.json."""
    given = arguments.value("--cwd")
    start = invocation.path(given or ".")
    folder = start
    while not given and folder != "/" and not invocation.has(posixpath.join(folder, "package.json")):
        folder = posixpath.dirname(folder)
    return start if folder == "/" else folder


def _project(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return (_folder(invocation, arguments),)


def _ran(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The project's folder, and what a script of it writes elsewhere."""
    folders = _project(invocation, arguments)
    return None if folders is None else (*folders, *beyond(invocation, arguments, folders[0]))


def _modules(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """node_modules, bun.lock and what lifecycle scripts write, in the project's folder; at the root only node_modules is named."""
    if arguments.has("-g", "--global"):
        programs = invocation.env.get("BUN_INSTALL_BIN") or "~/.bun/bin"
        return invocation.path(invocation.env.get("BUN_INSTALL_GLOBAL_DIR") or "~/.bun/install/global"), invocation.path(programs)
    folder = _folder(invocation, arguments)
    return ("/node_modules",) if folder == "/" else (folder,)


def _cache(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    if arguments.has("--no-cache"):
        return ()
    return (invocation.path(arguments.value("--cache-dir") or invocation.env.get("BUN_INSTALL_CACHE_DIR") or "~/.bun/install/cache"),)


def _install(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    folder = _folder(invocation, arguments)
    names = tuple(word for word in arguments.positionals if word)
    files = tuple(posixpath.join(folder, name) for name in ("package.json", "bun.lock", "bun.lockb"))
    production = arguments.has("--production", "-p") or any(value == "dev" for value in arguments.values("--omit"))
    return LanguageInstall("bun install", "bun", names, files, posixpath.join(folder, "node_modules"), production, "~/.bun/install/cache")


def _bundled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`--outdir`, or `--outfile`; an executable without a name gets that of its entry point, in the working directory."""
    values = arguments.values("--outdir", "--outfile")
    if None in values:
        return None
    placed = tuple(invocation.path(value) for value in values if value)
    return placed if placed or not arguments.has("--compile") else (invocation.path("."),)


ECOSYSTEM = Ecosystem(
    name="bun",
    summary="Bun packages, scripts, bundles and executables",
    images=("oven/bun",),
    manifests=(Manifest(("package.json",), ("package.json", "bun.lock", "bun.lockb", "bunfig.toml", ".npmrc"), runtime=True),),
    interpreters=("bun", "bunx"),
    development=("bun install", "bun add", "bun test", "bun build", "bun x vite", "bun repl"),
    build_env=("BUN_INSTALL_*",),
    steps=(
        Step(
            "bun install|i|ci|add|a",
            Phase.INSTALL,
            writes=_modules,
            caches=_cache,
            valued=_VALUED,
            install=_install,
            source=f"{_BUN}/install: node_modules and bun.lock in the project, packages in ~/.bun/install/cache",
        ),
        Step("bun remove|rm|update|link|unlink|patch", Phase.INSTALL, writes=_modules, caches=_cache, valued=_VALUED, source=f"{_BUN}/install"),
        Step("bun pm cache", Phase.CLEAN, deletes=_cache, valued=_VALUED, source=f"{_BUN}/pm"),
        Step("bun pm ls|bin|hash|hash-string|hash-print|whoami|view", Phase.CHECK, source=f"{_BUN}/pm"),
        Step("bun pm", Phase.BUILD, writes=_project, valued=_VALUED, source=f"{_BUN}/pm"),
        Step("bun build", Phase.BUILD, writes=_bundled, valued=_VALUED, source="bun.sh/docs/bundler and bun.sh/docs/bundler/executables"),
        Step("bun test", Phase.CHECK, valued=_VALUED, source=f"{_BUN}/test"),
        Step("bun --version|-v|--revision|--help", Phase.CHECK, source=_BUN),
        Step("bun run", Phase.BUILD, writes=_ran, valued=_VALUED, source=f"{_BUN}/run: scripts of package.json in the project"),
        Step("bunx", Phase.BUILD, writes=_project, valued=_VALUED, source=f"{_BUN}/bunx"),
        Step("bun x", Phase.BUILD, writes=_project, valued=_VALUED, source=f"{_BUN}/bunx"),
        Step(
            "bun",
            Phase.BUILD,
            writes=_project,
            valued=_VALUED,
            when=lambda arguments: bool(arguments.positionals) and arguments.positionals[0] != "upgrade",
            source=f"{_BUN}/run: a script of package.json, or a file",
        ),
    ),
    local_references=local_references,
    packages_of=packages_of,
    alters_dependencies=("node_modules", "prisma", "patch-package", "rebuild", "workspaces", "bun link "),
    downloads=True,
    # github.com/nodejs/node-gyp#installation: Python, make and a C++ compiler, for native packages.
    build_packages=("python", "python3", "python3-dev", "python3-minimal", "python3-setuptools", "python-is-python3"),
    source_endings=(".js", ".mjs", ".cjs", ".ts", ".tsx"),
)
