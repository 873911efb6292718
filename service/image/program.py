"""What the image runs: the program behind ENTRYPOINT, CMD and HEALTHCHECK, followed through scripts as far as they can be read."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from service.ecosystems import ECOSYSTEMS
from service.image.effects import Phase
from service.image.files import FileView
from service.image.history import below
from service.image.image import StageImage
from service.image.model import BaseImage, Config
from service.knowledge.starters import MACHINES, STARTERS, Starter
from service.shell import environment_run, read
from service.shell.values import constant_with

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})
IDLE = frozenset({":", "sleep", "tail", "true", "cat", "false", "echo", "ls", "date", "export"})
"""Commands that do nothing with their arguments but print, wait or name them."""
_SYSTEM_FOLDERS = frozenset({"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"})
_RUNNERS = {"npm": "npm", "yarn": "yarn", "pnpm": "pnpm", "bun": "bun"}
_FILES = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".tsx")
_DEVELOPMENT_SCRIPTS = frozenset({"dev", "develop", "watch", "start:dev", "start-dev", "dev:server", "serve:dev", "hot"})
_CONFIGURED = frozenset({"CMD", "HEALTHCHECK"})
_DEPTH = 6
_COMPOSING = frozenset({"redirect", "tee"})
"""Steps that write a file out of a command's output."""
# A program in one of these languages is taken to need its interpreter and what its manifest names, whatever it contains.
_SOURCES = (".py", ".js", ".mjs", ".cjs", ".rb", ".pl", ".php", ".jar", ".lua", ".R", ".r", ".jl")
# Scripts that a framework writes into every project: they start what their name says (guides.rubyonrails.org, laravel.com/docs/artisan).
_CONSOLES = frozenset({"rails", "rake", "bundle", "artisan"})


@dataclass(frozen=True, slots=True)
class Call:
    """One command that runs when the container does: its words (None: not constant), the folder, and where it stands (`CMD`, `HEALTHCHECK`,
    or the script's path)."""

    words: tuple[str | None, ...]
    cwd: str
    where: str

    @property
    def name(self) -> str:
        return (self.words[0] or "").rsplit("/", 1)[-1] if self.words else ""


@dataclass(frozen=True, slots=True)
class Program:
    """`calls` are all commands found. `unread` are paths of scripts and manifests that would have to be read and were not given.
    `shell` says that a shell starts it. `opaque` is why it cannot be told at all, else empty."""

    calls: tuple[Call, ...] = ()
    unread: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    shell: bool = False
    opaque: str = ""

    @property
    def names(self) -> frozenset[str]:
        return frozenset(call.name for call in self.calls if call.name)

    def words(self) -> Iterator[tuple[Call, str]]:
        for call in self.calls:
            for word in call.words:
                if word:
                    yield call, word

    def started(self) -> tuple[str, ...]:
        """Absolute paths of the files that commands start: first words with a slash, and what follows `-jar`."""
        found: dict[str, None] = {}
        for call in self.calls:
            words = [word or "" for word in call.words]
            started = [word for word in words[:1] if "/" in word]
            # java(1): options may stand between -jar and the archive.
            behind = words[words.index("-jar") + 1 :] if "-jar" in words else []
            started += [word for word in behind if word and not word.startswith("-")][:1]
            found |= dict.fromkeys(posixpath.normpath(posixpath.join(call.cwd, word)) for word in started)
        return tuple(found)

    def paths(self, scripts: bool = True) -> tuple[str, ...]:
        """Absolute paths of the words that look like one: with a slash or an ending; an option's value too. Without `scripts` of those that the
        image's own configuration names."""
        found: dict[str, None] = {}
        for call, word in self.words():
            if not scripts and call.where not in _CONFIGURED:
                continue
            text = word.partition("=")[2] if word.startswith("-") else word
            text = text.rpartition(":")[2] if text.startswith("-") else text
            plausible = ("/" in text or "." in text.strip(".")) and "://" not in text and not any(letter in text for letter in " \n\t;|&")
            if plausible:
                found[posixpath.normpath(posixpath.join(call.cwd, text))] = None
        return tuple(path for path in found if path != "/")

    def told(self) -> frozenset[str]:
        """Paths that a command is given to work with: where they are folders, all that lies in them is meant. Where a script changes to is none,
        nor is what starts."""
        places = {call.cwd for call in self.calls}
        given = tuple(Call(call.words[1:], call.cwd, call.where) for call in self.calls if call.name != "cd")
        return frozenset(path for path in Program(given).paths() if not any(below(place, path) for place in places))


