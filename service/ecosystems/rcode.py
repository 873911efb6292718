"""What an R program installs, where it is nothing but calls that install and look (`Rscript -e 'install.packages("shiny")'`, install.R)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MOST = 100_000
_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\f]+|\#[^\n]*)
  | (?P<end>[\n;])
  | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<name>[A-Za-z.][A-Za-z0-9._]*(?::::?[A-Za-z.][A-Za-z0-9._]*)?)
  | (?P<number>[0-9][0-9A-Za-z.]*)
  | (?P<sign><-|<<-|->|->>|\|>|%[^%\n]{0,9}%|.)
    """,
    re.VERBOSE | re.DOTALL,
)
INSTALLING = frozenset(
    {
        *("install.packages", "update.packages", "install_github", "install_gitlab", "install_bitbucket", "install_git", "install_url"),
        *("install_version", "install_cran", "install_bioc", "install_local", "install_deps", "install_dev_deps", "install_svn", "install_dev"),
        *("pkg_install", "pak", "local_install", "local_install_deps", "p_load", "p_install", "biocLite", "BiocManager::install", "remotes::install"),
        *("renv::restore", "renv::install", "packrat::restore", "devtools::install", "pak::pak", "install2"),
    }
)
"""utils, remotes, devtools, pak, pacman, BiocManager, renv and packrat, by their reference manuals (cran.r-project.org/web/packages)."""
_LOOKING = frozenset(
    {
        *("library", "require", "requireNamespace", "loadNamespace", "suppressPackageStartupMessages", "suppressWarnings", "suppressMessages"),
        *("options", "setRepositories", "cat", "print", "message", "q", "quit", "stopifnot", "Sys.setenv", "set.seed", "sessionInfo", "invisible"),
        *("chooseCRANmirror", "packageVersion", "renv::consent", "Sys.time", "stop", "warning", "nzchar", "date", "R.Version", "is.element"),
        *("repo_add", "pak::repo_add", "pkg_cache_clean", "cache_clean", "cleanup", "Sys.setlocale", "is.installed"),
    }
)
_PURE = frozenset(
    {
        *("c", "list", "paste", "paste0", "Sys.getenv", "readLines", "parallel::detectCores", "detectCores", "getOption", "installed.packages"),
        *("rownames", "setdiff", "trimws", "strsplit", "unlist", "repositories", "file.path", "commandArgs", "as.character", "as.integer"),
        *("as.numeric", "tempdir", "max", "min", "sprintf", "file.exists", "length", "is.null", "nchar", "any", "all", "unique", "rev", "sort"),
        *("exists", "identical", "getRversion", "R.home", "normalizePath", "basename", "dirname", "grepl", "sub", "gsub", "names", "seq_along"),
        *("is.na", "url", "getwd", "character", "nrow", "which", "find.package", "colnames"),
        *("old.packages", "available.packages", "contrib.url", "rspm", "try", "isTRUE", "isFALSE", "interactive"),
    }
)
"""Functions of base and utils that write nothing: what the calls' arguments are made of."""
_CONTROL = frozenset({"if", "for", "while"})
_BIOCONDUCTOR = re.compile(r"https?://(?:www\.)?bioconductor\.org/(?:biocLite|install|getBioC)\.R")
_PROJECT = frozenset({"renv::restore", "renv::install", "packrat::restore"})
_BY_DESCRIPTION = frozenset({"install_deps", "install_dev_deps", "local_install_deps", "install_local", "local_install", "devtools::install"})
_EVERY = "?"


@dataclass(frozen=True, slots=True)
class Installing:
    """`packages` are the names that are asked for, with `?` for those that only running tells. `library` is a folder that a call names, None where
    none does. `project` says that an environment of renv or packrat is filled, `description` that DESCRIPTION says what, `cached` that pak ran."""

    packages: tuple[str, ...]
    library: str | None = None
    project: bool = False
    description: bool = False
    cached: bool = False
    installs: bool = True


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: str


def installing(text: str) -> Installing | None:
    """None where the program may do anything else than install packages and look at them; `installs` is False where it only looks."""
    tokens = _tokens(text)
    if not tokens:
        return None
    calls = [(place, _plain(token.value)) for place, token in enumerate(tokens) if token.kind == "name" and _opens(tokens, place + 1)]
    handed = {token.value for place, token in enumerate(tokens) if token.kind == "name" and not _opens(tokens, place + 1)}
    if not all(_known(name, tokens, place) for place, name in calls) or any(_plain(name) in INSTALLING for name in handed):
        return None
    wanted = [(place, name) for place, name in calls if name in INSTALLING]
    if not calls or _wide(tokens, [place for place, _ in wanted]):
        return None
    libraries = {found for place, _ in wanted for found in _library(tokens, place)}
    if len(libraries) > 1 or _EVERY in libraries:
        return None
    names = {name for _, name in wanted}
    packages = tuple(dict.fromkeys(package for place, name in wanted if name not in _PROJECT for package in _packages(tokens, place)))
    return Installing(
        packages,
        next(iter(libraries), None),
        bool(names & _PROJECT),
        bool(names & _BY_DESCRIPTION),
        any(name.startswith(("pak", "pkg_install", "local_install")) for name in names),
        bool(wanted),
    )


