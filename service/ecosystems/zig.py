"""Zig: its build system and compiler."""

from __future__ import annotations

import posixpath

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import here, nearest, option
from service.image.effects import Phase

_BUILD = "ziglang.org/learn/build-system (zig build --help: prefix, cache-dir)"
_ZIG = "ziglang.org/documentation (Zig Build System; zig build-exe --help)"
_VALUED = frozenset(
    {"-p", "--prefix", "--prefix-exe-dir", "--prefix-lib-dir", "--cache-dir", "--global-cache-dir", "--build-file", "--search-prefix", "--sysroot"}
    | {"-target", "-mcpu", "-O", "--name", "-I", "-L", "-l", "--library", "-j", "--summary", "--color", "-M", "--dep", "--libc", "-rpath"}
)


def _folder(invocation: Invocation, arguments: Arguments) -> str:
    given = arguments.value("--build-file")
    return posixpath.dirname(invocation.path(given)) if given else nearest(invocation, "build.zig") or invocation.path(".")


def _installed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`zig build` installs to zig-out, or to `--prefix`; other steps of build.zig do what their name says, which nobody can tell."""
    if any(word not in ("install",) for word in arguments.positionals) or arguments.has("--prefix-exe-dir", "--prefix-lib-dir"):
        return None
    return option("-p", "--prefix", otherwise=here(posixpath.join(_folder(invocation, arguments), "zig-out")))(invocation, arguments)


def _scratch(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """.zig-cache, zig-cache before 0.13, beside build.zig."""
    if arguments.has("--cache-dir"):
        return option("--cache-dir")(invocation, arguments)
    return tuple(posixpath.join(_folder(invocation, arguments), name) for name in (".zig-cache", "zig-cache", "zig-pkg"))


def _caches(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    named = arguments.value("--global-cache-dir") or invocation.env.get("ZIG_GLOBAL_CACHE_DIR")
    return (invocation.path(named or "~/.cache/zig"),)


def _compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-femit-bin=FILE`, else `--name` or the source's name, in the working directory."""
    if None in arguments.positionals:
        return None
    if arguments.has("-femit-bin"):
        return option("-femit-bin")(invocation, arguments)
    sources = [word for word in arguments.positionals if word and "." in posixpath.basename(word)]
    name = arguments.value("--name") or (posixpath.basename(sources[0]).partition(".")[0] if sources else "")
    return (invocation.path(name),) if name else (invocation.path("."),)


def _beside(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The object file, and the cache beside a build.zig: without one it is the global cache (src/main.zig of the compiler, local cache directory)."""
    compiled = _compiled(invocation, arguments)
    near = arguments.has("--cache-dir") or nearest(invocation, "build.zig") is not None
    cache = _scratch(invocation, arguments) if near else ()
    return None if compiled is None or cache is None else (*(f"{path}.o" for path in compiled if path != invocation.path(".")), *cache)


def _statically(invocation: Invocation, arguments: Arguments) -> bool:
    """A musl target is linked statically unless a dynamic linker is asked for (Zig's release notes 0.6.0, Targets)."""
    target = arguments.value("-target", "-Dtarget") or ""
    return target.endswith("-linux-musl") and not arguments.has("-dynamic", "-l", "--library", "-Ddynamic")


ECOSYSTEM = Ecosystem(
    name="zig",
    summary="Zig",
    manifests=(Manifest(("build.zig.zon",), ("build.zig", "build.zig.zon")),),
    sources=("*.zig", "*.zon", "zig-out/**", "zig-cache/**", ".zig-cache/**", "*.c", "*.h"),
    compiled=True,
    source_endings=(".zig",),
    build_env=("ZIG_*",),
    development=("zig", "zig build", "zig run", "zig test"),
    toolchain=("zig",),
    # The ziglang distribution's own description: `python -m ziglang` is the compiler.
    modules=(("ziglang", "zig"),),
    steps=(
        Step(
            "zig build",
            Phase.BUILD,
            writes=_installed,
            scratch=_scratch,
            caches=_caches,
            valued=_VALUED,
            static=_statically,
            source=_BUILD,
        ),
        Step("zig fetch", Phase.INSTALL, scratch=_scratch, caches=_caches, valued=_VALUED, source=_BUILD),
        Step(
            "zig build-exe",
            Phase.BUILD,
            writes=_compiled,
            scratch=_beside,
            caches=_caches,
            tree=False,
            valued=_VALUED,
            static=_statically,
            source=_ZIG,
        ),
        Step(
            "zig cc|c++",
            Phase.BUILD,
            writes=option("-o", otherwise=here("a.out")),
            caches=_caches,
            tree=False,
            valued=_VALUED | {"-o"},
            source=_ZIG,
        ),
        Step("zig version|env|fmt|test|targets|ast-check", Phase.CHECK, caches=_caches, valued=_VALUED, source=_ZIG),
    ),
)