@dataclass(slots=True)
class _Search:
    view: FileView
    env: Mapping[str, str]
    built: tuple[str, ...]
    own: frozenset[str]
    compiled: frozenset[str]
    composed: frozenset[str]
    calls: list[Call] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    shell: bool = False
    untold: str = ""
    seen: set[str] = field(default_factory=set)


def program_of(stage: StageImage, view: FileView) -> Program:
    """The program of a stage's final configuration."""
    config, base = stage.state.config, stage.state.base
    built = tuple(
        write.path for layer in stage.layers for act in layer.acts if act.phase in (Phase.BUILD, Phase.INSTALL, Phase.FETCH) for write in act.writes
    )
    # What a build writes by `>` may be a script that starts anything.
    acts = (act for layer in stage.layers for act in layer.acts if act.phase is Phase.BUILD)
    compiled = frozenset(write.path for act in acts for write in act.writes if write.by != "redirect")
    composed = frozenset(write.path for layer in stage.layers for act in layer.acts for write in act.writes if write.by in _COMPOSING)
    search = _Search(view, dict(config.env), built, base.programs, compiled, composed)
    started = (*(_own_entrypoint(config, base)), *_prefixed(config, base))
    if started:
        _follow(started, config.workdir, "CMD", search, 0)
    if config.healthcheck and config.healthcheck.test[:1] == ("CMD",):
        _follow(config.healthcheck.test[1:], config.workdir, "HEALTHCHECK", search, 0)
    elif config.healthcheck and config.healthcheck.test[:1] == ("CMD-SHELL",):
        search.shell = True
        _follow_text(config.healthcheck.test[1], config.workdir, "HEALTHCHECK", search, 0)
    return Program(tuple(search.calls), tuple(dict.fromkeys(search.unread)), tuple(search.texts), search.shell, search.untold)


def _own_entrypoint(config: Config, base: BaseImage) -> tuple[str, ...]:
    """The entrypoint, but for one inherited unchanged from the base: those of the public images run their arguments."""
    inherited = base.config.entrypoint
    return () if config.entrypoint is None or config.entrypoint == inherited else config.entrypoint


def _prefixed(config: Config, base: BaseImage) -> tuple[str, ...]:
    """CMD as a base's own entrypoint runs it: words that are no command are arguments of its program (`run main.ts` on Deno's image)."""
    command = config.cmd or ()
    if not command or not base.arguments_of or config.entrypoint != base.config.entrypoint:
        return command
    program, *words = base.arguments_of
    return (program, *command) if command[0] in words or command[0].startswith("-") or command[0].endswith((*_SOURCES, *_FILES)) else command


def _follow(words: tuple[str | None, ...], cwd: str, where: str, search: _Search, depth: int) -> None:
    if not words or depth > _DEPTH:
        return
    name = (words[0] or "").rsplit("/", 1)[-1]
    search.calls.append(Call(words if name not in _SHELLS else _without_script(words), cwd, where))
    if name in _SHELLS:
        _follow_shell(words, cwd, where, search, depth)
    elif (starter := STARTERS.get(name)) is not None and not (starter.common and _own_file(words[0] or "", name, search)):
        _follow_started(starter, words, cwd, where, search, depth)
    elif (found := environment_run(words)) is not None:
        _follow(words[found[0] :], cwd, where, search, depth + 1)
    elif name in _RUNNERS and _script_name(words):
        _follow_package_script(words, cwd, search, depth)
    elif words[0] and ("/" in words[0] or name.endswith(".sh") or _copied(name, search)):
        _follow_file(words[0], cwd, search, depth, words[1:])
        _follow_dashes(words, cwd, where, search, depth)


def _own_file(path: str, name: str, search: _Search) -> bool:
    """Whether a command is the project's own by its place: a path outside of the system's folders, or a name that was copied there."""
    return ("/" in path and posixpath.dirname(path) not in _SYSTEM_FOLDERS) or _copied(name, search)


def _copied(name: str, search: _Search) -> bool:
    return any(posixpath.basename(copy.path) == name for copy in search.view.placed)


def _follow_dashes(words: tuple[str | None, ...], cwd: str, where: str, search: _Search, depth: int) -> None:
    """What stands behind `--` among a script's arguments, which scripts that wait for something run (wait-for-it.sh)."""
    behind = words[words.index("--") + 1 :] if "--" in words else ()
    if behind and behind[0] and not behind[0].startswith("-"):
        _follow(behind, cwd, where, search, depth + 1)


