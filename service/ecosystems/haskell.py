"""Haskell: cabal, stack and ghc. Programs carry their libraries; what they link beyond the C library is in needs.json."""

from __future__ import annotations

import posixpath
import re

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Lock, Manifest, Step
from service.ecosystems.rules import here, nearest, option, positionals
from service.image.effects import LanguageInstall, Phase
from service.image.model import BaseImage
from service.knowledge.references import older

_CABAL = "cabal.readthedocs.io (cabal commands, nix-style builds, configuration)"
_STACK = "docs.haskellstack.org/en/stable/commands"
_GHC = "downloads.haskell.org/ghc/latest/docs/users_guide"
_TOOLS = frozenset({"alex", "happy", "c2hs", "cpphs", "hsc2hs", "hpack", "hlint", "doctest", "hspec-discover", "cabal-install", "stack", "ghcid"})
"""Packages whose programs only serve building and testing (hackage.haskell.org, the packages' descriptions)."""
_CABAL_VALUED = frozenset(
    {"--installdir", "--install-method", "--builddir", "--project-file", "--package-env", "--flags", "--constraint", "--ghc-options"}
    | {"-w", "--with-compiler", "-f", "-c", "--prefix", "--bindir", "--lib", "--overwrite-policy", "--index-state", "--store-dir"}
)
_STACK_VALUED = frozenset(
    {"--stack-yaml", "--local-bin-path", "--resolver", "--snapshot", "--flag", "--ghc-options", "--stack-root", "--work-dir", "--compiler"}
    | {"--docker-image", "--dist-dir", "--setup-info-yaml", "-C"}
)
_ONLY_DEPENDENCIES = ("--only-dependencies", "--dependencies-only", "--only-snapshot", "--only-locals", "--dry-run")
_STORES = {"old": "~/.cabal", "xdg": "~/.local/state/cabal"}
_DISTRIBUTIONS = {**dict.fromkeys(("stretch", "buster", "bullseye", "bookworm", "focal", "jammy", "noble"), "old"), "trixie": "xdg"}
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,80}")


# --- the project


def _project(invocation: Invocation) -> str:
    """The folder of cabal.project or stack.yaml, else of the nearest package (cabal.readthedocs.io, cabal.project)."""
    root = nearest(invocation, "cabal.project", "stack.yaml")
    if root is not None:
        return root
    start = invocation.path(".")
    return start if invocation.find(posixpath.join(start, "*.cabal")) else nearest(invocation, "package.yaml") or start


def _packages(invocation: Invocation) -> tuple[str, ...] | None:
    """The package descriptions of a project, in its folder and those below it; None where not all files are known."""
    root = _project(invocation)
    found: list[str] = []
    for pattern in ("*.cabal", "package.yaml", "*/*.cabal", "*/package.yaml", "*/*/*.cabal", "*/*/package.yaml"):
        paths = invocation.find(posixpath.join(root, pattern))
        if paths is None:
            return None
        found += paths
    return tuple(found)


def _dependencies(invocation: Invocation, arguments: Arguments) -> LanguageInstall:
    """What the packages ask for; `*.cabal` stands for descriptions that were not sent."""
    root = _project(invocation)
    found = _packages(invocation) or (posixpath.join(root, "*.cabal"),)
    manifests = (*found, *(posixpath.join(root, name) for name in ("cabal.project.freeze",) if invocation.has(posixpath.join(root, name))))
    return LanguageInstall(" ".join(word or "" for word in invocation.words[:2]), "haskell", manifests=manifests)


# --- cabal


