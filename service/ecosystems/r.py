"""R: install.packages and what stands on it, littler's scripts, renv, R CMD INSTALL."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import replace

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rcode import Installing, installing
from service.ecosystems.rules import here, unknown
from service.image.effects import LanguageInstall, Phase

_R = "cran.r-project.org/doc/manuals/R-admin.html#Installing-packages; ?install.packages, ?.libPaths"
_LITTLER = "github.com/eddelbuettel/littler inst/examples; rocker-org/rocker-versioned2 scripts/bin/install2.r"
_SITE = "/usr/local/lib/R/site-library"
_VALUED = frozenset({"-e", "-f", "--file", "--encoding", "-d", "--debugger", "--args", "-g", "--gui", "--max-ppsize", "--default-packages"})
_INSTALL2 = frozenset(
    {"-n", "--ncpus", "-r", "--repos", "-l", "--libloc", "-d", "--deps", "-t", "--type", "-m", "--method", "-u", "--update", "-a", "--auth_token"}
)
_CMD_INSTALL = frozenset({"-l", "--library", "--configure-args", "--configure-vars"})


def _texts(arguments: Arguments) -> tuple[str | None, ...]:
    return arguments.values("-e")


def _spoken(arguments: Arguments) -> Installing | None:
    """What the texts of a command line install: several `-e` are one program, a line each."""
    texts = [text for text in _texts(arguments) if text is not None]
    return installing("\n".join(texts)) if texts and len(texts) == len(_texts(arguments)) else None


def _script(invocation: Invocation, arguments: Arguments) -> Installing | None:
    """What a script of the context installs."""
    file = _file(arguments)
    content = invocation.read(invocation.path(file)) if file else None
    return installing(content) if content is not None else None


def _file(arguments: Arguments) -> str | None:
    named = arguments.value("-f", "--file")
    return named or next((word for word in arguments.positionals if word and word.lower().endswith((".r", ".rscript"))), None)


def _installs_by_text(arguments: Arguments) -> bool:
    found = _spoken(arguments)
    return found is not None and found.installs


def _only_looks(arguments: Arguments) -> bool:
    found = _spoken(arguments)
    return found is not None and not found.installs


def _names_script(arguments: Arguments) -> bool:
    return not _texts(arguments) and _file(arguments) is not None


def _library(invocation: Invocation) -> tuple[str, ...] | None:
    """The first folder of .libPaths() that may be written to: R_LIBS, R_LIBS_USER, then the image's site library. Debian's and rocker's
    is the same; who is not root has a library of his own only where he made it."""
    named = [name for name in (invocation.env.get("R_LIBS"), invocation.env.get("R_LIBS_USER"), invocation.env.get("R_LIBS_SITE")) if name]
    if named:
        return tuple(dict.fromkeys(invocation.path(name.split(":")[0]) for name in named[:1])) + (_SITE,)
    if invocation.base.libc == "musl":
        return ("/usr/lib/R/library",)
    return (_SITE,) if invocation.home == "/root" and invocation.base.libc == "glibc" else None


def _written(found: Installing | None, invocation: Invocation) -> tuple[str, ...] | None:
    """renv's library is full of links into its cache, which is then no cache: both are kept (rstudio.github.io/renv, Package installation)."""
    if found is None:
        return None
    if found.library is not None:
        return (invocation.path(found.library),)
    site = _library(invocation)
    if site is None or not found.project:
        return site
    project = invocation.env.get("RENV_PATHS_LIBRARY") or "renv"
    store = invocation.env.get("RENV_PATHS_CACHE") or invocation.env.get("RENV_PATHS_ROOT") or "~/.cache/R/renv"
    return (invocation.path(project), invocation.path(store), *site)


