"""Commands that make a toolchain ready for those behind them: scripts that are sourced, `eval $(opam env)`, installers fed to a shell."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import islice

from service.ecosystems import Invocation
from service.ecosystems.installers import Archive, archive
from service.image.effects import Act, Kind, Phase, Write
from service.image.history import below
from service.image.installers import LOADERS, RECENT
from service.image.words import machine_pattern
from service.shell.environments import RUNNERS
from service.shell.model import Command, Word

Words = tuple[str | None, ...]
_HANDLING = LOADERS | {"tar", "unzip", "mv", "cp", "ln", "rm"}
_RENAMING = frozenset({"mv", "cp", "ln"})
_PRINTED = frozenset(
    {"opam env", "opam config env", "opam env --shell=sh", "opam config env --shell=sh", "ssh-agent -s", "ssh-agent"}
    | {f"{name} shell.{shell} hook" for name in ("conda", "/opt/conda/bin/conda") for shell in ("bash", "posix", "sh")}
    | {f"micromamba shell hook{option}" for option in ("", " --shell bash", " -s bash", " --shell=bash", " --shell posix", " -s posix")}
)
"""Commands that print variables for the shell: opam's put a switch on the search paths (opam-env(1), ssh-agent(1))."""
_ARCHIVED = (".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar", ".zip")
_SOURCED: Mapping[str, tuple[str, str]] = {
    "/bin/activate": ("python", "../bin"),
    "/.cargo/env": ("rust", "bin"),
    "/.ghcup/env": ("haskell", "bin"),
    "/etc/profile.d/conda.sh": ("conda", ""),
}
"""Endings of files that put a folder first on PATH, seen from their own: virtual environments (docs.python.org/3/library/venv.html), rustup's
and ghcup's (rust-lang.github.io/rustup/installation, haskell.org/ghcup/guide); conda's only defines functions (docs.conda.io, Activation)."""


def activated(command: Command, invocation: Invocation) -> tuple[str, Mapping[str, str]] | None:
    """(ecosystem, variables) that a command only sets in its own shell; None where it may do something else."""
    words = invocation.words
    program = words[0] if words else None
    if words[1:2] == ("activate",) and len(words) == 3 and words[2] and (program in RUNNERS or program in (".", "source")):
        return "conda", {"CONDA_PREFIX" if "/" in words[2] else "CONDA_DEFAULT_ENV": words[2]}
    if program == "eval" and len(command.words) == 2:
        printed = command.words[1].raw.strip('"').removeprefix("$(").removesuffix(")").strip("`").strip()
        return ("checks", {}) if printed in _PRINTED else None
    if program not in (".", "source") or len(words) < 2 or words[1] is None:
        return None
    path = invocation.path(words[1])
    found = next((row for ending, row in _SOURCED.items() if path.endswith(ending)), None)
    if found is None:
        return None
    ecosystem, inside = found
    if not inside:
        return ecosystem, {}
    if len(words) == 3 and words[2] and path.endswith("/bin/activate"):
        # conda's own script of that name takes an environment.
        return "conda", {"CONDA_PREFIX": posixpath.normpath(posixpath.join(posixpath.dirname(path), "../envs", words[2]))}
    folder = posixpath.normpath(posixpath.join(posixpath.dirname(path), inside))
    variables = {"PATH": f"{folder}:{invocation.env.get('PATH', '')}"}
    return ecosystem, variables | ({"VIRTUAL_ENV": posixpath.dirname(folder)} if ecosystem == "python" else {})


def for_any_machine(values: Words, words: Iterable[tuple[Word, str | None]], names: Mapping[str, str], before: Iterable[Act]) -> Words:
    """The words of a command that fetches or handles an archive of a toolchain for the machine's architecture: with a star for that. Any other
    command's stay as they are."""
    program = posixpath.basename(values[0] or "") if values else ""
    if None not in values or program not in _HANDLING:
        return values
    found = tuple(value if value is not None else machine_pattern(word, names) for word, value in words)
    if program in LOADERS:
        return found if archive(found) is not None else values
    starred = {posixpath.basename(word.rstrip("/")) for word, value in zip(found, values, strict=True) if word is not None and value is None}
    if not starred:
        return values
    known = (posixpath.basename(write.path) for act in islice(before, RECENT) for write in act.writes)
    return values if starred.isdisjoint(known) else found


