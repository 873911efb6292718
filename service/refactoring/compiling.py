"""Packages and calls that start a compiler while the program runs: what is built with them needs the toolchain where it runs."""

from __future__ import annotations

from service.ecosystems import CATALOGUE, ECOSYSTEMS, Invocation
from service.image.effects import Phase
from service.knowledge.compiling import Compiling, installing, rows
from service.refactoring.facts import Facts
from service.refactoring.swap import names_asked_for

_SOURCES = {"python": (".py",), "r": (".R", ".r", ".Rmd", ".qmd")}


def compiles_while_running(facts: Facts) -> str:
    """What needs a compiler that the image has; empty where nothing is known to."""
    there = _there(facts)
    if not there:
        return ""
    names = {(ecosystem.name, name.lower()) for ecosystem in ECOSYSTEMS for name in names_asked_for(ecosystem, facts)}
    for row in rows():
        if not there & set(row.tools):
            continue
        package = next((name for name in row.packages if any((one, name.lower()) in names for one in (row.language, "conda"))), "")
        if package:
            return f"`{package}`"
        call = _called(row, facts)
        if call:
            return f"`{call}`"
    return ""


def installs_while_running(facts: Facts) -> str:
    """A call that installs a language's packages when the container starts, in an image that has a compiler for them; empty where there is none."""
    if "cc" not in _there(facts):
        return ""
    for call in facts.program.calls:
        invocation = Invocation(call.words, call.cwd, read=facts.view.read, has=facts.view.has)
        match = CATALOGUE.find(invocation)
        if match is None or match.step.phase is not Phase.INSTALL or match.ecosystem.name not in installing():
            continue
        # A script that is run by R is a row of its own, whatever the script does.
        if match.step.install is not None and match.step.install(invocation, match.arguments) is not None:
            return " ".join(word for word in call.words[:3] if word)
    return ""


def _called(row: Compiling, facts: Facts) -> str:
    """A call in the sources of a language, as far as they were sent, or in what the container is started with."""
    endings = _SOURCES.get(row.language, ())
    contents = [content for path, content in facts.view.context.files.items() if content and path.endswith(endings)]
    words = [word for call in facts.program.calls for word in call.words if word]
    return next((call for call in row.calls if any(call in text for text in (*contents, *words))), "")


def _there(facts: Facts) -> set[str]:
    """Which of the tools `cc` and `nvcc` the image has, by its base or by the author's packages."""
    base = facts.image.chain(facts.image.final)[0].state.base
    installed = {name for layer in facts.final.layers for change in layer.packages for name in change.installed}
    packages = installed | (base.packages or frozenset())
    found = {"cc"} if packages & {"gcc", "g++", "clang", "build-essential", "r-base-dev"} or "gcc" in base.programs else set()
    return found | ({"nvcc"} if "nvcc" in base.programs else set())
