"""RUN: what each of its commands does, by the ecosystems' tables."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

from service.deadline import check
from service.dockerfile.model import Instruction
from service.ecosystems import CATALOGUE, Arguments, Invocation, Match
from service.ecosystems.makefiles import command_line, handed_down
from service.image.activation import activated, for_any_machine, installed, moved
from service.image.effects import Act, Kind, LanguageInstall, Layer, PackageChange, Phase, Write
from service.image.files import FileView
from service.image.image import Scope
from service.image.installers import RECENT, piped_installer, saved_installer
from service.image.model import BaseImage
from service.image.own import is_own_program, writes_below_folder
from service.image.recipes import doubtful, matching, named_apart, of_make, readable, recipes_of, script_of, system_wide, uncertain
from service.image.unpacked import in_their_folder
from service.image.words import emptied, folder_before, temporary, word_values
from service.image.written import interprets, output_of, targets
from service.knowledge.packagers import ENVIRONMENT
from service.shell import posix_shell, read, shell_variables
from service.shell.model import Command, Script
from service.shell.values import constant_with, folder_pattern

_KINDS = {
    Phase.INSTALL: Kind.DEPENDENCIES,
    Phase.PRUNE: Kind.DEPENDENCIES,
    Phase.BUILD: Kind.ARTIFACT,
    Phase.FETCH: Kind.FETCHED,
    Phase.SETUP: Kind.SYSTEM,
    Phase.FILES: Kind.FILES,
    Phase.PACKAGES: Kind.SYSTEM,
    Phase.CHECK: Kind.FILES,
    Phase.CLEAN: Kind.FILES,
    Phase.RUN: Kind.ARTIFACT,
}
_TEMPORARY = ("/tmp", "/var/tmp", "/dev", "/proc", "/run")
_SHELLS = frozenset({"sh", "bash", "ash", "dash"})
_DEPTH = 3
_MOST_SPENT = 4_000
_MAKEFILE = 40
# Asking a program for its version or its help leaves nothing, whatever the program.
_VERSION_WORDS = frozenset({"--version", "-version", "-v", "-V", "version", "--help", "help"})
_CONFIGURING = frozenset({"configure", "autogen.sh", "bootstrap.sh"})
_SPECIAL = frozenset({":", ".", "eval", "export", "readonly", "set", "shift", "times", "trap", "unset"})
"""POSIX's special built-in utilities after which a script goes on."""
_SUBSHELLS = frozenset({"(", "$("})
_HOMES = {"": "/root", "root": "/root", "0": "/root", "node": "/home/node", "gradle": "/home/gradle"}


@dataclass(slots=True)
class _State:
    """What changes while a script runs: folders by subshell depth, shell variables (None: not constant), and what was done. `before` gives what
    was done before the script, the last first; `piped` are the words of the command before, `output` what it prints, `source` the script's text;
    `spent` counts recipe lines and Makefiles of the whole stage."""

    folders: list[str]
    variables: dict[str, str | None]
    acts: list[Act] = field(default_factory=list)
    before: Callable[[], Iterable[Act]] = lambda: ()
    spent: list[int] = field(default_factory=lambda: [0])
    piped: tuple[str | None, ...] = ()
    source: str = ""
    output: str | None = None

    def done(self) -> Iterator[Act]:
        yield from reversed(self.acts)
        yield from self.before()

    def inner(self, folder: str, variables: dict[str, str | None]) -> _State:
        return _State([folder], variables, before=self.done, spent=self.spent)


@dataclass(frozen=True, slots=True)
class _Place:
    scope: Scope
    base: BaseImage
    view: FileView
    home: str
    mounted: tuple[str, ...]
    made: tuple[str, ...]
    names: Mapping[str, str]
    searched: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By PATH, those of its folders in which files of the context can lie."""


def run_layer(
    item: Instruction,
    scope: Scope,
    base: BaseImage,
    view: FileView,
    made: tuple[str, ...] = (),
    earlier: Callable[[], Iterable[Layer]] = tuple,
    spent: list[int] | None = None,
) -> Layer:
    """The layer of a RUN. One command that nobody can tell makes everything opaque. `made` are paths that earlier builds wrote; `earlier` gives
    the stage's layers so far, the last first, and `spent` counts what reading their Makefiles took."""
    script = run_script(item, scope)
    names = {**dict(scope.env.items()), **dict(shell_variables(scope.shell)), **dict(scope.args.items())}
    place = _Place(scope, base, view, _home(scope.user), _mounts(item), made, names)
    if script.opaque is not None:
        return Layer(item, opaque=("/",))
    state = _State([scope.workdir], {}, before=lambda: (act for layer in earlier() for act in reversed(layer.acts)))
    state.spent = state.spent if spent is None else spent
    _perform(script, state, place, 0)
    return _layer(item, in_their_folder(state.acts))


