"""Commands that only start another one: `sudo`, `env`, `exec`, `time`, and `sh -c` with a constant script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from service.shell.environments import environment_run
from service.shell.model import Command, Word

_WRAPPERS = frozenset({"sudo", "env", "exec", "time", "nice", "nohup", "command", "builtin", "eatmydata", "stdbuf", "ionice"})
_VALUED = {
    "sudo": frozenset({"-u", "-g", "-h", "-p", "-C"}),
    "env": frozenset({"-u", "-C", "-S"}),
    "nice": frozenset({"-n"}),
    "exec": frozenset({"-a"}),
    "ionice": frozenset({"-c", "-n"}),
}
_LAUNCHERS = (("opam", "exec"), ("opam", "config", "exec"))
"""Commands that set up an environment and start what stands behind their `--` (opam-exec(1))."""
_FRONTS = frozenset({("godep", "go")})
"""Words in front of a command that only change where it looks (github.com/tools/godep, README)."""
_LAUNCHING = frozenset(front[0] for front in (*_LAUNCHERS, *_FRONTS))
_SHELLS = frozenset({"sh", "bash", "ash", "dash"})


def unwrap(command: Command) -> tuple[Command, str | None]:
    """The command behind its wrappers, and the script of a constant `sh -c`, else None."""
    if not command.words or not (command.words[0].value in _WRAPPERS or _launcher(command.words) or _in_environment(command.words)):
        return command, _script(command)
    words, wrappers, assignments = list(command.words), list(command.wrappers), list(command.assignments)
    while words and (words[0].value in _WRAPPERS or _launcher(words) or environment_run([word.value for word in words])):
        environment = environment_run([word.value for word in words])
        if environment is not None:
            wrappers.append(words[0].value or "")
            assignments += ((name, replace(words[0], raw=value, value=value)) for name, value in environment[1])
            words = words[environment[0] :]
            continue
        launched = _launcher(words)
        if launched:
            wrappers.append(words[0].value or "")
            words = words[launched:]
            continue
        name = words[0].value or ""
        rest = words[1:]
        while rest and rest[0].value is not None and (rest[0].value.startswith("-") or (name in ("env", "sudo") and "=" in rest[0].value)):
            head = rest.pop(0)
            if head.value is not None and not head.value.startswith("-"):
                key, _, value = head.value.partition("=")
                assignments.append((key, replace(head, raw=value, value=value)))
            elif head.value in _VALUED.get(name, frozenset()) and rest:
                rest.pop(0)
        if not rest:
            break
        wrappers.append(name)
        words = rest
    bare = replace(command, words=tuple(words), wrappers=tuple(wrappers), assignments=tuple(assignments))
    return bare, _script(bare)


def _in_environment(words: Sequence[Word]) -> bool:
    return len(words) > 2 and words[1].value == "run" and environment_run([word.value for word in words]) is not None


def _launcher(words: Sequence[Word]) -> int:
    """How many words stand in front of the command that a launcher of several words starts (`opam exec -- dune build`); 0 for none."""
    if not words or words[0].value not in _LAUNCHING:
        return 0
    named = tuple(word.value for word in words)
    if named[:2] in _FRONTS:
        return 1
    for front in _LAUNCHERS:
        if named[: len(front)] == front:
            end = named.index("--", len(front)) + 1 if "--" in named[len(front) :] else 0
            return end if end and end < len(words) else 0
    return 0


def _script(command: Command) -> str | None:
    if command.name not in _SHELLS:
        return None
    for index, word in enumerate(command.words[1:], start=1):
        if word.value is None or not word.value.startswith("-"):
            return None
        if not word.value.startswith("--") and word.value.endswith("c"):
            return command.words[index + 1].value if index + 1 < len(command.words) else None
    return None
