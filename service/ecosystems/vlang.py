"""V: programs compiled through C. What a program links beyond the C library its modules say, which come with the compiler or from `v install`."""

from __future__ import annotations

import posixpath

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step, nothing
from service.ecosystems.rules import here
from service.image.effects import Phase

_V = "v help build, v help build-c (vlib/v/help in github.com/vlang/v)"
_VALUED = frozenset(
    {"-o", "-output", "-b", "-backend", "-define", "-cc", "-cflags", "-ldflags", "-gc", "-os", "-arch", "-path", "-exclude", "-file-list"}
    | {"-thread-stack-size", "-m", "-message-limit", "-custom-prelude", "-printfn", "-trace-fns", "-subsystem", "-bare-builtin-dir"}
)
_OTHER = ("c", "js", "wasm", "go")
"""Backends, whose names are endings that a program's own name leaves out too."""


def _compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-o`; else the target's name without its ending, beside a source, and within a folder."""
    # `-prod` reads as a bundle of letters: those that are options are asked for as whole words.
    named, backend = _said(invocation, "-o", "-output"), _said(invocation, "-b", "-backend")
    defined = _said(invocation, "-d")
    words = tuple(word for word in arguments.positionals if word is None or word not in defined)
    if None in words or None in named or len(words) != 1 or backend not in ((), ("c",)):
        return None
    target = invocation.path(words[0] or ".")
    if named:
        said = named[-1] or "."
        return (posixpath.join(invocation.path(said), _name(target)) if said.endswith("/") else invocation.path(said),)
    return (posixpath.join(posixpath.dirname(target) if target.endswith((".v", ".vsh")) else target, _name(target)),)


def _said(invocation: Invocation, *names: str) -> tuple[str | None, ...]:
    """The words that follow an option."""
    return tuple(word for option, word in zip(invocation.words, invocation.words[1:], strict=False) if option in names)


def _name(target: str) -> str:
    """A target's own name, the ending left out, and that of another language in front of it (`main.c.v`)."""
    base = posixpath.basename(target)
    plain = base.rpartition(".")[0] or base
    stem, dot, ending = plain.rpartition(".")
    return stem if dot and ending in _OTHER else plain


def _modules(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """~/.vmodules, or where VMODULES says: sources that a build compiles in (doc/docs.md, Modules)."""
    return (invocation.path(invocation.env.get("VMODULES") or "~/.vmodules"),)


ECOSYSTEM = Ecosystem(
    name="v",
    summary="V programs",
    images=("thevlang/vlang",),
    manifests=(Manifest(("v.mod",), ("v.mod",)),),
    sources=("*.v", "*.vsh", "v.mod", "*.c", "*.h", "modules/**"),
    compiled=True,
    source_endings=(".v", ".vsh"),
    build_env=("VFLAGS", "VMODULES", "VVV", "VEXE"),
    development=("v run", "v crun", "v watch", "v repl", "v up", "v self", "v test", "v"),
    toolchain=("vlang",),
    steps=(
        Step("v install|update|upgrade|remove", Phase.INSTALL, scratch=_modules, tree=False, source="v help vpm"),
        Step("v symlink", Phase.FETCH, writes=here("/usr/local/bin/v"), tree=False, source="v help symlink"),
        Step("v test|fmt|vet|doc|version|doctor|check-md|search|list|outdated|show", Phase.CHECK, writes=nothing, source="v help"),
        Step("v -version|--version|-v|-V", Phase.CHECK, writes=nothing, source="v help version"),
        Step("v", Phase.BUILD, writes=_compiled, scratch=_modules, tree=False, valued=_VALUED, source=_V),
    ),
)
