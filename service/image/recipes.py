"""What make's recipes do to the image: a Makefile of the context, its commands read through the tables."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache

from service.ecosystems import Invocation
from service.ecosystems.makefiles import FILES, UNKNOWN, Call, CommandLine, Line, Recipes, Surroundings, recipes
from service.image.effects import Act, Kind, Phase, Write
from service.image.files import FileView
from service.image.history import below
from service.image.sources import is_source, patterns_of
from service.shell import Command, Script, Word, read
from service.shell.values import constant_with

_NAMES = ("GNUmakefile", "makefile", "Makefile")
_REWRITING = frozenset({"sed", "tee", "redirect", "cp", "mv", "ln", "install", "tar", "unzip", "truncate", "rsync", "git"})
_BRANCHES = frozenset({"if", "case", "while"})
_ASKING = frozenset({"test", "[", "[["})
_OWNERS = frozenset({"chown", "chgrp", "setcap"})
_MOST_FILES = 200_000


@dataclass(frozen=True, slots=True)
class _Looked:
    """Two looks at the same context through the same copies find the same."""

    context: int
    placed: object
    made: tuple[str, ...]
    held: FileView

    def __hash__(self) -> int:
        return hash((self.context, len(self.made)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Looked) and self.held.context is other.held.context and self.placed == other.placed and self.made == other.made


def makefile_of(line: CommandLine, invocation: Invocation) -> tuple[str, str] | None:
    """(name, content) of the Makefile that a command reads, where it came from the context and nothing wrote it since."""
    names = (line.file,) if line.file is not None else _NAMES
    for name in names:
        path = posixpath.normpath(posixpath.join(line.folder, name))
        if invocation.has(path) is False:
            continue
        content = invocation.read(path)
        rewritten = any(_rewrites(act, path) for act in invocation.before())
        generated = any(invocation.has(path + ending) for ending in (".in", ".am"))
        return None if content is None or rewritten or generated else (name, content)
    return None


def _rewrites(act: Act, path: str) -> bool:
    """Whether a command may have changed a file that the context brought."""
    if act.step in ("cmake", "meson"):
        return any(posixpath.dirname(path) == write.path for write in act.writes)
    changes = act.step in _REWRITING or act.phase in (Phase.FETCH, Phase.RUN)
    return changes and any(write.path == path or (write.tree and below(path, write.path)) for write in act.writes)


def recipes_of(line: CommandLine, invocation: Invocation, view: FileView) -> Recipes | None:
    """The recipes that a command runs, or None where they cannot be told."""
    found = makefile_of(line, invocation)
    goals = tuple(goal for goal in line.goals if goal is not None)
    if found is None or not line.plain or len(goals) != len(line.goals):
        return None
    making = (act for act in invocation.before() if act.phase in (Phase.BUILD, Phase.FETCH, Phase.FILES))
    made = tuple(dict.fromkeys(write.path for act in making for write in act.writes))
    looked = _Looked(id(view.context), view.placed, made, view)
    around = Surroundings(
        looked, invocation.read, invocation.has, lambda path: any(below(path, one) for one in made), lambda pattern: matching(pattern, view)
    )
    environment = tuple(sorted((name, value) for name, value in invocation.env.items() if name != "MAKEFLAGS"))
    return recipes(found[1], Call(line.folder, found[0], goals, line.overrides, environment), around)


def matching(pattern: str, view: FileView) -> tuple[str, ...] | None:
    """The context's files that lie where a glob looks; None where not all of them are known."""
    if not view.context.complete or len(view.context.files) * max(1, len(view.placed)) > _MOST_FILES:
        return None
    return _found(_Looked(id(view.context), view.placed, (), view), pattern)


@lru_cache(maxsize=64)
def _found(looked: _Looked, pattern: str) -> tuple[str, ...]:
    view = looked.held
    found: dict[str, None] = {}
    depth = pattern.count("/")
    ending = pattern.rpartition("/")[2].rpartition("*")[2]
    ending = "" if any(mark in ending for mark in "?[]") else ending
    for copy in view.placed:
        for file in view.below(copy.source):
            if copy.tree and not file.endswith(ending):
                continue
            inside = posixpath.relpath(file, copy.source) if copy.tree else ""
            path = posixpath.normpath(posixpath.join(copy.path, inside))
            if path.count("/") == depth and fnmatchcase(path, pattern):
                found[path] = None
    return tuple(found)


def script_of(line: Line) -> Script:
    """A recipe line's commands; words that hold something unknown have no value."""
    script = read(line.text)
    if UNKNOWN not in line.text and FILES not in line.text:
        return script
    return replace(script, commands=tuple(_blurred(command) for command in script.commands))


def _blurred(command: Command) -> Command:
    return replace(
        command,
        words=tuple(_blurred_word(word) for word in command.words),
        assignments=tuple((name, _blurred_word(word)) for name, word in command.assignments),
        redirects=tuple(replace(one, target=_blurred_word(one.target)) for one in command.redirects),
    )