def _without_script(words: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """`sh -c TEXT` without the text, which is followed by itself."""
    for index, word in enumerate(words[1:], start=1):
        if word is None or not word.startswith("-"):
            return words
        if "c" in word and not word.startswith("--"):
            return (*words[: index + 1], *words[index + 2 :])
    return words


def _follow_shell(words: tuple[str | None, ...], cwd: str, where: str, search: _Search, depth: int) -> None:
    search.shell = True
    rest = words[1:]
    flag = rest[0] if rest else None
    while flag is not None and flag.startswith("-"):
        rest = rest[1:]
        following = rest[0] if rest else None
        if "c" in flag and not flag.startswith("--") and rest:
            if following is not None:
                _follow_text(following, cwd, where, search, depth)
            return
        flag = following
    if rest and rest[0] is not None:
        _follow_file(rest[0], cwd, search, depth, rest[1:])
        _follow_dashes(rest, cwd, where, search, depth)
        if "/" in rest[0] and search.view.has(_found(rest[0], cwd, search)) is False:
            # A script that the context does not bring is one that the build makes.
            search.calls.append(Call(tuple(rest), cwd, where))


def _follow_started(starter: Starter, words: tuple[str | None, ...], cwd: str, where: str, search: _Search, depth: int) -> None:
    """The commands behind `tini --`, `gosu USER`, `env A=B`, `socat EXEC:`."""
    texts, place = starter.commands(words), starter.command(words)
    for text in texts:
        _follow_text(text, cwd, where, search, depth + 1)
    if place is not None:
        _follow(words[place:], cwd, where, search, depth + 1)
    elif not texts and None in words:
        # What is started is not constant: it may be anything.
        search.calls.append(Call((None,), cwd, where))


def _script_name(words: tuple[str | None, ...]) -> str | None:
    """The script that `npm start`, `npm run x`, `yarn x` runs; `bun run server.js` runs a file."""
    rest = [word for word in words[1:] if word and not word.startswith("-")]
    if not rest or any(word.endswith(_FILES) or "/" in word for word in rest[:2] if words[0] and words[0].rsplit("/", 1)[-1] == "bun"):
        return None
    if rest[0] in ("run", "run-script"):
        return rest[1] if len(rest) > 1 else None
    runs_any = words[0] is not None and words[0].rsplit("/", 1)[-1] in ("yarn", "pnpm", "bun")
    return rest[0] if runs_any or rest[0] in ("start", "test", "stop", "restart") else None


def _follow_package_script(words: tuple[str | None, ...], cwd: str, search: _Search, depth: int) -> None:
    name = _script_name(words) or ""
    folder = _prefix(words, cwd)
    path = posixpath.join(folder, "package.json")
    content = search.view.read(path)
    if content is None:
        search.unread.append(search.view.source_of(path) or "package.json")
        return
    scripts = _scripts(content)
    search.shell = True
    for script in (f"pre{name}", name, f"post{name}"):
        if script in scripts:
            key = f"{path}:{script}"
            if key not in search.seen:
                search.seen.add(key)
                _follow_text(scripts[script], folder, f"package.json {script}", search, depth + 1)
    if name == "start" and name not in scripts:
        # docs.npmjs.com/cli/commands/npm-start: without a start script npm runs `node server.js`.
        _follow(("node", "server.js"), folder, "npm start", search, depth + 1)


def _prefix(words: tuple[str | None, ...], cwd: str) -> str:
    for index, word in enumerate(words[:-1]):
        following = words[index + 1]
        if word in ("--prefix", "--cwd", "-C", "--dir") and following:
            return posixpath.normpath(posixpath.join(cwd, following))
    return cwd


def _scripts(content: str) -> Mapping[str, str]:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    scripts = data.get("scripts") if isinstance(data, dict) else None
    return {key: value for key, value in scripts.items() if isinstance(value, str)} if isinstance(scripts, dict) else {}


def _follow_file(path: str, cwd: str, search: _Search, depth: int, arguments: tuple[str | None, ...] = ()) -> None:
    """A script: read where its content is known; where it came from the context, or nobody says from where, it is missing."""
    full = _found(path, cwd, search)
    if full in search.seen or (_of_base(path, full, search) and not any(copy.path == full for copy in search.view.placed)):
        return
    search.seen.add(full)
    content = search.view.read(full)
    if content is not None:
        _follow_content(content, cwd, full, search, depth, arguments)
        return
    if (full in search.built and full not in search.composed) or full.endswith(_SOURCES) or posixpath.basename(full) in _CONSOLES:
        return
    source = search.view.source_of(full)
    placed = any(copy.path == full and copy.source for copy in search.view.placed)
    if not (full.endswith(".sh") or placed or (source is not None and (source in search.view.context.files or not search.built))):
        return
    if full in search.composed:
        search.untold = f"what {full} starts, which a RUN writes, is not constant"
    else:
        search.unread.append(source or full)


def _of_base(path: str, full: str, search: _Search) -> bool:
    """Whether a name, or a path in a folder of PATH, is a program of the base image."""
    on_path = "/" not in path or posixpath.dirname(full) in search.env.get("PATH", "").split(":")
    return on_path and posixpath.basename(full) in search.own


def _found(path: str, cwd: str, search: _Search) -> str:
    """A name without a slash is looked for on PATH, among what was copied or built there."""
    if "/" not in path:
        for folder in search.env.get("PATH", "").split(":"):
            if folder and (f"{folder}/{path}" in search.compiled or any(copy.path == f"{folder}/{path}" for copy in search.view.placed)):
                return f"{folder}/{path}"
    return posixpath.normpath(posixpath.join(cwd, path))


def _follow_content(content: str, cwd: str, where: str, search: _Search, depth: int, arguments: tuple[str | None, ...]) -> None:
    first = content.partition("\n")[0]
    if first.startswith("#!"):
        interpreter = _interpreter(first[2:].split())
        if interpreter not in _SHELLS:
            search.calls.append(Call((interpreter, where), cwd, where))
            search.texts.append(content)
            return
    if first.startswith("#!") or where.endswith(".sh"):
        search.shell = True
        _follow_text(content, cwd, where, search, depth + 1, arguments)
    else:
        search.texts.append(content)


def _interpreter(words: list[str]) -> str:
    """The program that a script's first line names, options behind it left out; behind env(1) the first word that is neither an option nor an
    assignment (`#!/usr/bin/env -S deno run`)."""
    names = [word.rsplit("/", 1)[-1] for word in words if not word.startswith("-") and "=" not in word]
    return (names[1] if names[0] == "env" and len(names) > 1 else names[0]) if names else ""


def _follow_text(text: str, cwd: str, where: str, search: _Search, depth: int, arguments: tuple[str | None, ...] = ()) -> None:
    """`arguments` are those that a script was started with: `exec "$@"` runs them."""
    script = read(text)
    search.texts.append(text)
    if script.opaque is not None:
        search.calls.append(Call((None,), cwd, where))
        return
    for command in script.commands:
        values = tuple(constant_with(word, search.env) for word in command.words)
        name = values[0] if values else None
        if name == "cd":
            cwd = posixpath.normpath(posixpath.join(cwd, values[1])) if len(values) > 1 and values[1] else cwd
        if arguments and command.words and command.words[0].raw in ('"$@"', "$@"):
            values = (*arguments, *values[1:])
        _follow(values, cwd, where, search, depth + 1)


# --- what kind of program it is


def idle(program: Program) -> str | None:
    """The command that shows there is no program: a bare shell, something that only waits, or a system's first process. None where there is one."""
    main = [call for call in program.calls if call.where != "HEALTHCHECK"]
    working = [call for call in main if not (call.name in _SHELLS or call.name in IDLE or call.words[:1] and call.words[0] in MACHINES)]
    if main and not working:
        return " ".join(word or "?" for word in main[-1].words)
    return None


def development_command(program: Program) -> str | None:
    """The command whose toolchain is the product (`go run`, `nodemon`); None where there is none."""
    for call in program.calls:
        words = (call.name, *(word or "" for word in call.words[1:]))
        plain = tuple(word for word in words if not word.startswith("-"))
        script = _script_name(call.words) if call.name in _RUNNERS else None
        if script in _DEVELOPMENT_SCRIPTS:
            return f"{call.name} {script}"
        for parts, command in _DEVELOPMENT.get(plain[0] if plain else "", ()):
            if plain[: len(parts)] == parts:
                return command
    return None


def _development() -> Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """By their first word, in the ecosystems' order."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for command in (command for ecosystem in ECOSYSTEMS for command in ecosystem.development):
        found.setdefault(command.split()[0], []).append((tuple(command.split()), command))
    return {name: tuple(rows) for name, rows in found.items()}


_DEVELOPMENT = _development()