def installed(index: int, command: Command, fetched: Act | None, invocation: Invocation) -> Act | None:
    """tar or unzip with an archive that is nothing but a toolchain: the toolchain's own folder, where it keeps it: below `-C` or `-d`, else the
    working directory."""
    words = [word or "" for word in invocation.words[1:]]
    unpacked = _UNPACKED.get(posixpath.basename(invocation.words[0] or ""))
    if unpacked is None or None in invocation.words or not unpacked(words):
        return None
    target = next((after for word, after in zip(words, words[1:], strict=False) if word in ("-C", "--directory", "-d")), ".")
    files = [word for word in words if word.endswith(_ARCHIVED)]
    if not files:
        piped = command.operator in ("|", "|&") and fetched is not None and fetched.step in LOADERS
        found = archive(fetched.words) if piped and fetched is not None else None
    else:
        found = _downloaded(files[0], invocation) if len(files) == 1 else None
    if found is None:
        return None
    path = invocation.path(posixpath.join(target, found[1]))
    write = Write(path, Kind.INTERMEDIATE, False, f"run:{invocation.cwd}:{found[0].address}", "installer")
    return Act(index, Phase.INSTALL, "installer", found[0].ecosystem, invocation.words, invocation.cwd, (write,))


def _tarred(words: list[str]) -> bool:
    """Whether tar unpacks all of an archive as it lies in it."""
    letters = "".join(word for word in words if word.startswith("-") and not word.startswith("--")) + (words[0] if words else "")
    return ("x" in letters or "--extract" in words) and not any(word.startswith(("--strip", "--transform", "--one")) for word in words)


def _zipped(words: list[str]) -> bool:
    """The same of unzip: with nothing but the archive, a folder and options that change no path (unzip(1))."""
    plain = [word for place, word in enumerate(words) if not word.startswith("-") and words[place - 1 : place] != ["-d"]]
    return len(plain) == 1 and {word for word in words if word.startswith("-")} <= {"-d", "-q", "-qq", "-o", "-n", "-oq", "-qo"}


_UNPACKED: Mapping[str, Callable[[list[str]], bool]] = {"tar": _tarred, "unzip": _zipped}


def _downloaded(file: str, invocation: Invocation) -> tuple[Archive, str] | None:
    """The toolchain's archive that an earlier download brought: under its own name, or to this very path."""
    earlier = (act for act in invocation.before() if act.step in LOADERS)
    path, name = invocation.path(file), posixpath.basename(file)
    found = (archive(act.words, "" if any(write.path == path for write in act.writes) else name) for act in earlier)
    return next((one for one in found if one is not None), None)


def moved(act: Act, before: Iterable[Act]) -> Act:
    """The same, where a toolchain's whole folder gets another name (`mv apache-maven-3.9.6 /opt/maven`) or its programs a link
    (`ln -s /opt/maven/bin/mvn /usr/bin/mvn`): that is still nothing but a toolchain."""
    if act.step not in _RENAMING:
        return act
    folders = {write.path: one.ecosystem for one in before if one.step == "installer" for write in one.writes}
    if act.step == "ln":
        names = {next((name for folder, name in folders.items() if below(write.link, folder)), "") for write in act.writes}
    else:
        names = {folders.get(source, "") for source, _ in act.copies}
    if len(names) != 1 or "" in names:
        return act
    writes = tuple(replace(write, kind=Kind.INTERMEDIATE, tree=False, by="installer", link="") for write in act.writes)
    return replace(act, phase=Phase.INSTALL, step="installer", ecosystem=names.pop(), writes=writes)
