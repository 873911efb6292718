"""The configuration of every stage, folded by BuildKit's rules (frontend/dockerfile/dockerfile2llb/convert.go)."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from service.deadline import check
from service.dockerfile import Dockerfile, DockerfileError, Instruction, Stage, read_fragment
from service.dockerfile.arguments import arguments, pairs
from service.dockerfile.words import ExpansionError, expand, expand_words
from service.image.image import Scope, StageConfig
from service.image.model import BaseImage, Config, Healthcheck
from service.image.scopes import Layered, Names, Pairs
from service.quick import quick
from service.remembering import remembered

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_WIDE = 256
_MOST_PORTS = 4_096
_MOST_KEPT = 200
_MOST_PATH = 4_096
"""PATH_MAX of Linux: no build could make a longer one."""


@quick
@dataclass(frozen=True, slots=True)
class _State:
    """What a stage knows while it is folded. `own_cmd`: CMD was set in this stage, so ENTRYPOINT leaves it (rule C1)."""

    config: Config
    env: Layered
    args: Layered
    labels: Layered
    ports: Layered
    volumes: Layered
    own_cmd: bool = False


    def scope(self) -> Scope:
        return Scope(self.env, self.args, self.config.workdir, self.config.user, self.config.shell)


@dataclass(frozen=True, slots=True)
class _Given:
    globals: Mapping[str, str]
    build_args: Mapping[str, str]
    platform: Mapping[str, str]
    escape: str


@dataclass(frozen=True, slots=True)
class ConfigMemo:
    """What instructions made of states before: the drafts of one request share most of their lines. A key names a state by its identity, which
    is its own for as long as the memo, since the memo holds every state that a key names."""

    _states: dict[tuple[object, ...], tuple[object, _State]] = field(default_factory=dict)
    _outsides: dict[tuple[object, ...], int] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)
    _scopes: dict[int, tuple[_State, Scope]] = field(default_factory=dict)

    def clear(self) -> None:
        for known in (self._states, self._outsides, self._scopes):
            known.clear()

    def first(self, origin: object, make: Callable[[], _State], *more: object) -> _State:
        """The state that a stage begins with: an image's, or a stage's that it is FROM."""
        key = (id(origin), *more)
        found = self._states.get(key)
        if found is None:
            found = self._states[key] = origin, make()
        return found[1]

    def outside(self, given: _Given) -> int:
        """A number for what an ARG may take from without, the stage's own name aside."""
        platform = (value for name, value in given.platform.items() if name != "TARGETSTAGE")
        key = (given.escape, *platform, tuple(given.build_args.items()), tuple(given.globals.items()))
        found = self._outsides.get(key)
        # A number is never given twice, whatever other threads do.
        return self._outsides.setdefault(key, next(self._numbers)) if found is None else found

    def step(self, item: Instruction, state: _State, given: _Given, outside: int) -> _State:
        rule = _RULES.get(item.keyword)
        if rule is None:
            return state
        if _bulky(state.config):
            return rule(item, state, given)
        key = (id(state), item.keyword, item.value, *(_taken(item, given, outside) if item.keyword == "ARG" else ()))
        found = self._states.get(key)
        if found is None:
            found = self._states[key] = state, rule(item, state, given)
        return found[1]

    def scope(self, state: _State) -> Scope:
        """One scope a state, so that equal places of two drafts have the same."""
        if _bulky(state.config):
            return state.scope()
        found = self._scopes.get(id(state))
        if found is None:
            # The state is held for as long as its identity is a key.
            found = self._scopes[id(state)] = state, state.scope()
        return found[1]


def _bulky(config: Config) -> bool:
    """Whether keeping one of these for every line would take the room of many: each holds all that the lines before it said."""
    return len(config.on_build) > _MOST_KEPT


def interpret_config(
    dockerfile: Dockerfile,
    base_facts: Callable[[str], BaseImage],
    build_args: Mapping[str, str] | None = None,
    platform: str = "linux/amd64",
    memo: ConfigMemo | None = None,
) -> tuple[StageConfig, ...]:
    """One `StageConfig` a stage. It raises nothing: a word that cannot be expanded counts as empty. `memo` serves files that share lines."""
    build_args, memo = build_args or {}, memo or ConfigMemo()
    system = _platform(platform)
    known = _globals(dockerfile, build_args, system)
    stages: list[StageConfig] = []
    ends: list[_State] = []
    named: dict[str, int] = {}
    for stage in dockerfile.stages:
        own = system | {"TARGETSTAGE": stage.name or "default"}
        given = _Given(known, build_args, own, dockerfile.escape)
        reference = _expanded(stage.base, Layered({**system, **known}), dockerfile.escape)
        parent = named.get(reference) if reference else None
        base = stages[parent].base if parent is not None else base_facts(reference)
        outside = memo.outside(given)
        start = _start(base, None if parent is None else ends[parent], dockerfile.escape, memo)
        triggers = stages[parent].config.on_build if parent is not None else base.config.on_build
        for trigger in _triggers(triggers, dockerfile.escape):
            start = memo.step(trigger, start, given, outside)
        scopes, end = _folded(stage, start, given, memo, outside)
        stages.append(StageConfig(stage, parent, base, scopes, end.config))
        ends.append(end)
        named[stage.name] = stage.index
    return tuple(stages)