def run_script(item: Instruction, scope: Scope) -> Script:
    """A RUN's script: its shell text, its heredoc's body, or the exec form's words."""
    if item.json is not None:
        return read(" ".join(_quoted(word) for word in item.json))
    if not posix_shell(scope.shell):
        return Script(item.rest, (), "the shell is not a POSIX shell")
    if len(item.heredocs) == 1 and item.rest.strip().startswith("<<") and len(item.rest.split()) == 1:
        body = item.heredocs[0].content
        first = body.partition("\n")[0]
        if first.startswith("#!") and posixpath.basename(first[2:].split()[-1] if first[2:].split() else "") not in _SHELLS:
            return Script(body, (), "the heredoc is not a shell script")
        return read(body)
    # BuildKit hands the shell the line with its heredocs behind it.
    fed = "".join(f"{heredoc.content}{heredoc.name}\n" for heredoc in item.heredocs)
    return read(f"{item.rest}\n{fed}" if fed else item.rest)


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def _home(user: str) -> str:
    name = user.partition(":")[0]
    return _HOMES.get(name) or f"/home/{name}"


def _mounts(item: Instruction) -> tuple[str, ...]:
    """Targets of --mount: what is written there does not stay in the layer."""
    found = []
    for flag in item.flags:
        if flag.name == "mount" and flag.value:
            parts = dict(part.partition("=")[::2] for part in flag.value.split(","))
            target = parts.get("target") or parts.get("dst") or parts.get("destination")
            if target:
                found.append(target)
    return tuple(found)


def _perform(script: Script, state: _State, place: _Place, depth: int) -> None:
    functions = _functions(script)
    state.source = script.text
    for index, command in enumerate(script.commands):
        check()
        if "function" in command.nesting:
            continue
        level = sum(kind in _SUBSHELLS for kind in command.nesting) if command.nesting else 0
        while len(state.folders) <= level:
            state.folders.append(state.folders[-1])
        del state.folders[level + 1 :]
        if command.name in functions and "/" not in command.words[0].raw and depth < _DEPTH:
            _call(index, command, functions[command.name], state, place, depth)
        else:
            _command(index, command, state, place, depth)


def _functions(script: Script) -> Mapping[str | None, Script]:
    """The bodies of the script's functions. One inside another is part of the outer one's."""
    bodies: dict[str | None, list[Command]] = {}
    for command in script.commands:
        if "function" in command.nesting:
            start = command.nesting.index("function") + 1
            name = command.nesting[start].removesuffix("()")
            bodies.setdefault(name, []).append(replace(command, nesting=command.nesting[start + 1 :]))
    return {name: Script(script.text, tuple(commands)) for name, commands in bodies.items()}


def _call(index: int, command: Command, body: Script, state: _State, place: _Place, depth: int) -> None:
    """A function runs in the caller's folder and shell, with its own arguments."""
    values = tuple(value for word in command.words for value in word_values(word, _names(state, place), place.home))
    inner = state.inner(state.folders[-1], {**state.variables, **_arguments(values)})
    _perform(body, inner, place, depth + 1)
    state.acts += (replace(act, index=index) for act in inner.acts)
    state.folders[-1] = inner.folders[0]


def _arguments(values: tuple[str | None, ...]) -> dict[str, str | None]:
    """`$1` to `$9`; those that were not given are empty."""
    return {str(place): values[place] if place < len(values) else "" for place in range(1, 10)}