def _by_text(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return _written(_spoken(arguments), invocation)


def _by_script(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    found = _script(invocation, arguments)
    return () if found is not None and not found.installs else _written(found, invocation)


def _caches(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """pak keeps its downloads (pak.r-lib.org/reference/pak-config.html); install.packages has a temporary folder of its own session."""
    found = _spoken(arguments) or _script(invocation, arguments)
    cached = found is not None and found.cached
    return here((invocation.env.get("R_USER_CACHE_DIR") or "~/.cache/R") + "/pkgcache")(invocation, arguments) if cached else ()


def _install(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    found = _spoken(arguments)
    script = None if found is not None else _file(arguments)
    found = found or _script(invocation, arguments)
    if found is None or not found.installs:
        return None
    manifests = (invocation.path(script),) if script else ()
    if found.project:
        manifests = (*manifests, invocation.path("renv.lock"))
    if found.description:
        manifests = (*manifests, invocation.path("DESCRIPTION"))
    return LanguageInstall("install.packages", "r", _known(found.packages), manifests, (_written(found, invocation) or ("",))[0])


def _known(packages: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in packages if name and name != "." and not name.startswith("-"))


def _littler(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    folder = arguments.value("-l", "--libloc")
    return (invocation.path(folder),) if folder else _library(invocation)


def _littler_install(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    names = tuple("?" if word is None else word.rpartition("/")[2].partition("@")[0] for word in arguments.positionals)
    return LanguageInstall("install2.r", "r", _known(names), (), (_littler(invocation, arguments) or ("",))[0])


def _sources(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`R CMD INSTALL pkg`: the library, and what is compiled beside the sources of a folder."""
    folder = arguments.value("-l", "--library")
    place = (invocation.path(folder),) if folder else _library(invocation)
    words = arguments.positionals
    if place is None:
        return None
    folders = tuple(invocation.path(word) for word in words if word and not word.endswith((".tar.gz", ".tgz", ".zip")))
    return (*place, *(path for path in folders if path != "/"))


def _sources_install(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """A source package of the project, by its DESCRIPTION; it needs its dependencies installed before."""
    files = tuple(invocation.path(posixpath.join(word, "DESCRIPTION")) for word in arguments.positionals if word and not word.endswith(".gz"))
    return LanguageInstall("R CMD INSTALL", "r", (), files, (_sources(invocation, arguments) or ("",))[0])


# --- manifests

_FIELD = re.compile(r"^(?:Depends|Imports|LinkingTo):[ \t]{0,9}((?:[^\n]{0,1000}\n[ \t]){0,300}[^\n]{0,1000})", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.]{1,60}")


def local_references(name: str, content: str) -> tuple[str, ...] | None:
    """A script that only installs needs nothing beside it; renv starts by .Rprofile and renv/activate.R."""
    found = installing(content) if name.lower().endswith(".r") else None
    return () if found is not None and not found.project and not found.description and "?" not in found.packages else None


def packages_of(name: str, content: str) -> tuple[str, ...] | None:
    """The packages of renv.lock, of DESCRIPTION, or of a script that only installs; None where it cannot be read."""
    if name == "renv.lock":
        try:
            data = json.loads(content)
        except (ValueError, RecursionError):
            return None
        rows = data.get("Packages") if isinstance(data, dict) else None
        return tuple(rows) if isinstance(rows, dict) else None
    if name == "DESCRIPTION":
        parts = (part.partition("(")[0].strip() for field in _FIELD.findall(content) for part in field.split(","))
        return tuple(dict.fromkeys(part for part in parts if _NAME.fullmatch(part) and part != "R"))
    found = installing(content) if name.lower().endswith(".r") else None
    return _known(found.packages) if found is not None else None


def _row(command: str) -> Step:
    return Step(
        command, Phase.INSTALL, _by_text, caches=_caches, valued=_VALUED, install=_install, when=_installs_by_text, source=f"{_R}; ?Rscript"
    )


_PROGRAMS = "Rscript|R|r"
_INSTALLERS = "install2.r|install.r|installGithub.r|installBioc.r|installDeps.r|installRub.r|install_github.r"

ECOSYSTEM = Ecosystem(
    name="r",
    summary="R packages: install.packages, remotes, pak, renv, littler",
    images=(
        *("r-base", "rocker/r-base", "rocker/r-ver", "rocker/shiny", "rocker/shiny-verse", "rocker/tidyverse", "rocker/verse", "rocker/rstudio"),
        "openanalytics/r-base",
    ),
    manifests=(
        Manifest(("renv.lock",), ("renv.lock",), runtime=True),
        Manifest(("DESCRIPTION",), ("DESCRIPTION", "NAMESPACE"), runtime=True),
    ),
    interpreters=("R", "Rscript", "r", "lr", "littler", "shiny-server"),
    development=("rserver", "rstudio-server", "rstudio", "radian", "R CMD check", "code-server"),
    build_env=("MAKEFLAGS", "R_REMOTES_*", "GITHUB_PAT", "RENV_CONFIG_*"),
    toolchain=("r-base-dev", "r-base", "r-base-core", "r-recommended", "littler"),
    steps=(
        _row(_PROGRAMS),
        replace(
            _row(_PROGRAMS), writes=_by_script, when=_names_script, source=f"{_R}; ?Rscript: a script of the context that only installs is read"
        ),
        Step(_PROGRAMS, Phase.CHECK, valued=_VALUED, when=_only_looks, source="?library, ?options: nothing is written"),
        # Whatever else a text does, it may install: it is never taken for a program of the project that could run again.
        Step(_PROGRAMS, Phase.BUILD, unknown, valued=_VALUED, when=lambda arguments: bool(_texts(arguments)), source="?Rscript"),
        Step("R|Rscript|r --version|--help", Phase.CHECK, source="?Startup"),
        Step("R CMD INSTALL", Phase.INSTALL, _sources, valued=_CMD_INSTALL, install=_sources_install, source=f"{_R}; R CMD INSTALL --help"),
        Step("R CMD build", Phase.BUILD, here("."), valued=frozenset({"--md5", "--compression"}), source="R CMD build --help"),
        Step("R CMD check", Phase.CHECK, valued=frozenset({"-o", "--output", "-l", "--library"}), source="R CMD check --help"),
        Step("R CMD config", Phase.CHECK, source="R CMD config --help"),
        Step("R CMD REMOVE", Phase.INSTALL, _sources, valued=_CMD_INSTALL, source="R CMD REMOVE --help"),
        Step(_INSTALLERS, Phase.INSTALL, _littler, valued=_INSTALL2, install=_littler_install, source=_LITTLER),
        Step("update.r", Phase.INSTALL, _littler, valued=_INSTALL2, source=_LITTLER),
    ),
    local_references=local_references,
    packages_of=packages_of,
    source_endings=(".R", ".r", ".Rmd"),
    compiles_packages=True,
)