def _taken(item: Instruction, given: _Given, outside: int) -> tuple[object, ...]:
    """What an ARG may take. Few ask for the name of their stage; to all others a stage that was given a name is the same."""
    asks = any("TARGETSTAGE" in name or "$" in name for name, _ in arguments(item))
    return (outside, given.platform["TARGETSTAGE"]) if asks else (outside,)


def _start(base: BaseImage, parent: _State | None, escape: str, memo: ConfigMemo) -> _State:
    if parent is not None:
        return memo.first(parent, lambda: _inherited(parent), "from", escape)
    return memo.first(base, lambda: _from_image(base), escape)


def _folded(stage: Stage, state: _State, given: _Given, memo: ConfigMemo, outside: int) -> tuple[tuple[Scope, ...], _State]:
    scopes: list[Scope] = []
    for item in stage.instructions:
        check()
        scopes.append(memo.scope(state))
        state = memo.step(item, state, given, outside)
    config = replace(state.config, env=Pairs(state.env), labels=Pairs(state.labels), ports=Names(state.ports), volumes=Names(state.volumes))
    return tuple(scopes), replace(state, config=config)


def _platform(platform: str) -> dict[str, str]:
    system, _, rest = platform.partition("/")
    machine, _, variant = rest.partition("/")
    parts = {"PLATFORM": platform, "OS": system, "ARCH": machine, "VARIANT": variant}
    return {f"{kind}{name}": value for kind in ("BUILD", "TARGET") for name, value in parts.items()}


def _globals(dockerfile: Dockerfile, build_args: Mapping[str, str], system: Mapping[str, str]) -> dict[str, str]:
    """The ARGs in front of the first FROM, left to right; they serve FROM lines and a stage's bare `ARG NAME`."""
    found: dict[str, str] = {}
    for item in dockerfile.globals:
        for name, default in arguments(item):
            if name in build_args:
                found[name] = build_args[name]
            elif default is not None:
                found[name] = _expanded(default, {**system, **found}, dockerfile.escape)
    return found


def _from_image(base: BaseImage) -> _State:
    env = dict(base.config.env)
    env.setdefault("PATH", DEFAULT_PATH)
    ports, volumes = (Layered(dict.fromkeys(sorted(names), "")) for names in (base.config.ports, base.config.volumes))
    return _State(base.config, Layered(env), Layered({}), Layered(dict(base.config.labels)), ports, volumes)


def _inherited(end: _State) -> _State:
    """FROM a stage: files, configuration and build arguments; not the triggers, nor that CMD was set."""
    return replace(end, config=replace(end.config, on_build=()), own_cmd=False)


def _triggers(lines: tuple[str, ...], escape: str) -> list[Instruction]:
    found: list[Instruction] = []
    for line in lines:
        check()
        try:
            found += read_fragment(line, escape)
        except DockerfileError:
            continue
    return found


def _expanded(word: str, scope: Mapping[str, str], escape: str) -> str:
    try:
        return expand(word, scope, escape)
    except ExpansionError:
        return ""


def _scope(state: _State) -> Mapping[str, str]:
    """Build arguments, ENV over them (the image's own value wins for expansion)."""
    return _Union(state.env, state.args)


class _Union(dict[str, str]):
    """A read-only view of ENV over ARG without copying either."""

    def __init__(self, first: Mapping[str, str], second: Mapping[str, str]) -> None:
        super().__init__()
        self._first, self._second = first, second

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        found = self._first.get(key)
        return found if found is not None else self._second.get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._first or key in self._second


def _words(item: Instruction, state: _State, given: _Given) -> list[str]:
    """Words expanded one by one; those of the shell form may split again at a variable's blanks."""
    if item.json is not None:
        return [_expanded(word, _scope(state), given.escape) for word in item.json]
    try:
        return [found for word in item.rest.split() for found in expand_words(word, _scope(state), given.escape)]
    except ExpansionError:
        return []


# --- one rule a keyword


def _env(item: Instruction, state: _State, given: _Given) -> _State:
    scope = _scope(state)
    entries: dict[str, str] = {}
    for name, value in pairs(item):
        entries[_expanded(name, scope, given.escape)] = _expanded(value, scope, given.escape)
    return replace(state, env=state.env.with_entries(entries))


