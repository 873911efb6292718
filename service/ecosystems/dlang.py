"""D: dub and the compilers dmd, ldc2 and gdc."""

from __future__ import annotations

import json
import posixpath
import re

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import nearest, option
from service.image.effects import LanguageInstall, Phase

_DUB = "dub.pm (dub build, Package recipe: targetName, targetPath, targetType)"
_D = "dlang.org/dmd-linux.html, ldc2(1), gdc(1)"
_VALUED = frozenset(
    {"-b", "--build", "-c", "--config", "--compiler", "-a", "--arch", "-d", "--debug", "--root", "--override-config", "--build-mode"}
)
_RECIPES = ("dub.json", "dub.sdl", "package.json")
_PLAIN = re.compile(
    r"""(?m)^(name|targetName|targetPath|targetType|configuration|dependency|postBuildCommands|preBuildCommands)"""
    r"""[ \t]+"([^"\n]{0,200})\""""
)


def _folder(invocation: Invocation, arguments: Arguments) -> str:
    root = arguments.value("--root")
    return invocation.path(root) if root else nearest(invocation, *_RECIPES[:2]) or invocation.path(".")


def _built(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`targetName`, else `name`, in `targetPath`; the folder where the recipe was not sent, or gives each configuration its own."""
    folder = _folder(invocation, arguments)
    recipe = _recipe(invocation, folder)
    if recipe is None or arguments.positionals:
        return (folder,)
    name, path, kind = recipe.get("targetName") or recipe.get("name"), recipe.get("targetPath") or ".", recipe.get("targetType")
    if not name or kind not in (None, "", "autodetect", "executable") or "configurations" in recipe or "postBuildCommands" in recipe:
        return (folder,)
    return (posixpath.normpath(posixpath.join(folder, path, name)),)


def _recipe(invocation: Invocation, folder: str) -> dict[str, str] | None:
    """The strings of dub.json's top level or of dub.sdl; the names of other values with an empty one."""
    text = invocation.read(posixpath.join(folder, "dub.json"))
    if text is not None:
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return {key: value if isinstance(value, str) else "" for key, value in data.items()} if isinstance(data, dict) else None
    text = invocation.read(posixpath.join(folder, "dub.sdl"))
    if text is None:
        return None
    found = dict(_PLAIN.findall(text))
    return {("configurations" if key == "configuration" else key): value for key, value in found.items()}


def _scratch(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """.dub, and dub.selections.json where there are dependencies to choose versions of and no file yet says which."""
    folder = _folder(invocation, arguments)
    lock, recipe = posixpath.join(folder, "dub.selections.json"), _recipe(invocation, folder)
    chosen = invocation.has(lock) is False and (recipe is None or "dependencies" in recipe or "dependency" in recipe)
    return (posixpath.join(folder, ".dub"), *((lock,) if chosen else ()))


def _store(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    return (invocation.path(invocation.env.get("DUB_HOME") or "~/.dub"),)


def _compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-of=FILE`, `-ofFILE`, `-o FILE` (gdc), below `-od`; else the first source's name in the working directory, a.out for gdc."""
    words = [word for word in invocation.words[1:] if word is not None]
    if None in invocation.words or "-lib" in words or any(word.startswith(("-shared", "--shared", "-run", "--run", "@")) for word in words):
        return None
    for word in words:
        flag = word.removeprefix("-")
        if flag.startswith("-of") and len(flag) > 3:
            return (invocation.path(flag[3:].lstrip("=")),)
        if word.startswith("-of") and len(word) > 3:
            return (invocation.path(word[3:].lstrip("=")),)
    if arguments.has("-o"):
        return option("-o")(invocation, arguments)
    sources = [posixpath.basename(word) for word in words if word.endswith(".d")]
    if (invocation.words[0] or "").rsplit("/", 1)[-1].startswith("gdc"):
        return (invocation.path("a.out"),)
    return (invocation.path(sources[0].removesuffix(".d")),) if sources else (invocation.path("."),)


def _objects(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The object beside a program, which dmd and ldc2 leave and gdc does not."""
    compiler = (invocation.words[0] or "").rsplit("/", 1)[-1]
    return () if compiler.startswith("gd") else tuple(path + ".o" for path in _compiled(invocation, arguments) or ())


def _needed(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    folder = _folder(invocation, arguments)
    names = [name for name in _RECIPES[:2] if invocation.has(posixpath.join(folder, name)) is not False]
    return LanguageInstall("dub build", "d", manifests=tuple(posixpath.join(folder, name) for name in (*names[:1], "dub.selections.json")))


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """The packages that dub.selections.json chose, or that the recipe asks for, and `lib:NAME` for each library that it links."""
    if name == "dub.sdl":
        found = re.findall(r"""(?m)^[ \t]*dependency[ \t]+"([\w:+-]{1,100})\"""", content)
        lines = re.findall(r"""(?m)^[ \t]*libs[ \t]+([^\n]{1,300})$""", content)
        return (*found, *(f"lib:{word.strip(chr(34))}" for line in lines for word in line.split() if word.startswith('"')))
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    chosen = data.get("versions" if name == "dub.selections.json" else "dependencies")
    libraries = data.get("libs")
    named = [f"lib:{word}" for word in libraries if isinstance(word, str)] if isinstance(libraries, list) else []
    return (*(str(key) for key in (chosen if isinstance(chosen, dict) else {})), *named)


ECOSYSTEM = Ecosystem(
    name="d",
    summary="D: dub, dmd, ldc2 and gdc",
    images=("dlang2/dmd-ubuntu", "dlang2/ldc-ubuntu", "dlang2/gdc-ubuntu", "dlanguage/dmd", "dlanguage/ldc"),
    manifests=(Manifest(("dub.json", "dub.sdl"), ("dub.json", "dub.sdl", "dub.selections.json")),),
    sources=("*.d", "*.di", "*.dt", "dub.json", "dub.sdl", "dub.selections.json", ".dub/**", "*.c", "*.h"),
    compiled=True,
    source_endings=(".d",),
    build_env=("DFLAGS", "DC", "DMD", "LDC", "DUB_*"),
    development=("dub run", "dub test", "dub", "rdmd", "dmd", "ldc2", "ldmd2"),
    packages_of=packages_of,
    toolchain=("dub", "ldc", "gdc", "gdc-*", "dmd", "dmd-*"),
    steps=(
        Step(
            "dub build|generate",
            Phase.BUILD,
            writes=_built,
            scratch=_scratch,
            caches=_store,
            valued=_VALUED,
            install=_needed,
            source=_DUB,
        ),
        Step("dub fetch|upgrade|add|remove|add-path|add-local", Phase.INSTALL, scratch=_scratch, caches=_store, valued=_VALUED, source=_DUB),
        Step("dub test|lint", Phase.BUILD, scratch=_scratch, caches=_store, valued=_VALUED, source=_DUB),
        Step("dub list|describe|search|--version", Phase.CHECK, caches=_store, valued=_VALUED, source=_DUB),
        Step("dub clean", Phase.CLEAN, valued=_VALUED, source=_DUB),
        Step(
            "dmd|ldc2|ldmd2|gdc|gdmd",
            Phase.BUILD,
            writes=_compiled,
            scratch=_objects,
            tree=False,
            valued=frozenset({"-o", "-I", "-L", "-J"}),
            source=_D,
        ),
    ),
)