def _blurred_word(word: Word) -> Word:
    # A backquote is what no reading of a word finds a value for.
    return replace(word, raw="`", value=None) if UNKNOWN in word.raw or FILES in word.raw else word


def named_apart(word: Word, names: Mapping[str, str]) -> Word:
    """`VERSION=$VERSION` with what is not known marked: which variable it sets is known all the same."""
    name, equals, _ = word.raw.partition("=")
    if not equals or not name.isidentifier() or constant_with(word, names) is not None:
        return word
    return replace(word, raw=f"{name}={UNKNOWN}", value=f"{name}={UNKNOWN}")


# --- acts


def uncertain(script: Script, line: Line, act: Act) -> bool:
    """Whether a command of a recipe may not run, or fail unnoticed; then what it says it makes may not be there."""
    command = script.commands[act.index]
    if _makes_folder(act):
        return False
    following = script.commands[act.index + 1].operator if act.index + 1 < len(script.commands) else ""
    asked = command.operator in ("&&", "||") and act.index > 0 and script.commands[act.index - 1].name in _ASKING
    return line.ignored or bool(_BRANCHES & set(command.nesting)) or "||" in (command.operator, following) or asked


def readable(act: Act) -> bool:
    """Whether an act of a recipe can be told from its row."""
    return not act.opaque and (act.phase is not Phase.SETUP or act.step == "ldconfig")


def doubtful(act: Act, folder: str, uncertain: bool) -> bool:
    """Whether it is not certain that an act made what it says outside make's folder."""
    return uncertain and not all(below(write.path, folder) or write.kind in (Kind.CACHE, Kind.TEMPORARY) for write in act.writes)


def system_wide(act: Act) -> bool:
    """Whether a recipe changes what no copy brings along: packages, users, owners."""
    flags = [word for word in act.words if word is not None]
    owned = act.step in ("install", "install -d") and any(word in ("-o", "-g") or word.startswith(("--owner", "--group")) for word in flags)
    change = act.packages
    packaged = change is not None and (act.phase is Phase.PACKAGES or act.opaque or bool(change.installed or change.removed))
    return packaged or bool(act.users) or act.step in _OWNERS or owned


def of_make(acts: Iterable[Act], outer: Act) -> list[Act]:
    """The acts of a recipe under the command that ran it. All of them build: nothing of a recipe is a line that could run on its own."""
    made = [_built(act, outer) for act in acts]
    paths = [write.path for act in made for write in act.writes if not _makes_folder(act)]
    made = [replace(act, writes=tuple(write for write in act.writes if not _filled(act, write, paths))) for act in made]
    inside = any(below(write.path, outer.cwd) for act in made if act.ecosystem == "native" for write in act.writes)
    folder = Write(outer.cwd, Kind.ARTIFACT, True, f"run:{outer.cwd}:{' '.join(word or '?' for word in outer.words)}", outer.step)
    return [replace(outer, writes=(folder,)), *made] if inside else made


def _makes_folder(act: Act) -> bool:
    return act.step in ("mkdir", "install -d") or (act.step == "install" and "-d" in act.words)


def _filled(act: Act, write: Write, paths: list[str]) -> bool:
    """A folder that later commands of the recipe put something into needs no copy of its own."""
    return _makes_folder(act) and any(below(path, write.path) for path in paths)


def _built(act: Act, outer: Act) -> Act:
    if act.step == "ldconfig":
        # Its cache is made anew where the libraries end up.
        return replace(act, index=outer.index, phase=Phase.BUILD, writes=())
    phase = act.phase if act.phase in (Phase.CHECK, Phase.CLEAN, Phase.FETCH) else Phase.BUILD
    plain = act.phase in (Phase.FILES, Phase.RUN)
    ecosystem = outer.ecosystem if plain else act.ecosystem
    writes = tuple(_written(act, write, outer.cwd) for write in act.writes)
    return replace(act, index=outer.index, phase=phase, ecosystem=ecosystem, writes=writes)


def _written(act: Act, write: Write, folder: str) -> Write:
    if write.kind in (Kind.CACHE, Kind.TEMPORARY, Kind.DEPENDENCIES, Kind.INTERMEDIATE):
        return write
    inside = below(write.path, folder)
    if act.step == "ln" and not inside:
        # COPY follows a link that it is given by name; one inside a folder stays a link.
        return replace(write, path=posixpath.dirname(write.path), kind=Kind.ARTIFACT, tree=True)
    on_the_way = "-c" in act.words or act.step in ("mkdir", "install -d", "touch", "chmod")
    on_the_way = on_the_way or is_source(posixpath.relpath(write.path, folder), patterns_of((act.ecosystem, "native")))
    return replace(write, kind=Kind.INTERMEDIATE if inside and on_the_way and write.path != folder else Kind.ARTIFACT)
