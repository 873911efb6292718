"""The project's own programs, run during the build: `python make_index.py`, `./target/release/app import`. No table describes them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping

from service.ecosystems import ECOSYSTEMS, Invocation
from service.image.files import FileView
from service.image.history import below
from service.image.mentions import CODE, starts_build_tools

_INTERPRETERS = frozenset(name for ecosystem in ECOSYSTEMS for name in ecosystem.interpreters) | {"perl"}
_TEXT_OPTIONS = frozenset({"-c", "-e", "--eval", "-p", "-r"})
# Folders that every distribution has (Filesystem Hierarchy Standard 3.0) and a program can write in without making them.
_SYSTEM = re.compile(r"""["'`](/(?:etc|home|lib|mnt|opt|root|srv|usr/local|var)/?[A-Za-z0-9_./-]{0,200})""")
_MOST_BYTES = 1_000_000


def is_own_program(invocation: Invocation, made: Iterable[str]) -> bool:
    """Whether a command runs what the project itself brings or has built: an interpreter with a script of the context, or a path that an
    earlier build wrote; and nothing in what it runs calls a compiler, which only the build stage has."""
    words = invocation.words
    program = words[0] if words else None
    if program is None:
        return False
    name = program.rsplit("/", 1)[-1]
    if name in _INTERPRETERS:
        return _runs_own_script(invocation) and not _builds(invocation)
    if "/" not in program:
        return False
    path = invocation.path(program)
    text = invocation.read(path)
    if text is not None:
        return text.startswith("#!") and not starts_build_tools(text)
    return any(below(path, folder) for folder in made)


def _runs_own_script(invocation: Invocation) -> bool:
    script = script_of(invocation)
    return script is not None and (script == "" or invocation.read(script) is not None)


def script_of(invocation: Invocation) -> str | None:
    """The absolute path of the script behind an interpreter; empty for a text on the command line; None where there is neither (a module
    that an installed package brings may do anything)."""
    words = invocation.words[1:]
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else None
        if word is None:
            return None
        if word in _TEXT_OPTIONS:
            return "" if following is not None else None
        if word == "-m":
            return _module(following, invocation) if following else None
        if not word.startswith("-"):
            return invocation.path(word)
    return None


def _module(name: str, invocation: Invocation) -> str | None:
    stem = invocation.path(name.replace(".", "/"))
    return next((path for path in (f"{stem}.py", f"{stem}/__main__.py") if invocation.read(path) is not None), None)


def _builds(invocation: Invocation) -> bool:
    script = script_of(invocation)
    text = invocation.read(script) if script else " ".join(word or "" for word in invocation.words[1:])
    return text is None or starts_build_tools(text)


def writes_below_folder(invocation: Invocation, view: FileView, env: Mapping[str, str]) -> bool:
    """Whether the sources, all of them known, name no path outside the folder that the program runs in, and neither does its environment or
    command line."""
    outside = (value for name, value in env.items() if name != "PATH" and value.startswith("/"))
    named = (word for word in invocation.words[1:] if word is not None and word.startswith("/"))
    if None in invocation.words or invocation.cwd == "/" or any(not below(posixpath.normpath(path), invocation.cwd) for path in (*outside, *named)):
        return False
    if not view.context.complete or script_of(invocation) is None:
        return False
    total = 0
    for path, content in view.context.files.items():
        if not path.endswith(CODE):
            continue
        if content is None:
            return False
        total += len(content)
        if total > _MOST_BYTES or any(not below(posixpath.normpath(found), invocation.cwd) for found in _SYSTEM.findall(content)):
            return False
    return True
