"""Leave out build tools that nothing in the image uses.

Why: a compiler that is installed and never called is a few hundred megabytes to pull, and something to keep patched.

Not where: a later command could use it, the program or a source that was not sent may, the image would not be known to be complete, or nothing
else would be left to install. Packages may also serve people who look into the container, so this runs only when asked for.

Source: https://docs.docker.com/build/building/best-practices/#dont-install-unnecessary-packages

before:
    FROM python:3.12-slim
    WORKDIR /app
    COPY . .
    RUN pip install -r requirements.txt
    RUN apt-get update && apt-get install -y --no-install-recommends build-essential libpq5 && rm -rf /var/lib/apt/lists/*
    CMD ["python", "app.py"]

after:
    FROM python:3.12-slim
    WORKDIR /app
    COPY . .
    RUN pip install -r requirements.txt
    RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
    CMD ["python", "app.py"]
"""

from __future__ import annotations

from collections.abc import Iterator

from service.image.effects import Act, Layer, Phase
from service.image.mentions import mentioned
from service.image.runs import run_script
from service.knowledge import apt
from service.knowledge.programs import PROGRAMS, package_of
from service.refactoring.draft import Draft, Reason
from service.refactoring.facts import Facts
from service.shell.edit import drop_words

_BY = "drop_unused_packages"
_QUIET = frozenset({Phase.PACKAGES, Phase.CLEAN, Phase.CHECK, Phase.SETUP, Phase.FILES})
"""Phases that compile nothing."""


def drop_unused_packages(draft: Draft, facts: Facts) -> Iterator[Draft]:
    """In a stage that ships, packages that its suite's table calls build-only."""
    if facts.oversized:
        return
    table = apt.table(facts.final.state.base.suite)
    if table is None or not facts.context.complete or facts.program.unread or not facts.program.calls or facts.program.opaque:
        return
    called = mentioned(facts.program, facts.view)
    needed = {package_of(name, "apt") for name in called & PROGRAMS} | called
    rows = [(index, item, layer) for index, item, layer in facts.layers(facts.final) if layer is not None]
    edited = draft
    for place, (index, item, layer) in enumerate(rows):
        names = {name for act in layer.acts if act.packages is not None and act.packages.manager == "apt" for name in act.packages.installed}
        unused = {name for name in names if table.build_only(name) and name not in needed}
        if item.keyword != "RUN" or not unused or unused == names or item.json is not None or item.heredocs:
            continue
        if _used_later(layer.acts, [later for _, _, later in rows[place + 1 :]]):
            continue
        text = drop_words(item.text, item.offsets, run_script(item, facts.final.state.scopes[index]), unused)
        if text is not None:
            because = f"nothing after this line compiles anything, and nothing in the image calls {', '.join(sorted(unused)[:4])}"
            edited = edited.rewrite(facts.offset(facts.final) + index, text, Reason(_BY, "unused-packages", because))
    if edited is not draft:
        yield edited


def _used_later(acts: tuple[Act, ...], layers: list[Layer]) -> bool:
    """Whether a command behind the install, in its RUN or in a later one, may compile something."""
    place = next(index for index, act in enumerate(acts) if act.packages is not None and act.packages.installed)
    later = (*acts[place:], *(act for layer in layers for act in layer.acts))
    return any(act.phase not in _QUIET or act.opaque for act in later) or any(layer.opaque for layer in layers)
