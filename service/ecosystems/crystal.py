"""Crystal: the compiler and shards. Templates (ECR) are compiled in; what a program links beyond the C library is in needs.json."""

from __future__ import annotations

import posixpath

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import both, here, nearest, option
from service.image.effects import LanguageInstall, Phase

_CRYSTAL = "crystal-lang.org/reference (Using the compiler, Static linking)"
_SHARDS = "crystal-lang.org/reference (The shards command), shards(1), shard.yml(5)"
_VALUED = frozenset({"-o", "--output", "-D", "--define", "--link-flags", "--mcpu", "--mattr", "--target", "--cross-compile", "--threads", "-O"})


def _folder(invocation: Invocation) -> str:
    return nearest(invocation, "shard.yml") or invocation.path(".")


def _libraries(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """SHARDS_INSTALL_PATH, else lib beside shard.yml, and the lock file where there is none: sources that a build compiles in."""
    lock = posixpath.join(_folder(invocation), "shard.lock")
    placed = invocation.path(invocation.env.get("SHARDS_INSTALL_PATH") or posixpath.join(_folder(invocation), "lib"))
    return (placed, *((lock,) if invocation.has(lock) is False else ()))


def _clones(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """Where shards keeps the repositories that it copies libraries out of (shards(1), SHARDS_CACHE_PATH)."""
    return (invocation.path(invocation.env.get("SHARDS_CACHE_PATH") or "~/.cache/shards"),)


def _objects(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """Where the compiler keeps what it compiled, to reuse it (Using the compiler, CRYSTAL_CACHE_DIR)."""
    return (invocation.path(invocation.env.get("CRYSTAL_CACHE_DIR") or "~/.cache/crystal"),)


def _built(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """SHARDS_BIN_PATH, else bin beside shard.yml, with the targets that are named or that shard.yml lists."""
    folder = invocation.path(invocation.env.get("SHARDS_BIN_PATH") or posixpath.join(_folder(invocation), "bin"))
    names = tuple(word for word in arguments.positionals if word) or _targets(invocation.read(posixpath.join(_folder(invocation), "shard.yml")))
    if None in arguments.positionals:
        return (folder,)
    return tuple(posixpath.join(folder, name) for name in names) or (folder,)


def _targets(text: str | None) -> tuple[str, ...]:
    """The keys below `targets:` of shard.yml."""
    found: list[str] = []
    indent = 0
    inside = False
    for line in (text or "").splitlines():
        key, colon, _ = line.partition(":")
        depth = len(line) - len(line.lstrip())
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if depth == 0:
            inside, indent = key.strip() == "targets", 0
        elif inside and colon and depth <= (indent or depth):
            indent = depth
            found.append(key.strip().strip("\"'"))
    return tuple(found)


def _compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-o`, else the first source's name without its ending, in the working directory (crystal build --help)."""
    if arguments.has("--cross-compile"):
        return None
    sources = [word for word in arguments.positionals if word]
    if not sources and not arguments.has("-o", "--output") or None in arguments.positionals:
        return (invocation.path("."),)
    return option("-o", "--output", otherwise=here(posixpath.basename(sources[0]).removesuffix(".cr") if sources else "."))(invocation, arguments)


def _statically(invocation: Invocation, arguments: Arguments) -> bool:
    """`--static` where the C library is musl: glibc's still asks for its own shared parts (Static linking)."""
    return arguments.has("--static") and invocation.base.libc == "musl"


def _linked(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    path = posixpath.join(_folder(invocation), "shard.yml")
    # A single source may go without shard.yml; what the standard library links counts all the same.
    manifests = (path,) if invocation.has(path) is not False else ()
    return LanguageInstall("crystal build", "crystal", packages=() if arguments.has("--static") else ("crystal",), manifests=manifests)


def _shards(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    folder = _folder(invocation)
    return LanguageInstall("shards install", "crystal", manifests=tuple(posixpath.join(folder, name) for name in ("shard.yml", "shard.lock")))


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """The keys of shard.yml's `dependencies`, or of shard.lock's `shards`."""
    wanted = "shards" if name == "shard.lock" else "dependencies"
    found: list[str] = []
    inside = False
    for line in content.splitlines():
        key, colon, _ = line.partition(":")
        depth = len(line) - len(line.lstrip())
        if depth == 0 and line.strip():
            inside = key.strip() == wanted
        elif inside and colon and depth == 2:
            found.append(key.strip())
    return tuple(found)


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """Shards of the own repository (`path: ../lib`) are read when they are installed."""
    paths = [line.partition(":")[2].strip() for line in content.splitlines() if line.strip().startswith("path:")]
    return tuple(posixpath.join(path, "shard.yml") for path in paths)


ECOSYSTEM = Ecosystem(
    name="crystal",
    summary="Crystal and shards",
    images=("crystallang/crystal",),
    manifests=(Manifest(("shard.yml",), ("shard.yml", "shard.lock", "shard.override.yml")),),
    sources=("*.cr", "*.ecr", "shard.yml", "shard.lock", "shard.override.yml", ".ameba.yml", "lib/**", "spec/**"),
    compiled=True,
    source_endings=(".cr",),
    build_env=("CRYSTAL_*", "SHARDS_*"),
    development=("crystal", "shards", "lucky dev", "lucky watch", "sentry"),
    packages_of=packages_of,
    local_references=local_references,
    toolchain=("crystal", "shards"),
    steps=(
        Step(
            "shards install|update|check|lock|outdated",
            Phase.INSTALL,
            scratch=_libraries,
            caches=_clones,
            install=_shards,
            source=_SHARDS,
        ),
        Step(
            "shards build",
            Phase.BUILD,
            writes=_built,
            scratch=_libraries,
            caches=both(_clones, _objects),
            valued=_VALUED,
            install=_linked,
            static=_statically,
            source=_SHARDS,
        ),
        Step("shards list|version|prune|--version", Phase.CHECK, source=_SHARDS),
        Step(
            "crystal build|compile",
            Phase.BUILD,
            writes=_compiled,
            caches=both(_clones, _objects),
            mountable=_objects,
            tree=False,
            valued=_VALUED,
            install=_linked,
            static=_statically,
            source=_CRYSTAL,
        ),
        Step("crystal spec|tool|env|--version|version", Phase.CHECK, caches=_objects, valued=_VALUED, source=_CRYSTAL),
        Step("crystal docs", Phase.BUILD, scratch=both(here("docs")), source=_CRYSTAL),
    ),
)
