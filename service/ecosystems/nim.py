"""Nim: the compiler and nimble. Programs are linked by a C compiler; several libraries are opened only when they run."""

from __future__ import annotations

import posixpath
import re

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import here
from service.image.effects import LanguageInstall, Phase

_NIM = "nim-lang.org/docs/nimc.html (Command-line switches, Configuration files)"
_NIMBLE = "nim-lang.github.io/nimble (install, build, nimble file format)"
_COMPILING = frozenset({"c", "cc", "cpp", "objc", "compile", "compileToC", "compileToCpp"})
_LISTED = re.compile(r"""(?m)^[ \t]*bin[ \t]*=[ \t]*@\[([^\]\n]{0,500})\]""")
_FOLDER = re.compile(r"""(?m)^[ \t]*binDir[ \t]*=[ \t]*"([^"\n]{0,200})\"""")


def _project(invocation: Invocation, start: str = "") -> str | None:
    """The nimble file of the project that a command works on; None where there is none, or nobody can say."""
    found = invocation.find(posixpath.join(start or invocation.path("."), "*.nimble"))
    return found[0] if found is not None and len(found) == 1 else None


def _compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-o:FILE` in the working directory or in `--outdir:DIR`, else the source's name beside the source; a library is no program."""
    words = invocation.words[1:]
    if None in words:
        return None
    out, folder = _switch(words, "-o", "--out"), _switch(words, "--outdir")
    named = [word for word in words if word and not word.startswith("-")]
    sources = [word for word in named if word not in _COMPILING]
    if _switch(words, "--app") in ("lib", "staticlib") or not sources:
        return None
    if out:
        return (invocation.path(posixpath.join(folder, out)),)
    source = sources[0].removesuffix(".nim")
    return (invocation.path(posixpath.join(folder, posixpath.basename(source)) if folder else source),)


def _switch(words: tuple[str | None, ...], *names: str) -> str:
    """The value of `--name:value` or `--name=value`; names are compared without case and underscores (nimc.html)."""
    for word in words:
        for mark in (":", "="):
            name, found, value = (word or "").partition(mark)
            if found and name.replace("_", "").lower() in names:
                return value
    return ""


def _generated(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """nimcache: `--nimcache:DIR`, else below ~/.cache/nim."""
    named = _switch(invocation.words, "--nimcache")
    return (invocation.path(named),) if named else ()


def _caches(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    return (invocation.path("~/.cache/nim"),)


def _store(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    return (invocation.path(invocation.env.get("NIMBLE_DIR") or "~/.nimble"),)


def _built(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The programs that the nimble file lists, in its `binDir`; all of the folder may change where it was not sent."""
    path = _project(invocation)
    text = invocation.read(path) if path is not None else None
    names = _binaries(text)
    if names is None:
        return (invocation.path("."),)
    folder = _FOLDER.search(text or "")
    return tuple(invocation.path(posixpath.join(folder.group(1) if folder else ".", name)) for name in names)


def _binaries(text: str | None) -> tuple[str, ...] | None:
    """`bin = @["a", "b"]`; None where it is written another way, or commands of hooks may make more."""
    found = _LISTED.findall(text or "")
    if text is None or len(found) != 1 or "namedBin" in text or re.search(r"(?m)^[ \t]*(?:before|after)[ \t]", text):
        return None
    return tuple(part for place, part in enumerate(found[0].split('"')) if place % 2 and part)


def _installed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Links in ~/.nimble/bin to the programs in the packages' own folders, under the names that the nimble file lists."""
    path = _project(invocation)
    names = _binaries(invocation.read(path)) if path is not None else None
    if arguments.positionals or names is None:
        return None
    return tuple(posixpath.join(_store(invocation, arguments)[0], "bin", posixpath.basename(name)) for name in names)


def _only_dependencies(arguments: Arguments) -> bool:
    return arguments.has("-d", "--depsOnly", "--depsonly")


def _needed(invocation: Invocation, arguments: Arguments) -> LanguageInstall:
    """What it links and opens is told by its sources: `nim` stands for what the standard library may open (nim-lang.org/docs/lib.html)."""
    path = _project(invocation)
    return LanguageInstall("nimble install", "nim", packages=("nim",), manifests=(path,) if path is not None else ())


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """The first word of each quoted requirement."""
    lines = (line for line in content.splitlines() if line.strip().startswith(("requires", "taskRequires")))
    quoted = (part for line in lines for place, part in enumerate(line.split('"')) if place % 2)
    return tuple(dict.fromkeys(word for part in quoted for word in part.split()[:1]))


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """A nimble file is a script: hooks and includes may read anything."""
    return None if re.search(r"(?m)^[ \t]*(?:include|import|before|after|srcDir|exec)\b", content) else ()


ECOSYSTEM = Ecosystem(
    name="nim",
    summary="Nim and nimble",
    images=("nimlang/nim",),
    manifests=(Manifest(("*.nimble",), ("*.nimble", "nimble.lock")),),
    sources=("*.nim", "*.nims", "*.nimf", "*.nimble", "nimble.lock", "nim.cfg", "*.nim.cfg", "nimcache/**", "nimbledeps/**", "*.c", "*.h"),
    compiled=True,
    source_endings=(".nim",),
    build_env=("CHOOSENIM_*", "NIMBLE_DIR"),
    development=("nim r", "nim run", "nimble run", "nimble test", "nimble", "nim", "testament"),
    packages_of=packages_of,
    local_references=local_references,
    toolchain=("nim", "nimble"),
    steps=(
        Step(
            "nim c|cc|cpp|objc|compile|compileToC|compileToCpp",
            Phase.BUILD,
            writes=_compiled,
            scratch=_generated,
            caches=_caches,
            install=_needed,
            tree=False,
            source=_NIM,
        ),
        Step("nim check|dump|--version|-v", Phase.CHECK, caches=_caches, source=_NIM),
        Step("nimble install", Phase.INSTALL, scratch=_store, tree=False, install=_needed, when=_only_dependencies, source=_NIMBLE),
        Step("nimble install", Phase.BUILD, writes=_installed, scratch=_store, caches=_caches, install=_needed, tree=False, source=_NIMBLE),
        Step("nimble build", Phase.BUILD, writes=_built, scratch=_store, caches=_caches, install=_needed, tree=False, source=_NIMBLE),
        Step(
            "nimble c|cc|cpp|compile",
            Phase.BUILD,
            writes=_compiled,
            scratch=_store,
            caches=_caches,
            install=_needed,
            tree=False,
            source=_NIMBLE,
        ),
        Step("nimble refresh|update|lock|sync|setup|develop", Phase.INSTALL, scratch=_store, tree=False, source=_NIMBLE),
        Step("nimble check|list|search|path|dump|tasks|--version", Phase.CHECK, source=_NIMBLE),
        Step("choosenim", Phase.FETCH, writes=here("~/.choosenim", "~/.nimble"), source="github.com/dom96/choosenim (README)"),
    ),
)
