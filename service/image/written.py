"""What a line writes into a file word for word: `echo '...' > start.sh`, `printf`, `cat <<EOF > start.sh`, `... | tee start.sh`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from service.image.effects import Layer
from service.image.files import FileView, Placed
from service.image.model import BaseImage
from service.shell.model import Command, Redirect
from service.shell.values import constant_with

_LONGEST = 20_000
_ESCAPE = re.compile(r"\\([^\n])")
_LETTERS: Mapping[str, str] = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}
_RARE = frozenset("01234567xuUeEcabfv'\"?")
"""Letters behind a backslash that shells read differently, or that no text has: what is written is not told then."""
_DIRECTIVE = re.compile(r"%[sbd%]|%.")
_PLAIN = ("musl",)
_PLAIN_FAMILIES = ("centos", "fedora", "rockylinux", "almalinux", "amazonlinux", "oraclelinux", "redhat", "ubi", "opensuse", "archlinux")
"""Images whose /bin/sh is bash, which leaves a backslash in `echo` as it is."""


def interprets(shell: tuple[str, ...], base: BaseImage) -> bool:
    """Whether `echo` of a shell turns `\\n` into a new line without being asked: Debian's dash does, bash and busybox do not."""
    own = posixpath.basename(shell[0]) if shell else "sh"
    family = posixpath.basename(base.family)
    return own in ("sh", "dash") and base.libc not in _PLAIN and not family.startswith(_PLAIN_FAMILIES)


def output_of(command: Command, values: tuple[str | None, ...], source: str, interpreting: bool) -> str | None:
    """The text that a command of a script (`source`) prints; None where that is not constant. `values` are its words as the shell hands them on."""
    if command.nesting or not values:
        return None
    body = next((found for one in command.redirects if (found := _heredoc(one, source)) is not None), None)
    name = posixpath.basename(values[0] or "")
    if name in ("cat", "tee"):
        return body if name == "tee" or all(word == "-" for word in values[1:]) else None
    words = [word for word in values[1:] if word is not None]
    if len(words) < len(values) - 1 or name not in ("echo", "printf"):
        return None
    text = _echo(words, interpreting) if name == "echo" else _printf(words)
    return text if text is not None and len(text) <= _LONGEST else None


def targets(command: Command, values: tuple[str | None, ...], names: Mapping[str, str]) -> tuple[tuple[str | None, bool], ...]:
    """Where a command's output goes, with the values of `names` filled in, and whether it is added there: redirects, and operands of `tee`."""
    to = (one for one in command.redirects if one.operator in (">", ">>", ">|") and one.descriptor in ("", "1"))
    found = [(constant_with(one.target, names), one.operator == ">>") for one in to]
    if values and posixpath.basename(values[0] or "") == "tee":
        adding = any(word in ("-a", "--append") for word in values)
        found += ((word, adding) for word in values[1:] if word is None or not word.startswith("-"))
    return tuple(found)


def placed(layer: Layer, view: FileView) -> tuple[Placed, ...]:
    """The files that a layer's commands wrote word for word, as they are at its end; one that was written otherwise before has no content. One of the
    context that something is added to stays the context's."""
    found: dict[str, str | None] = {}
    for path, text, adding in (one for act in layer.acts for one in act.texts):
        if adding and path not in found and view.source_of(path) is not None:
            continue
        before = found[path] if path in found else view.read(path)
        if adding and before is None and _may_be_there(path, found):
            found[path] = None
        else:
            found[path] = (before or "") + text if adding and text is not None else text
    return tuple(Placed("", path, False, text) for path, text in found.items() if text is None or len(text) <= _LONGEST)


def _may_be_there(path: str, found: Mapping[str, str | None]) -> bool:
    """Whether what is added to may have been there: in the base, or of an earlier command whose text is not constant."""
    return path in found or path.startswith(("/etc/", "/usr/", "/root/.", "/home/"))


def _heredoc(redirect: Redirect, source: str) -> str | None:
    """A heredoc's body, where nothing in it is for the shell to fill in."""
    if not redirect.operator.startswith("<<") or redirect.operator == "<<<":
        return None
    header, _, rest = source[redirect.start : redirect.end].partition("\n")
    body, _, _ = rest.rpartition("\n")
    lines = [line.lstrip("\t") if redirect.operator == "<<-" else line for line in body.split("\n")]
    text = "".join(f"{line}\n" for line in lines)
    if header.lstrip("<- \t")[:1] in ("'", '"', "\\"):
        return text
    kept = text.replace("\\\\", "").replace("\\$", "").replace("\\`", "")
    return None if "$" in kept or "`" in kept else text.replace("\\$", "$").replace("\\`", "`").replace("\\\\", "\\")


def _echo(words: list[str], interpreting: bool) -> str | None:
    """dash knows one option, a single -n, and prints all else."""
    ended, options = True, [words.pop(0)] if interpreting and words[:1] == ["-n"] else []
    while not interpreting and words and len(words[0]) > 1 and words[0][0] == "-" and set(words[0][1:]) <= set("neE"):
        options.append(words.pop(0))
    for option in options:
        ended, interpreting = ended and "n" not in option, (interpreting or "e" in option) and "E" not in option
    text = " ".join(words)
    shown = _escaped(text) if interpreting else text
    return None if shown is None else shown + ("\n" if ended else "")


def _printf(words: list[str]) -> str | None:
    """The format with its words, and again as long as words are left (POSIX, printf)."""
    form, rest = _escaped(words[0]) if words and not words[0].startswith("-") else None, words[1:]
    parts = _DIRECTIVE.findall(form) if form is not None else ["%?"]
    takes = sum(part in ("%s", "%b") for part in parts)
    if form is None or any(part not in ("%s", "%b", "%%") for part in parts) or (rest and not takes) or len(rest) * len(form) > _LONGEST:
        return None
    if form.count("%") != sum(part.count("%") for part in parts):
        return None
    rounds = max(1, -(-len(rest) // takes)) if takes else 1
    given = [*rest, *[""] * (rounds * takes - len(rest))]
    shown = [_escaped(word) if "%b" in parts else word for word in given]
    if None in shown:
        return None
    return "".join(_round(form, given[place * takes :]) for place in range(rounds))


def _round(form: str, given: list[str]) -> str:
    words = iter(given)
    return _DIRECTIVE.sub(lambda part: _filled(part[0], words), form)


def _filled(directive: str, words: Iterator[str]) -> str:
    if directive == "%%":
        return "%"
    word = next(words, "")
    return (_escaped(word) or "") if directive == "%b" else word


def _escaped(text: str) -> str | None:
    """Backslashes read as `printf` and dash's `echo` do; None where one stands in front of something rare."""
    if any(found[1] in _RARE for found in _ESCAPE.finditer(text)):
        return None
    return _ESCAPE.sub(lambda found: _LETTERS.get(found[1], found[0]), text)