def _command(index: int, command: Command, state: _State, place: _Place, depth: int) -> None:
    names = _names(state, place)
    told = [(word, value) for word in command.words for value in word_values(word, names, place.home)]
    values = tuple([value for _, value in told])
    values = for_any_machine(values, told, names, state.done())
    if values and values[0] == "rm":
        # `rm -rf /var/lib/apt/lists/*` empties the folder: what lay in it is gone.
        values = tuple(value if value is not None else emptied(word) for (word, _), value in zip(told, values, strict=True))
    elif values and values[0] in _CHANGING:
        # `sed -i ... /etc/apache2/sites-available/*.conf` changes files of that folder, and `chmod +x /scripts/*.sh` does.
        values = tuple(value if value is not None else folder_before(word) for word, value in told)
    values = _fed(values, command, state, place, names)
    _assign(command, values, state, names, place)
    redirected = _redirected(command, state, place, names)
    texts = _texts(command, values, state, place, names)
    if not command.words:
        if redirected:
            state.acts.append(Act(index, Phase.FILES, "redirect", "files", (), state.folders[-1], redirected))
        return
    program = (values[0] or "").rsplit("/", 1)[-1]
    if program in ("cd", "pushd"):
        target = (values[1] or folder_pattern(command.words[1])) if len(values) > 1 else place.home
        # A folder that cannot be told leaves every relative path behind it untold: the root stands for "anywhere".
        state.folders[-1] = _joined(state.folders[-1], target, place.home) if target is not None else "/"
    own = tuple((name, value) for name, word in command.assignments if (value := constant_with(word, names)) is not None)
    view, env = place.view, {**names, **dict(own)} if own else names
    found = partial(matching, view=view)
    invocation = Invocation(
        values, state.folders[-1], env, place.home, place.base, view.read, view.has, found, view.children, before=state.done
    )
    if (ready := activated(command, invocation)) is not None:
        state.variables |= ready[1]
        state.acts.append(Act(index, Phase.CHECK, "activate", ready[0], values, state.folders[-1]))
        return
    piped, state.piped = (state.piped if command.operator in ("|", "|&") else ()), values
    set_up = piped_installer(index, invocation, piped, place.mounted) or saved_installer(index, invocation, place.mounted)
    if set_up is not None:
        state.acts.append(set_up)
        return
    # What a substitution among a download's words asked comes behind it.
    fetched = next((act for act in islice(reversed(state.acts), RECENT) if act.phase is not Phase.CHECK), None)
    if (toolchain := installed(index, command, fetched, invocation)) is not None:
        state.acts.append(toolchain)
        return
    script = _script(values, invocation, place, depth)
    match = CATALOGUE.find(invocation)
    if match is None and script is None and program in _SHELLS and posixpath.basename((values + ("",))[1] or "") in _CONFIGURING:
        invocation = replace(invocation, words=values[1:])
        match = CATALOGUE.find(invocation)
    if match is None and values[1:] and set(values[1:]) <= _VERSION_WORDS:
        state.acts.append(Act(index, Phase.CHECK, "version", "checks", values, state.folders[-1]))
        return
    if script is not None and (match is None or program in _SHELLS | {"source", "."}):
        own_words = values[1:] if program in _SHELLS | {"source", "."} else values
        inner = state.inner(state.folders[-1], {**state.variables, **_arguments(own_words)})
        _perform(script, inner, place, depth + 1)
        state.acts += (replace(act, index=index) for act in inner.acts)
    elif match is None and is_own_program(invocation, place.made):
        state.acts.append(_own_run(index, invocation, redirected, place))
    elif match is None:
        state.acts.append(Act(index, Phase.BUILD, "", "", values, state.folders[-1], redirected, opaque=True))
    elif match.step.name == "make" and (made := _made(index, command, match, invocation, redirected, state, place, depth)) is not None:
        state.acts += made
    else:
        act = moved(_act(index, match, invocation, redirected, place), state.done())
        act = replace(act, texts=texts) if texts else act
        own = (*_asked(state, own), *own) if act.phase is Phase.PACKAGES else own
        state.acts.append(replace(act, env=own) if own else act)


