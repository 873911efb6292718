"""Path rules: small functions that say which paths a command writes, made from its options and words."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from service.ecosystems.model import Arguments, Invocation, PathRule


def here(*names: str) -> PathRule:
    """Fixed paths: relative to the working directory, `~/...`, absolute, or with a variable in front (`${GOPATH:-/go}/pkg`)."""

    def rule(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
        return tuple(invocation.path(_filled(name, invocation)) for name in names)

    return rule


def unknown(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Paths that nobody can tell from the command: its own settings say where it writes."""
    return None


def option(*flags: str, otherwise: PathRule | None = None) -> PathRule:
    """The value of the last of these options; without any, what `otherwise` says."""

    def rule(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
        values = arguments.values(*flags)
        if not values:
            return otherwise(invocation, arguments) if otherwise else ()
        return None if values[-1] is None else (invocation.path(values[-1]),)

    return rule


def positionals(start: int = 0, end: int | None = None) -> PathRule:
    """The positional words of a slice, each a path."""

    def rule(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
        words = arguments.positionals[start:end]
        return None if None in words else tuple(invocation.path(word) for word in words if word is not None)

    return rule


def both(*rules: PathRule) -> PathRule:
    """All paths of several rules; unknown if one of them is."""

    def rule(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
        found: list[str] = []
        for part in rules:
            paths = part(invocation, arguments)
            if paths is None:
                return None
            found += paths
        return tuple(found)

    return rule


def upwards(folder: str) -> Iterator[str]:
    """A folder and those above it, the root last."""
    yield folder
    while folder != "/":
        folder = posixpath.dirname(folder)
        yield folder


def nearest(invocation: Invocation, *names: str, start: str = "") -> str | None:
    """The nearest folder upwards in which the context has a file of one of these names; None where nobody can say."""
    folders = upwards(start or invocation.path("."))
    return next((folder for folder in folders if any(invocation.has(posixpath.join(folder, name)) for name in names)), None)


def _filled(name: str, invocation: Invocation) -> str:
    """`${NAME:-default}/rest` with the variable's value, or the default where it is unset or empty."""
    if not name.startswith("${"):
        return name
    inside, _, rest = name[2:].partition("}")
    variable, _, default = inside.partition(":-")
    return (invocation.env.get(variable) or default) + rest