def _tokens(text: str) -> list[_Token] | None:
    """The program's words without blanks and comments; None where a text does not end, or it is too long to be read."""
    found: list[_Token] = []
    place = 0
    if len(text) > _MOST:
        return None
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            return None
        kind, value = match.lastgroup or "", match.group()
        if kind == "sign" and value in "\"'`\\":
            return None
        if kind != "space":
            found.append(_Token(kind, value[1:-1] if kind == "text" else value))
        place = match.end()
    return found


def _wide(tokens: list[_Token], places: list[int]) -> bool:
    """Whether calls of calls of calls would take too long to be looked through one by one."""
    opened: list[int] = []
    closed: dict[int, int] = {}
    for place, token in enumerate(tokens):
        if token.kind == "sign" and token.value in "([{":
            opened.append(place)
        elif token.kind == "sign" and token.value in ")]}" and opened:
            closed[opened.pop()] = place
    return sum(closed.get(place + 1, len(tokens)) - place for place in places) > _MOST


def _plain(name: str) -> str:
    """A call's name as the tables have it: with its package where the name alone would say too little."""
    full = name.replace(":::", "::")
    short = full.rpartition("::")[2]
    return full if full in INSTALLING | _LOOKING | _PURE else short if short not in ("install", "restore", "source") else full


def _opens(tokens: list[_Token], place: int) -> bool:
    return place < len(tokens) and tokens[place].value == "(" and tokens[place].kind == "sign"


def _known(name: str, tokens: list[_Token], place: int) -> bool:
    if name == "source":
        # Bioconductor's old way in only defines biocLite.
        argument = tokens[place + 2] if place + 2 < len(tokens) else None
        return argument is not None and argument.kind == "text" and _BIOCONDUCTOR.fullmatch(argument.value) is not None
    if name == "install":
        # devtools and BiocManager both have it; alone it comes from whichever was loaded.
        return any(token.value in ("devtools", "remotes", "BiocManager") for token in tokens)
    return name in INSTALLING or name in _LOOKING or name in _PURE or name in _CONTROL


def _arguments(tokens: list[_Token], place: int) -> Iterator[list[_Token]]:
    """The arguments of the call whose name stands at `place`."""
    depth = 0
    argument: list[_Token] = []
    for token in (tokens[index] for index in range(place + 1, len(tokens))):
        if token.kind == "sign" and token.value in "([{":
            depth += 1
            if depth == 1:
                continue
        elif token.kind == "sign" and token.value in ")]}":
            depth -= 1
            if not depth:
                yield argument
                return
        if depth == 1 and token.value == "," and token.kind == "sign":
            yield argument
            argument = []
        elif token.kind != "end":
            argument.append(token)


def _library(tokens: list[_Token], place: int) -> Iterator[str]:
    """`lib = "/usr/lib/R/library"` of a call; `?` where the folder is computed."""
    for argument in _arguments(tokens, place):
        if len(argument) > 2 and argument[0].value in ("lib", "library") and argument[1].value == "=":
            yield argument[2].value if len(argument) == 3 and argument[2].kind == "text" else _EVERY


def _packages(tokens: list[_Token], place: int) -> Iterator[str]:
    """The packages of a call's first argument: texts, in a vector or alone; `?` for what is computed."""
    first = next((argument for argument in _arguments(tokens, place) if argument and not _named(argument)), [])
    if first[1:2] and first[1].value == "=":
        first = first[2:]
    for token in first:
        if token.kind == "text":
            yield _package(token.value)
        elif token.kind == "name" and token.value not in ("c", "list"):
            yield _EVERY


def _named(argument: list[_Token]) -> bool:
    return len(argument) > 1 and argument[1].value == "=" and argument[0].value not in ("pkgs", "pkg", "repo", "package", "packages", "url")


def _package(text: str) -> str:
    """`rstudio/shiny@v1.7` and `https://.../mvtnorm_1.0-8.tar.gz` by their packages' names."""
    last = text.rstrip("/").rpartition("/")[2].partition("@")[0].partition("#")[0].rpartition("::")[2].removesuffix(".git")
    return last.partition("_")[0] if last.endswith((".tar.gz", ".tgz", ".zip")) else last
