"""Where conda lies, and which of its environments a command works in."""

from __future__ import annotations

import posixpath

from service.ecosystems.model import Invocation

_INSTALLERS = frozenset({"bash", "miniconda.sh"})
"""The steps by which conda's installer runs: handed to a shell, or as a program."""
_NAMES = ("conda", "mamba", "miniforge")


def root(invocation: Invocation) -> str | None:
    """conda's own folder: of the program's path, as its installer or the image said, else by the folder of PATH that is named so."""
    named = invocation.env.get("MAMBA_ROOT_PREFIX") or invocation.env.get("CONDA_ROOT") or invocation.env.get("CONDA_DIR")
    program = invocation.words[0] or "" if invocation.words else ""
    if "/" in program and posixpath.basename(posixpath.dirname(program)) in ("bin", "condabin"):
        folder = posixpath.dirname(posixpath.dirname(invocation.path(program)))
        return folder.partition("/envs/")[0] if folder not in ("/", "/usr", "/usr/local") else named
    if named:
        return invocation.path(named)
    folders = [posixpath.dirname(folder) for folder in invocation.env.get("PATH", "").split(":") if folder.endswith(("/bin", "/condabin"))]
    installed = [write.path for act in invocation.before() if act.ecosystem == "conda" and act.step in _INSTALLERS for write in act.writes]
    known = (*installed, *invocation.base.toolchain)
    found = next((folder for folder in folders if folder in known), None) or next(iter(installed), None)
    return found or next((folder.partition("/envs/")[0] for folder in folders if any(name in folder for name in _NAMES)), None)


def prefix(invocation: Invocation, name: str) -> str | None:
    """The folder of an environment by its name; `base` is conda's own."""
    if "/" in name:
        return invocation.path(name)
    found = root(invocation)
    return None if found is None else found if name in ("base", "root") else posixpath.join(found, "envs", name)


def active(invocation: Invocation) -> str | None:
    """The environment that was made active; None where none was."""
    if invocation.env.get("CONDA_PREFIX"):
        return invocation.path(invocation.env["CONDA_PREFIX"])
    name = invocation.env.get("CONDA_DEFAULT_ENV") or invocation.env.get("ENV_NAME")
    return prefix(invocation, name) if name else None