def _built(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """dist-newstyle in the project's folder, dist before cabal 3; `--builddir` names another (cabal.readthedocs.io, Where are my build products?)."""
    if arguments.has("--builddir"):
        return option("--builddir")(invocation, arguments)
    return tuple(posixpath.join(_project(invocation), name) for name in ("dist-newstyle", "dist"))


def _folders(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """The package index, the store, the logs and the settings, in cabal's own folder or, since 3.10, in those of the XDG specification."""
    own = invocation.env.get("CABAL_DIR") or "~/.cabal"
    parts = (posixpath.join(own, name) for name in ("packages", "store", "logs", "config"))
    return tuple(invocation.path(path) for path in (*parts, "~/.cache/cabal", "~/.local/state/cabal", "~/.config/cabal", "~/.ghc"))


def _store(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """The store alone may outlast a build: without the index nothing could be built, and cabal takes whichever home it finds, so that a mount in the
    wrong one would move everything else. A program that `install` only links lies in the store itself."""
    home = invocation.env.get("CABAL_DIR") or _STORES.get(_layout(invocation.base))
    installs = any((word or "").endswith("install") for word in invocation.words[1:3])
    linked = installs and not arguments.has(*_ONLY_DEPENDENCIES) and arguments.value("--install-method") != "copy"
    return () if home is None or linked else (invocation.path(posixpath.join(home, "store")),)


def _layout(base: BaseImage) -> str:
    """`old`: everything in ~/.cabal, as before cabal 3.10; `xdg`: in several folders; empty where the image's cabal may be either.

    GHC's image had cabal 3.6 and 3.8 beside GHC 9.2 and 9.4 before it had 3.10 (github.com/haskell/docker-haskell, CABAL_INSTALL); Debian has 3.4 in
    bookworm and a later one than 3.10 since, Ubuntu 3.4 in jammy and 3.8 in noble (packages.debian.org, packages.ubuntu.com: cabal-install).
    """
    if base.family == "haskell":
        # A tag without a minor version moves on.
        moving = base.version.partition(".")[0] in ("", "9") and "." not in base.version
        return "xdg" if moving else "old" if older(base.version, "9.2") else "" if older(base.version, "9.6") else "xdg"
    return _DISTRIBUTIONS.get(base.suite or "", "") if base.family in ("debian", "ubuntu", "buildpack-deps") else ""


def _programs(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The programs that installing the own packages leaves in `--installdir`; None where the folder or data files beside them are not known."""
    local = all(word is not None and (word.split(":")[0] in (".", "all", "exe") or "/" in word) for word in arguments.positionals)
    if None in arguments.positionals or not local or arguments.has("--lib", "--prefix"):
        return None
    folder = arguments.value("--installdir", "--bindir") if arguments.has("--installdir", "--bindir") else _bin(invocation)
    names = _executables(invocation)
    if folder is None or names is None:
        return None
    return tuple(posixpath.join(invocation.path(folder), name) for name in names) or (invocation.path(folder),)


def _bin(invocation: Invocation) -> str | None:
    """~/.cabal/bin before cabal 3.10, which takes ~/.local/bin where there is no ~/.cabal; None where cabal may be either."""
    if invocation.env.get("CABAL_DIR"):
        return posixpath.join(invocation.env["CABAL_DIR"], "bin")
    return {"old": "~/.cabal/bin", "xdg": "~/.local/bin"}.get(_layout(invocation.base))


def _executables(invocation: Invocation) -> tuple[str, ...] | None:
    """Names of the packages' `executable` sections; empty where they are written in package.yaml; None where one has data files, which an
    installed program looks for in the store, or where they are not all known."""
    paths = _packages(invocation)
    texts = [invocation.read(path) for path in paths or ()]
    if not texts or any(text is None or re.search(r"(?im)^[ \t]*data-(?:files|dir)[ \t]*:", text) for text in texts):
        return None
    if any(posixpath.basename(path) == "package.yaml" for path in paths or ()):
        return ()
    lines = (line.split() for text in texts for line in (text or "").splitlines())
    return tuple(dict.fromkeys(words[1] for words in lines if len(words) > 1 and words[0].lower() == "executable"))


def _tools(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The programs of build tools, in either folder that cabal may take, or stack's."""
    folders = (arguments.value("--installdir", "--local-bin-path") or "~/.cabal/bin", "~/.local/bin")
    names = [(word or "").rpartition("-")[0] if (word or "").rpartition("-")[2][:1].isdigit() else word or "" for word in arguments.positionals]
    return tuple(invocation.path(posixpath.join(folder, name)) for folder in folders for name in names)


def _tools_only(arguments: Arguments) -> bool:
    words = [word.rpartition("-")[0] if word and word.rpartition("-")[2].replace(".", "").isdigit() else word for word in arguments.positionals]
    return bool(words) and all(word in _TOOLS for word in words)


def _no_programs(arguments: Arguments) -> bool:
    return arguments.has(*_ONLY_DEPENDENCIES)


# --- stack


def _root(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    return (invocation.path(arguments.value("--stack-root") or invocation.env.get("STACK_ROOT") or "~/.stack"),)


def _worked(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return (posixpath.join(_project(invocation), arguments.value("--work-dir") or ".stack-work"),)


def _copied(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`stack install` and `--copy-bins` put programs into `--local-bin-path`, else ~/.local/bin; data files stay where they were built."""
    installing = "install" in invocation.words or arguments.has("--copy-bins")
    if not installing:
        return ()
    names = _executables(invocation)
    folder = arguments.value("--local-bin-path") if arguments.has("--local-bin-path") else "~/.local/bin"
    foreign = any(word is None or not word.startswith((".", ":")) and ":" not in word for word in arguments.positionals)
    if names is None or folder is None or foreign:
        return None
    return tuple(posixpath.join(invocation.path(folder), name) for name in names) or (invocation.path(folder),)


# --- ghc


def _compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-o`, else the last source's name without its ending. A program of shared Haskell libraries needs GHC's own folder."""
    if arguments.has("-dynamic") or None in arguments.positionals:
        return None
    if arguments.has("-o"):
        return option("-o")(invocation, arguments)
    sources = [word for word in arguments.positionals if word and word.endswith((".hs", ".lhs"))]
    return (invocation.path(sources[-1].rpartition(".")[0]),) if sources else (invocation.path("."),)


def _objects(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Interfaces and objects beside the sources, or where options put them (users guide, Filenames and separate compilation)."""
    named = arguments.values("-outputdir", "-odir", "-hidir", "-stubdir")
    return None if None in named else (*(invocation.path(name) for name in named if name), invocation.path("."))


# --- reading manifests


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """Packages of a description's `build-depends`, of package.yaml's lists, or of cabal.project.freeze; `base` is among them."""
    if name == "cabal.project.freeze":
        return tuple(dict.fromkeys(_WORD.findall(content.replace("any.", " ").replace("==", " =="))))
    found = ["base"]
    if name == "package.yaml":
        found += [words[1] for words in (line.split() for line in content.splitlines()) if len(words) > 1 and words[0] == "-"]
        return tuple(dict.fromkeys(found))
    inside = False
    for line in content.splitlines():
        field, colon, rest = line.partition(":")
        if colon and field.strip().lower() == "build-depends":
            inside, line = True, rest
        elif colon and _WORD.fullmatch(field.strip()) or not line.strip():
            inside = False
        if inside:
            found += [word.group() for part in line.split(",") if (word := _WORD.match(part.strip()))]
    return tuple(dict.fromkeys(found))


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """cabal.project and stack.yaml name folders whose descriptions installing reads: the install finds those itself; custom set-ups run code."""
    return None if re.search(r"(?im)^[ \t]*build-type[ \t]*:[ \t]*(?:Custom|Configure|Make)", content) else ()


ECOSYSTEM = Ecosystem(
    name="haskell",
    summary="cabal, stack and GHC",
    images=("haskell", "fpco/stack-build"),
    manifests=(
        Manifest(("*.cabal",), ("*.cabal", "package.yaml", "cabal.project", "cabal.project.*", "stack.yaml", "stack.yaml.lock")),
    ),
    sources=(
        *("*.hs", "*.lhs", "*.hsc", "*.chs", "*.hs-boot", "*.x", "*.y", "*.cabal", "package.yaml", "stack.yaml", "stack.yaml.lock"),
        *("cabal.project", "cabal.project.*", "dist-newstyle/**", ".stack-work/**", "*.c", "*.h", "hie.yaml", ".hlint.yaml", ".ghci"),
    ),
    compiled=True,
    source_endings=(".hs", ".lhs"),
    build_env=("STACK_*", "CABAL_*", "GHC_*"),
    development=(
        *("stack exec", "stack run", "stack runghc", "stack ghci", "stack repl", "stack test", "stack script", "stack build"),
        *("cabal run", "cabal repl", "cabal exec", "cabal new-run", "cabal v2-run", "cabal test", "runghc", "runhaskell", "ghci", "ghcid", "ghc"),
    ),
    packages_of=packages_of,
    local_references=local_references,
    lock=Lock("cabal.project.freeze", presumed=("base",)),
    toolchain=("ghc", "ghc-*", "cabal-install", "cabal-install-*", "haskell-stack", "haskell-platform", "libghc-*"),
    steps=(
        Step("cabal update|v1-update|v2-update|new-update", Phase.INSTALL, scratch=_folders, tree=False, valued=_CABAL_VALUED, source=_CABAL),
        Step(
            "cabal build|new-build|v2-build|install|new-install|v2-install",
            Phase.INSTALL,
            scratch=_built,
            caches=_folders,
            mountable=_store,
            valued=_CABAL_VALUED,
            install=_dependencies,
            when=_no_programs,
            source=_CABAL,
        ),
        Step(
            "cabal build|new-build|v2-build|configure|new-configure|v2-configure|haddock|test|new-test|v2-test|bench|check",
            Phase.BUILD,
            scratch=_built,
            caches=_folders,
            mountable=_store,
            valued=_CABAL_VALUED,
            install=_dependencies,
            source=_CABAL,
        ),
        Step(
            "cabal install|new-install|v2-install",
            Phase.BUILD,
            scratch=_tools,
            caches=_folders,
            mountable=_store,
            tree=False,
            valued=_CABAL_VALUED,
            when=_tools_only,
            source=_CABAL,
        ),
        Step(
            "cabal install|new-install|v2-install",
            Phase.BUILD,
            writes=_programs,
            scratch=_built,
            caches=_folders,
            mountable=_store,
            valued=_CABAL_VALUED,
            install=_dependencies,
            source=_CABAL,
        ),
        Step("cabal list-bin|list|info|path|version", Phase.CHECK, caches=_folders, valued=_CABAL_VALUED, source=_CABAL),
        Step("cabal freeze|gen-bounds|get|unpack|init|user-config", Phase.BUILD, scratch=here("."), valued=_CABAL_VALUED, source=_CABAL),
        Step("stack setup|update", Phase.INSTALL, scratch=_root, tree=False, valued=_STACK_VALUED, source=_STACK),
        Step(
            "stack build|install",
            Phase.INSTALL,
            scratch=_worked,
            caches=_root,
            valued=_STACK_VALUED,
            install=_dependencies,
            when=_no_programs,
            source=_STACK,
        ),
        Step("stack install|build", Phase.BUILD, scratch=_tools, caches=_root, tree=False, valued=_STACK_VALUED, when=_tools_only, source=_STACK),
        Step(
            "stack build|install|test|haddock",
            Phase.BUILD,
            writes=_copied,
            scratch=_worked,
            caches=_root,
            valued=_STACK_VALUED,
            install=_dependencies,
            source=_STACK,
        ),
        Step("stack path|ls|query|list|config|--version", Phase.CHECK, caches=_root, valued=_STACK_VALUED, source=_STACK),
        Step("stack clean|purge", Phase.CLEAN, deletes=_worked, valued=_STACK_VALUED, source=_STACK),
        Step(
            "ghc",
            Phase.BUILD,
            writes=_compiled,
            scratch=_objects,
            tree=False,
            valued=frozenset({"-o", "-outputdir", "-odir", "-hidir", "-stubdir", "-package", "-package-db", "-main-is", "-x"}),
            install=lambda invocation, arguments: LanguageInstall("ghc", "haskell", packages=("base",)),
            source=_GHC,
        ),
        Step("ghc-pkg list|latest|describe|check|recache", Phase.CHECK, source=_GHC),
        Step("alex|happy|hsc2hs|c2hs|cpphs|hpack", Phase.BUILD, scratch=here("."), writes=positionals(0, 0), source="hackage.haskell.org"),
    ),
)