def _arg(item: Instruction, state: _State, given: _Given) -> _State:
    entries: dict[str, str] = {}
    for name, default in arguments(item):
        name = _expanded(name, _scope(state), given.escape)
        if name in given.build_args:
            entries[name] = given.build_args[name]
        elif default is not None:
            entries[name] = _expanded(default, _Union(Layered(entries), _scope(state)), given.escape)
        elif name in given.globals:
            entries[name] = given.globals[name]
        elif name in given.platform:
            entries[name] = given.platform[name]
    return replace(state, args=state.args.with_entries(entries))


def _label(item: Instruction, state: _State, given: _Given) -> _State:
    found = {_expanded(name, _scope(state), given.escape): _expanded(value, _scope(state), given.escape) for name, value in pairs(item)}
    return replace(state, labels=state.labels.with_entries(found))


def _with(state: _State, **changes: Any) -> _State:
    return replace(state, config=replace(state.config, **changes))


def _workdir(item: Instruction, state: _State, given: _Given) -> _State:
    target = _expanded(item.rest.strip(), _scope(state), given.escape)
    path = posixpath.normpath(posixpath.join(state.config.workdir or "/", target)) if target else state.config.workdir
    if len(path) > _MOST_PATH:
        return state
    return _with(state, workdir="/" + path.lstrip("/"))


def _user(item: Instruction, state: _State, given: _Given) -> _State:
    return _with(state, user=_expanded(item.rest.strip(), _scope(state), given.escape))


def _stop_signal(item: Instruction, state: _State, given: _Given) -> _State:
    return _with(state, stop_signal=_expanded(item.rest.strip(), _scope(state), given.escape))


def _maintainer(item: Instruction, state: _State, given: _Given) -> _State:
    return _with(state, author=item.rest)


def _shell(item: Instruction, state: _State, given: _Given) -> _State:
    return _with(state, shell=item.json or state.config.shell)


def _command(item: Instruction, state: _State) -> tuple[str, ...]:
    return item.json if item.json is not None else (*state.config.shell, item.rest)


def _cmd(item: Instruction, state: _State, given: _Given) -> _State:
    return replace(_with(state, cmd=_command(item, state)), own_cmd=True)


def _entrypoint(item: Instruction, state: _State, given: _Given) -> _State:
    found = _command(item, state) or None
    return _with(state, entrypoint=found, cmd=state.config.cmd if state.own_cmd else None)


def _expose(item: Instruction, state: _State, given: _Given) -> _State:
    found: dict[str, str] = {}
    for word in _words(item, state, given):
        check()
        few = len(found) + len(state.ports) < _MOST_PORTS
        found |= dict.fromkeys(ports(word, _WIDE if few else 1), "")
    return replace(state, ports=state.ports.with_entries(found))


@remembered(1_024)
def ports(word: str, most: int) -> tuple[str, ...]:
    """`80`, `80/udp`, `8000-8010/tcp`, `127.0.0.1:80:8080` as the image config writes them; what is no port stays as it is written, and a range of
    more than `most` ports stays a range."""
    body, _, protocol = word.partition("/")
    first, _, last = body.rsplit(":", 1)[-1].partition("-")
    protocol = (protocol or "tcp").lower()
    if not first.isdecimal() or (last and not last.isdecimal()):
        return (word,)
    low, high = int(first[:6]), int((last or first)[:6])
    if high - low >= most:
        return (f"{low}-{high}/{protocol}",)
    return tuple(f"{number}/{protocol}" for number in range(low, high + 1))


def _volume(item: Instruction, state: _State, given: _Given) -> _State:
    return replace(state, volumes=state.volumes.with_entries(dict.fromkeys(_words(item, state, given), "")))


def _healthcheck(item: Instruction, state: _State, given: _Given) -> _State:
    options = tuple((flag.name, flag.value or "") for flag in item.flags)
    if item.rest.strip().upper() == "NONE":
        return _with(state, healthcheck=Healthcheck(("NONE",)))
    if item.json is not None:
        return _with(state, healthcheck=Healthcheck(("CMD", *item.json), options))
    parts = item.rest.split(None, 1)
    return _with(state, healthcheck=Healthcheck(("CMD-SHELL", parts[1] if len(parts) > 1 else ""), options))


def _onbuild(item: Instruction, state: _State, given: _Given) -> _State:
    return _with(state, on_build=(*state.config.on_build, item.rest))


_RULES: Mapping[str, Callable[[Instruction, _State, _Given], _State]] = {
    "ENV": _env,
    "ARG": _arg,
    "LABEL": _label,
    "WORKDIR": _workdir,
    "USER": _user,
    "STOPSIGNAL": _stop_signal,
    "MAINTAINER": _maintainer,
    "SHELL": _shell,
    "CMD": _cmd,
    "ENTRYPOINT": _entrypoint,
    "EXPOSE": _expose,
    "VOLUME": _volume,
    "HEALTHCHECK": _healthcheck,
    "ONBUILD": _onbuild,
}