def _asked(state: _State, own: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """What the script has set before it, of what package managers read (`export DEBIAN_FRONTEND=noninteractive`)."""
    named = {name for name, _ in own}
    return tuple((name, value) for name, value in state.variables.items() if value is not None and name in ENVIRONMENT and name not in named)


def _made(
    index: int, command: Command, match: Match, invocation: Invocation, redirected: tuple[Write, ...], state: _State, place: _Place, depth: int
) -> list[Act] | None:
    """What make does by its recipes, where its Makefile is known and every command of them: each line has a shell of its own."""
    names = _names(state, place)
    told = tuple(value for word in command.words for value in word_values(named_apart(word, names), names, place.home))
    line = command_line(replace(invocation, words=told))
    state.spent[0] += _MAKEFILE
    found = recipes_of(line, invocation, place.view) if depth < _DEPTH and state.spent[0] < _MOST_SPENT else None
    if found is None:
        return None
    variables = {**state.variables, **dict(found.exports), "MAKEFLAGS": handed_down(line.overrides)}
    outer = Act(index, Phase.BUILD, match.step.name, match.ecosystem.name, invocation.words, line.folder, redirected)
    acts: list[Act] = []

    def before() -> Iterator[Act]:
        yield from reversed(acts)
        yield from state.done()

    exported = tuple((name, value) for name, value in found.exports if value is not None)
    for one in found.lines:
        state.spent[0] += 1
        script = script_of(one)
        if script.opaque is not None or state.spent[0] > _MOST_SPENT:
            return None
        inner = _State([line.folder], dict(variables), before=before, spent=state.spent)
        _perform(script, inner, place, depth + 1)
        installs = any(goal and "install" in goal for goal in line.goals)
        # Of a build that runs something unknown the folder is known; of an installation nothing is.
        if any(system_wide(act) or (not readable(act) and (installs or _names_elsewhere(act, line.folder))) for act in inner.acts):
            return [replace(outer, opaque=True)]
        if any(not readable(act) or doubtful(act, line.folder, uncertain(script, one, act)) for act in inner.acts):
            return None
        acts.extend(replace(act, env=(*exported, *act.env)) for act in inner.acts)
    done = of_make(acts, outer)
    return [*done, outer] if redirected else done


def _names_elsewhere(act: Act, folder: str) -> bool:
    """Whether a command names a place outside of the folder that it could write to."""
    return any(word is not None and word.startswith("/") and not _below(word, (folder,)) for word in act.words[1:])


def _fed(values: tuple[str | None, ...], command: Command, state: _State, place: _Place, names: Mapping[str, str]) -> tuple[str | None, ...]:
    """`xargs -a packages.txt apt-get install` and `xargs apt-get install < packages.txt` with the words of a file of the context."""
    if values[:1] != ("xargs",):
        return values
    file = next((constant_with(one.target, names) for one in command.redirects if one.operator == "<"), None)
    rest = list(values[1:])
    while rest and rest[0] is not None and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in ("-a", "--arg-file") and rest:
            file = rest.pop(0)
        elif option not in ("-r", "-t", "--no-run-if-empty", "--verbose"):
            return values
    content = place.view.read(_joined(state.folders[-1], file, place.home)) if file else None
    plain = content is not None and not any(mark in content for mark in "'\"\\")
    return (*rest, *content.split()) if rest and content is not None and plain else values


def _own_run(index: int, invocation: Invocation, redirected: tuple[Write, ...], place: _Place) -> Act:
    """A run of the project's own program: it writes below its folder where its sources show that, else somewhere."""
    bounded = writes_below_folder(invocation, place.view, place.scope.env)
    origin = f"run:{invocation.cwd}:{' '.join(word or '?' for word in invocation.words)}"
    made = (Write(invocation.cwd, _kind(invocation.cwd, Phase.RUN), True, origin, "own program"),) if bounded else ()
    return Act(index, Phase.RUN, "", "", invocation.words, invocation.cwd, (*made, *redirected), opaque=not bounded)


_CHANGING = frozenset({"sed", "chmod"})
"""Programs that change files where they lie, and leave them to their owner."""


def _names(state: _State, place: _Place) -> Mapping[str, str]:
    names = {**place.names, "HOME": place.home, "PWD": state.folders[-1]}
    for name, value in state.variables.items():
        if value is None:
            names.pop(name, None)
        else:
            names[name] = value
    return names


def _assign(command: Command, values: tuple[str | None, ...], state: _State, names: Mapping[str, str], place: _Place) -> None:
    # `deps='a b' set -x` keeps what it assigns, as POSIX asks (XCU 2.14), in every shell but bash under its own name.
    staying = bool(values) and values[0] in _SPECIAL and posixpath.basename(place.scope.shell[0]) != "bash"
    if not command.words or staying:
        for name, word in command.assignments:
            state.variables[name] = (temporary(word) or constant_with(word, names)) if not command.nesting else None
    if values and values[0] in ("export", "declare", "local", "readonly"):
        for value in values[1:]:
            if value and "=" in value:
                name, _, text = value.partition("=")
                state.variables[name] = text
    elif values and values[0] in ("read", "unset", "getopts"):
        for value in values[1:]:
            if value:
                state.variables[value] = None


def _redirected(command: Command, state: _State, place: _Place, names: Mapping[str, str]) -> tuple[Write, ...]:
    found = []
    for redirect in command.redirects:
        if redirect.operator not in (">", ">>", "&>", "&>>", ">|"):
            continue
        target = constant_with(redirect.target, names)
        path = _joined(state.folders[-1], target, place.home) if target is not None else state.folders[-1]
        if not path.startswith("/dev/"):
            found.append(Write(path, _kind(path, Phase.FILES), target is None, f"run::{_text(command)}", "redirect"))
    return tuple(found)


def _texts(
    command: Command, values: tuple[str | None, ...], state: _State, place: _Place, names: Mapping[str, str]
) -> tuple[tuple[str, str | None, bool], ...]:
    """What a command writes word for word, and where; what it prints is kept for a `tee` behind it."""
    printed = output_of(command, values, state.source, interprets(place.scope.shell, place.base))
    if printed is None and command.operator in ("|", "|&") and not command.nesting and values[:1] == ("tee",):
        printed = state.output
    state.output = printed
    found = ((_joined(state.folders[-1], target, place.home), adding) for target, adding in targets(command, values, names) if target is not None)
    return tuple((path, printed, adding) for path, adding in found if not path.startswith("/dev/"))


def _text(command: Command) -> str:
    return " ".join(word.raw for word in command.words)


def _joined(folder: str, path: str, home: str) -> str:
    return Invocation((), folder, home=home).path(path)


def _script(values: tuple[str | None, ...], invocation: Invocation, place: _Place, depth: int) -> Script | None:
    """The script that a command runs, where it came from the context and is a shell script."""
    if depth >= _DEPTH or not values or values[0] is None or not place.view.placed:
        return None
    program = values[0].rsplit("/", 1)[-1]
    if program in _SHELLS | {"source", "."}:
        path = next((value for value in values[1:] if value is None or not value.startswith("-")), None)
    else:
        path = values[0] if "/" in values[0] else _on_path(values[0], invocation, place)
    content = invocation.read(invocation.path(path)) if path else None
    if content is None:
        return None
    first = content.partition("\n")[0]
    if program not in _SHELLS | {"source", "."} and not (first.startswith("#!") and first.rstrip().endswith(tuple(_SHELLS))):
        return None
    script = read(content)
    return None if script.opaque is not None else script


def _on_path(name: str, invocation: Invocation, place: _Place) -> str | None:
    """The first folder of PATH that has a file of that name from the context."""
    path = invocation.env.get("PATH", "")
    folders = place.searched.get(path)
    if folders is None:
        folders = place.searched[path] = tuple(folder for folder in path.split(":") if folder and place.view.reaches(folder))
    return next((path for folder in folders if invocation.read(path := f"{folder}/{name}") is not None), None)


def _act(index: int, match: Match, invocation: Invocation, redirected: tuple[Write, ...], place: _Place) -> Act:
    step, arguments = match.step, match.arguments
    writes, deletes, caches, scratch = (rule(invocation, arguments) for rule in (step.writes, step.deletes, step.caches, step.scratch))
    # Set-up names its paths, so the folder it runs in is no part of what it does.
    folder = "" if step.phase in (Phase.FILES, Phase.SETUP, Phase.PACKAGES) else invocation.cwd
    origin = f"run:{folder}:{' '.join(word or '?' for word in invocation.words)}"
    made = tuple(Write(path, _kind(path, step.phase), step.tree, origin, step.name) for path in writes or ())
    made += tuple(Write(path, _kind(path, step.phase, Kind.INTERMEDIATE), step.tree, origin, step.name) for path in scratch or ())
    cached = tuple(Write(path, Kind.CACHE, True, origin, step.name) for path in caches or ())
    mountable = caches if step.mountable is None else step.mountable(invocation, arguments)
    links = step.links(invocation, arguments) if step.links is not None else ()
    made = tuple(write for write in made if write.path not in dict(links))
    made += tuple(Write(path, _kind(path, Phase.FILES), False, f"link:{path}:{target}", step.name, target) for path, target in links)
    packages, told = _told(step.packages, invocation, arguments)
    if not told:
        # Which packages is not known, but that it is some.
        packages = PackageChange("")
    install = _relative(step.install(invocation, arguments) if step.install else None, place.view)
    kept = tuple(write for write in (*made, *cached, *redirected) if not _below(write.path, place.mounted))
    phase, name = (Phase.FILES, "redirect") if step.phase is Phase.CHECK and redirected else (step.phase, step.name)
    return Act(
        index,
        phase,
        name,
        match.ecosystem.name,
        invocation.words,
        invocation.cwd,
        kept,
        deletes or (),
        packages,
        install,
        step.users(invocation, arguments) or (),
        opaque=writes is None or scratch is None or not told,
        static=step.static is not None and step.static(invocation, arguments),
        alters=step.alters(invocation, arguments) if step.alters is not None else (),
        copies=step.copies(invocation, arguments) if step.copies is not None else (),
        runs_on=step.runs_on(invocation, arguments) if step.runs_on is not None else (),
        unmountable=tuple(path for path in caches or () if path not in (mountable or ())),
    )


def _told(rule: object, invocation: Invocation, arguments: Arguments) -> tuple[PackageChange | None, bool]:
    if rule is None:
        return None, True
    assert callable(rule)
    change = rule(invocation, arguments)
    return change, change is not None


def _relative(install: LanguageInstall | None, view: FileView) -> LanguageInstall | None:
    """The same with its manifests as context paths; those that came from elsewhere are left out."""
    if install is None:
        return None
    sources = (view.source_of(path) for path in install.manifests)
    return replace(install, manifests=tuple(source for source in sources if source is not None))


def _kind(path: str, phase: Phase, kind: Kind | None = None) -> Kind:
    return Kind.TEMPORARY if _below(path, _TEMPORARY) else kind or _KINDS[phase]


def _below(path: str, folders: Collection[str]) -> bool:
    return bool(folders) and any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def _layer(item: Instruction, acts: list[Act]) -> Layer:
    acts = _net(acts)
    removed = {path for act in acts for path in act.deletes}
    packages = tuple(_cleaned(act.packages, removed) for act in acts if act.packages is not None)
    return Layer(
        item,
        writes=_surviving(acts),
        deletes=tuple(path for act in acts for path in act.deletes),
        packages=packages,
        installs=tuple(act.install for act in acts if act.install is not None),
        users=tuple(name for act in acts for name in act.users),
        opaque=("/",) if any(act.opaque and act.phase is not Phase.RUN for act in acts) else (),
        acts=tuple(acts),
    )


def _net(acts: list[Act]) -> list[Act]:
    """Without the packages that the same RUN removes again, by name or by apk's virtual group."""
    changes = [act.packages for act in acts if act.packages is not None]
    removed = {name for change in changes for name in change.removed}
    if not removed:
        return acts
    found = []
    for act in acts:
        change = act.packages
        if change is not None and change.installed:
            kept = () if change.virtual and change.virtual in removed else tuple(name for name in change.installed if name not in removed)
            act = replace(act, packages=replace(change, installed=kept))
        found.append(act)
    return found


def _surviving(acts: list[Act]) -> tuple[Write, ...]:
    """What is still there at the end of the RUN."""
    found: list[Write] = []
    for act in acts:
        if act.deletes:
            found = [write for write in found if not _below(write.path, act.deletes)]
        found += act.writes
    return tuple(found)


def _cleaned(change: PackageChange, removed: set[str]) -> PackageChange:
    lists = any(path.startswith(("/var/lib/apt/lists", "/var/cache/apk", "/var/lib/apt")) for path in removed)
    return replace(change, lists_removed=True) if lists and not change.lists_removed else change
