"""Files that are not touched at all, and the questions before a split."""

from __future__ import annotations

import re

from service.ecosystems import ECOSYSTEMS
from service.image.history import History, below
from service.image.mentions import BUILD_TOOLS, COMPILERS, build_tools_called, mentioned
from service.image.program import development_command, idle
from service.knowledge.programs import package_of
from service.refactoring.compiling import compiles_while_running
from service.refactoring.facts import Facts
from service.refactoring.pipeline import pragmas
from service.refactoring.result import Remark

_ESSENTIAL: frozenset[str] = frozenset({"gcc", "g++", "cc", "c++", "make"})
"""Programs of Debian's build-essential."""
_RELEASE = re.compile(r"-[0-9.]{1,8}$")
_REPLS = frozenset(
    {
        "sh",
        "bash",
        "ash",
        "python",
        "python3",
        "node",
        "irb",
        "jshell",
        "ghci",
        "php",
        "perl",
        "julia",
        "iex",
        "erl",
        "swift",
        "R",
        "mvn",
        "gradle",
        "pypy",
        "pypy3",
        "dotnet",
        "cargo",
        "go",
        "bun",
        "deno",
        "composer",
        "docker-entrypoint.sh",
        "ruby",
    }
)


_MANAGERS = frozenset(
    {"npm", "npx", "yarn", "pnpm", "pip", "pip3", "uv", "poetry", "gem", "bundle", "mix", "rebar3", "sbt", "lein", "cabal", "stack"},
)
"""Package managers: without a word they only tell how they are used."""


def untouched(facts: Facts) -> Remark | None:
    """Why the whole file stays as it is; None where passes may work on it."""
    if any(line.split("#")[0].strip() == "off" for line in pragmas(facts)):
        return Remark("missed", "restage", "pragma-off", "`# restage off` stands in the file")
    if facts.dockerfile.escape == "`" or _windows(facts):
        return Remark("missed", "restage", "windows", "a Windows image: its commands are not read")
    reason = no_program(facts)
    if reason is not None:
        return Remark("missed", "split_stages", *reason)
    return None


def _windows(facts: Facts) -> bool:
    shell = facts.image.config.shell[:1]
    names = ("windows", "nanoserver", "servercore")
    base = facts.image.chain(facts.image.final)[0].state.base.reference.lower()
    return any(name in base for name in names) or bool(shell and shell[0].lower().startswith(("powershell", "cmd", "pwsh")))


def no_program(facts: Facts) -> tuple[str, str] | None:
    """(code, reason) where the image has no program of its own, or its toolchain is what it is for."""
    config, base = facts.image.config, facts.image.chain(facts.image.final)[0].state.base
    if not config.cmd and not config.entrypoint:
        return "no-program", "neither CMD nor ENTRYPOINT says what the image runs"
    own = any(item.keyword in ("CMD", "ENTRYPOINT") for part in facts.image.chain(facts.image.final) for item in part.state.stage.instructions)
    if not own and (not base.config.cmd or base.config.cmd[0].rsplit("/", 1)[-1] in _REPLS):
        return "no-program", f"the file sets neither CMD nor ENTRYPOINT, and {base.reference} only brings its toolchain"
    words = (*((config.entrypoint or ()) if config.entrypoint != base.config.entrypoint else ()), *(config.cmd or ()))
    if len(words) == 1 and words[0].rsplit("/", 1)[-1] in (_REPLS | _MANAGERS) - {"docker-entrypoint.sh"}:
        return "toolchain-is-the-product", f"`{words[0]}` without a program only reads what people type"
    # A script that was not sent may do anything.
    waiting = None if facts.program.unread else idle(facts.program)
    if waiting is not None:
        return "toolchain-is-the-product", f"`{waiting[:60]}` is no program: people use what the image holds"
    command = development_command(facts.program)
    if command is not None:
        return "toolchain-is-the-product", f"`{command}` needs the toolchain while the container runs"
    if words and words[0] in base.workbench:
        return "toolchain-is-the-product", f"`{words[0]}` of {base.reference} serves people who work in the image"
    compiling = compiles_while_running(facts)
    if compiling:
        return "toolchain-is-the-product", f"{compiling} needs a compiler while the program runs"
    started = _toolchain_called(facts)
    if started:
        return "toolchain-is-the-product", f"the sources start `{started}` while the program runs"
    given = _compiler_given(facts)
    if given:
        return "toolchain-is-the-product", f"the program is told to compile with `{given}`"
    return _works_on_toolchain(facts)


def _compiler_given(facts: Facts) -> str:
    """A compiler, of a release or not, that a command which starts the program is given as an argument (`serve -g g++-4.8`), and that the image
    has; empty where there is none."""
    base = facts.image.chain(facts.image.final)[0].state.base
    installed = {name for layer in facts.final.layers for change in layer.packages for name in change.installed}
    for call, word in facts.program.words():
        name = word.rpartition("/")[2]
        plain = _RELEASE.sub("", name)
        if plain in COMPILERS and word != call.words[0] and (name in installed or plain in base.programs or package_of(plain, "apt") in installed):
            return word
    return ""


def _toolchain_called(facts: Facts) -> str:
    """A compiler or build tool that the image has, from its base or by the author's packages, and that the project names where it starts
    programs; empty where there is none."""
    base = facts.image.chain(facts.image.final)[0].state.base
    tools = {command for ecosystem in ECOSYSTEMS if ecosystem.compiled for command in ecosystem.development}
    called = (mentioned(facts.program, facts.view) & (tools | BUILD_TOOLS)) | build_tools_called(facts.view)
    installed = {name for layer in facts.final.layers for change in layer.packages for name in change.installed}
    essential = _ESSENTIAL if "build-essential" in installed else frozenset()
    there = base.programs | essential | {name for name in called if package_of(name, "apt") in installed}
    return min(called & there, default="")


def _works_on_toolchain(facts: Facts) -> tuple[str, str] | None:
    """The program starts in the toolchain's own folder, where the file puts nothing: it works on what the toolchain keeps there."""
    base, folder = facts.image.chain(facts.image.final)[0].state.base, facts.image.config.workdir
    inside = any(folder != base.config.workdir and below(folder, path) for path in base.toolchain)
    if inside and not History(facts.image).of(folder):
        return (
            "toolchain-is-the-product",
            f"the program starts in {folder}, a folder of {base.reference}'s toolchain that the file puts nothing into",
        )
    return None
