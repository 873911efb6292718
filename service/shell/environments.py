"""`conda run -n NAME COMMAND`: a command in an environment that is not active otherwise (docs.conda.io, commands/run)."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

RUNNERS = frozenset({"conda", "mamba", "micromamba"})
_VALUED = frozenset({"-n", "--name", "-p", "--prefix", "--cwd", "-a", "--attach", "-e", "--env", "--label", "-r", "--root-prefix"})
_SHELLS = frozenset({"sh", "bash", "ash", "dash"})
_HANDING_ON = frozenset({"_dockerfile_shell.sh"})
"""Shells of images that make an environment active and hand their text on to bash (mamba-org/micromamba-docker)."""


def environment_run(words: Sequence[str | None]) -> tuple[int, tuple[tuple[str, str], ...]] | None:
    """(how many words stand in front of the command, the variables that name its environment); None where it is no such command."""
    if len(words) < 3 or posixpath.basename(words[0] or "") not in RUNNERS or words[1] != "run":
        return None
    place = 2
    variables: list[tuple[str, str]] = []
    while place < len(words) and (words[place] or "").startswith("-"):
        name, equals, value = (words[place] or "").partition("=")
        if not equals and name in _VALUED:
            place += 1
            value = (words[place] if place < len(words) else None) or ""
        if name in ("-n", "--name"):
            variables.append(("CONDA_DEFAULT_ENV", value))
        elif name in ("-p", "--prefix"):
            variables.append(("CONDA_PREFIX", value))
        place += 1
    return (place, tuple(variables)) if place < len(words) else None


_DEFAULT = ("/bin/sh", "-c")


def posix_shell(words: Sequence[str]) -> bool:
    """Whether a SHELL instruction's words hand the text to a POSIX shell."""
    if words == _DEFAULT:
        return True
    found = environment_run(words)
    name = posixpath.basename(words[found[0] if found is not None else 0]) if words else ""
    return name in _SHELLS or name in _HANDING_ON


def shell_variables(words: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The variables that a SHELL instruction's words set for every RUN."""
    found = environment_run(words)
    return found[1] if found is not None else ()
