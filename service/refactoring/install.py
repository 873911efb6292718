"""A line that installs system packages, said again: the packages may be others, but where they come from and how they ask is the author's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from service.image.effects import Act
from service.knowledge.packagers import PACKAGERS, Packager

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")


@dataclass(frozen=True, slots=True)
class Install:
    """`options` are the words of the author's installing command that count, `update` those of the command that reads the lists; `upgrade` are
    whole upgrading commands (`apt-get dist-upgrade -y`); `environment` stands in front of each command, `flags` (`--mount=...`) in
    front of them all. `keeps`: what it read of the repositories stays, since a later line deletes that and would fail without."""

    manager: str
    recommends: bool = False
    options: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    upgrade: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    sudo: bool = False
    flags: tuple[str, ...] = ()
    keeps: bool = False

    def after(self, other: Install) -> Install | None:
        """Both as one line, this one's packages behind the other's; None where they ask for different things."""
        if self.upgrade or replace(self, update=(), upgrade=()) != replace(other, update=(), upgrade=()):
            return None
        return other if not self.update or self.update == other.update else None


class Untold(ValueError):
    """A line cannot be said again: a word of it is not constant, or its commands differ."""


def install_of(manager: str, acts: Iterable[Act], earlier: Act | None, sudo: bool, flags: tuple[str, ...]) -> Install:
    """How acts of one RUN install. `earlier` is the command that read the lists before this RUN, where none of it does."""
    acts = list(acts)
    row = PACKAGERS[manager]
    installing = [act for act in acts if act.packages is not None and act.packages.installed]
    upgrading = [act for act in acts if act.packages is not None and act.packages.upgrades]
    updating = [act for act in acts if act.step == row.update] or [act for act in (earlier,) if act is not None]
    recommends = any(act.packages.recommends for act in installing if act.packages is not None)
    upgrade = tuple(dict.fromkeys(_command(act, row) for act in upgrading))
    environment: dict[str, str] = {}
    for name, value in (pair for act in (*installing, *upgrading) for pair in act.env):
        if environment.setdefault(name, value) != value:
            raise Untold(f"its commands do not agree on {name}")
    return Install(manager, recommends, _options(installing, row), _options(updating, row), upgrade, tuple(environment.items()), sudo, flags)


def _options(acts: Iterable[Act], row: Packager) -> tuple[str, ...]:
    told = [_told(act, row) for act in acts]
    if len({tuple(option for option in options if _selects(option, row)) for options in told}) > 1:
        raise Untold("its packages come from different places")
    return tuple(dict.fromkeys(option for options in told for option in options))


def _selects(option: str, row: Packager) -> bool:
    return re.split("[ =]", option, maxsplit=1)[0] in row.selecting


def _told(act: Act, row: Packager) -> list[str]:
    """The options of a command that change what it does, each with its value; what says nothing again, or is said by the line, is left out."""
    found: list[str] = []
    words = iter(act.words[1:])
    for word in words:
        if word is not None and not word.startswith("-"):
            continue
        value = next(words, None) if word in row.valued else ""
        if word is None or value is None:
            raise Untold("an option is not constant")
        kept = _without(word, row)
        if kept and not row.own(value or word):
            found.append(_quoted(kept) + (f" {_quoted(value)}" if value else ""))
    return found


def _without(word: str, row: Packager) -> str:
    """An option without what the line says itself: `-qy` is gone, of `-yV` stays `-V`."""
    if word.startswith("--") or word in row.valued or (len(word) > 2 and word[:2] in row.valued):
        return "" if word.partition("=")[0] in row.said else word
    letters = "".join(letter for letter in word[1:] if letter not in row.letters)
    return f"-{letters}" if letters.isalpha() else ""


def _command(act: Act, row: Packager) -> str:
    """An upgrading command as it is, without a cache where the manager can do without."""
    if not all(word is not None and _PLAIN.fullmatch(word) for word in act.words):
        raise Untold("an option is not constant")
    words = [word for word in act.words if word is not None]
    cached = () if row.updating or "--no-cache" in words else ("--no-cache",)
    return " ".join((words[0].rsplit("/", 1)[-1], *words[1:], *cached))


def _quoted(word: str) -> str:
    return word if _PLAIN.fullmatch(word) else "'" + word.replace("'", "'\\''") + "'"


def install_line(how: Install, names: tuple[str, ...], newline: str) -> str:
    """A RUN that installs packages and leaves no lists, as Docker's best practices write it; through `sudo` for a user who is not root. Without
    names it only upgrades."""
    row = PACKAGERS[how.manager]
    told = [f"{name}={_quoted(value)}" if value else f"{name}=" for name, value in how.environment]
    by = " ".join((*(("sudo",) if how.sudo else ()), *told, ""))
    plain = "sudo " if how.sudo else ""
    many = len(names) > 3
    glue = f" \\{newline}    " if many else " "
    lean = () if how.recommends or not row.lean else (row.lean,)
    parts = [f"{plain}{_joined(row.updating, how.update)}"] if row.updating else []
    parts += [f"{by}{command}" for command in how.upgrade]
    installing = row.keeping if how.keeps else row.installing
    parts += [f"{by}{_joined(installing, (*lean, *how.options))}{glue}{glue.join(names)}"] if names else []
    head = " && ".join(parts)
    end = f" \\{newline}    && " if many else " && "
    run = " ".join(("RUN", *how.flags))
    return f"{run} {head}{end}{plain}{row.cleaning}" if row.cleaning and not how.keeps else f"{run} {head}"


def _joined(command: str, options: Iterable[str]) -> str:
    return " ".join((command, *options))
