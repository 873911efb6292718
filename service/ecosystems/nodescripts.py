"""Where the scripts of a package.json write beyond their project: what a command line hands on, and what the scripts' own text names."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping

from service.ecosystems.model import Arguments, Invocation

OUTPUTS = (
    "--outDir",
    "--outdir",
    "--outfile",
    "--out-dir",
    "--out-file",
    "--output",
    "--output-path",
    "--outputPath",
    "--dist-dir",
    "--destination",
    "-o",
)
"""Options of bundlers and compilers that say where the result goes (their `--help`)."""
_COPYING = frozenset({"cp", "mv", "rsync", "ncp", "cpx", "copyfiles", "cpy"})
_JOINTS = ("&&", "||", ";", "|", "&")
_MOST_SCRIPTS = 40
_MOST_LETTERS = 20_000


def beyond(invocation: Invocation, arguments: Arguments, folder: str) -> tuple[str, ...]:
    """Paths outside of the project's folder: absolute words of the command line (`npm run build -- --output-path /srv/www`), and what the script that
    runs names for its output or copies to. A script that calls others is followed (docs.npmjs.com/cli/using-npm/scripts)."""
    given = (*arguments.positionals, *(value for _, value in arguments.options))
    told = {invocation.path(word) for word in given if word is not None and word.startswith("/")}
    scripts = _scripts(invocation.read(posixpath.join(folder, "package.json")))
    named = {posixpath.normpath(posixpath.join(folder, word)) for word in _named(scripts, [word for word in given if word in scripts])}
    return tuple(sorted(path for path in told | named if path != folder and not path.startswith(folder.rstrip("/") + "/")))


def _scripts(content: str | None) -> dict[str, str]:
    try:
        data = json.loads(content or "{}")
    except (ValueError, RecursionError):
        return {}
    found = data.get("scripts") if isinstance(data, dict) else None
    return {name: text for name, text in found.items() if isinstance(text, str)} if isinstance(found, dict) else {}


def _named(scripts: Mapping[str, str], start: list[str | None]) -> Iterator[str]:
    queue, seen = [name for name in start if name is not None], set[str]()
    while queue and len(seen) < _MOST_SCRIPTS:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        queue += (f"{hook}{name}" for hook in ("pre", "post") if f"{hook}{name}" in scripts)
        for words in _commands(scripts[name][:_MOST_LETTERS]):
            queue += (word for word in words[1:] if word in scripts)
            yield from _outputs(words)


def _commands(text: str) -> Iterator[list[str]]:
    words: list[str] = []
    for word in text.split():
        if word in _JOINTS:
            yield words
            words = []
        else:
            words.append(word.strip("'\""))
    yield words


def _outputs(words: list[str]) -> Iterator[str]:
    for place, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in OUTPUTS and (equals or place + 1 < len(words)):
            yield value.strip("'\"") if equals else words[place + 1]
    if words and words[0] in _COPYING and len(words) > 2:
        yield words[-1]
