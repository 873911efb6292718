"""What opt-in passes may change in a configuration: the verifier checks that each says the same in another way."""

from __future__ import annotations

from dataclasses import replace

from service.ecosystems import ECOSYSTEMS
from service.image.effects import Layer, Write
from service.image.image import Image
from service.image.model import Config
from service.shell import read
from service.shell.quoting import value_of

EXEC_FORM = "use_exec_form"
PRIVILEGES = "drop_privileges"
STRIP = "strip_artifacts"
ROOT = frozenset({"", "root", "0"})


def same_command(key: str, before: Image, after: Image) -> bool:
    """Whether the exec form starts what the shell form did: one command of constant words, without redirection or assignment."""
    old, new = (image.config.entrypoint if key == "Entrypoint" else image.config.cmd for image in (before, after))
    return old is not None and new is not None and words_of(old) == new


def words_of(command: tuple[str, ...]) -> tuple[str, ...] | None:
    """The words that `/bin/sh -c TEXT` would start; None where the shell does more than start one program."""
    if len(command) != 3 or command[:2] != ("/bin/sh", "-c"):
        return None
    return plain_words(command[2])


def plain_words(text: str) -> tuple[str, ...] | None:
    script = read(text)
    if script.opaque is not None or len(script.commands) != 1 or "#" in text:
        return None
    command = script.commands[0]
    plain = not command.assignments and not command.redirects and not command.nesting and set(command.wrappers) <= {"exec"}
    values = tuple(word.value for word in command.words)
    if not plain or not values or None in values or command.name in _BUILTINS or script.text.rstrip().endswith(("&", ";")):
        return None
    return tuple(value for value in values if value is not None)


def without_strip_options(image: Image) -> Image:
    """An image as if its builds had no option that leaves symbols out: what they make is the same program."""
    return replace(image, stages=tuple(replace(stage, layers=tuple(map(_unstripped, stage.layers))) for stage in image.stages))


def _unstripped(layer: Layer) -> Layer:
    acts = tuple(replace(act, writes=tuple(map(_plain_origin, act.writes))) for act in layer.acts)
    return replace(layer, writes=tuple(map(_plain_origin, layer.writes)), acts=acts)


def _plain_origin(write: Write) -> Write:
    origin = write.origin
    for option in _STRIPPING:
        origin = origin.replace(f" {option}", "")
    return write if origin == write.origin else replace(write, origin=origin)


_STRIPPING = tuple(value_of(one.strip_option[1]) or "" for one in ECOSYSTEMS if one.strip_option[1])


def lesser_user(before: Config, after: Config, image: Image) -> bool:
    """Whether root became a user that exists and is not root."""
    name = after.user.partition(":")[0]
    base = image.chain(image.final)[0].state.base
    made = {user for stage in image.chain(image.final) for layer in stage.layers for user in layer.users}
    numbered = name.isdigit() and int(name) > 0
    return before.user.partition(":")[0] in ROOT and name not in ROOT and (numbered or name in made or base.users.get(name, 0) > 0)


_BUILTINS = frozenset(
    {
        ".", ":", "[", "alias", "bg", "break", "cd", "command", "continue", "eval", "exit", "export", "false", "fg", "getopts", "hash", "jobs",
        "local", "read", "readonly", "return", "set", "shift", "source", "test", "times", "trap", "true", "type", "ulimit", "umask", "unalias",
        "unset", "wait", "exec",
    }
)
"""Built into POSIX shells, or meaningful only there (POSIX.1-2024, Shell Command Language)."""
