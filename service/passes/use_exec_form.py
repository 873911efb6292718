"""Start the program without a shell: CMD and ENTRYPOINT in the exec form.

Why: the program becomes process 1 and gets the signals that `docker stop` sends. Process 1 also has no default for signals that it does not
handle, and takes over orphaned processes, so this runs only when asked for.

Not where: the command needs the shell (variables, patterns, redirections, more than one command, a builtin), the file that it starts may lack
a `#!` line, SHELL is another, an ENTRYPOINT would get CMD's words for the first time, or the base's own entrypoint is not known.

Source: https://docs.docker.com/reference/build-checks/json-args-recommended/

before:
    FROM node:22-slim
    WORKDIR /app
    COPY . .
    CMD node server.js --port 3000

after:
    FROM node:22-slim
    WORKDIR /app
    COPY . .
    CMD ["node", "server.js", "--port", "3000"]
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator

from service.dockerfile.model import Instruction
from service.image.licences import plain_words
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts
from service.shell import read

_BY = "use_exec_form"
_SHELL = ("/bin/sh", "-c")


def use_exec_form(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """The last ENTRYPOINT and the last CMD of the stage that ships."""
    if facts.oversized:
        return
    offset, edited = facts.offset(facts.final), draft
    for keyword in ("ENTRYPOINT", "CMD"):
        places = [index for index, item in enumerate(facts.final.state.stage.instructions) if item.keyword == keyword]
        if not places:
            continue
        item = facts.final.state.stage.instructions[places[-1]]
        words = plain_words(item.rest)
        plain = item.json is None and not item.heredocs and facts.final.state.scopes[places[-1]].shell == _SHELL
        if plain and words is not None and _alone(item, facts) and _starts(words[0], facts):
            because = f"`{item.rest[:60]}` needs no shell: as process 1, {words[0]} itself gets the signals"
            edited = edited.rewrite(offset + places[-1], _exec(item, words), Reason(_BY, "exec-form", because))
    if edited is not draft:
        yield edited


def _alone(item: Instruction, facts: Facts) -> bool:
    """Whether ENTRYPOINT and CMD mean the same together: the shell form of ENTRYPOINT drops CMD, an own ENTRYPOINT gets CMD's words."""
    config, base = facts.image.config, facts.image.chain(facts.image.final)[0].state.base
    if item.keyword == "ENTRYPOINT":
        return not config.cmd
    return bool(base.source) and config.entrypoint == base.config.entrypoint


def _starts(program: str, facts: Facts) -> bool:
    """Whether the kernel can start a file: a script without `#!` needs a shell to try."""
    if "/" not in program:
        return not program.endswith(".sh")
    path = posixpath.normpath(posixpath.join(facts.image.config.workdir, program))
    text = facts.view.read(path)
    if text is not None:
        return text.startswith("#!")
    brought = facts.view.source_of(path)
    acts = (act for layer in facts.final.layers for act in layer.acts)
    built = any(write.path == path or (write.tree and path.startswith(write.path + "/")) for act in acts for write in act.writes)
    return built and not program.endswith(".sh") and (brought is None or facts.view.has(path) is False or brought not in facts.context.files)


def _exec(item: Instruction, words: tuple[str, ...]) -> str:
    """The words on the lines that the author put them on."""
    ending = item.text[len(item.text.rstrip("\r\n")) :]
    found = read(item.rest).commands[0].words
    parts = [json.dumps(word, ensure_ascii=False) for word in words]
    text = parts[0]
    for one, other, part in zip(found, found[1:], parts[1:], strict=False):
        between = item.text[item.offsets[one.end - 1] + 1 : item.offsets[other.start]]
        text += "," + (" \\" + between[between.index("\n") - (between[: between.index("\n")][-1:] == "\r") :] if "\n" in between else " ") + part
    return f"{item.text[: item.offsets[0]]}[{text}]{ending}"
