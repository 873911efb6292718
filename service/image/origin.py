"""Where the program comes from: what nobody can tell, a build that was left behind may have brought."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from service.ecosystems import ECOSYSTEMS
from service.image.effects import Phase
from service.image.history import History
from service.image.image import Image
from service.knowledge.programs import package_of

if TYPE_CHECKING:
    from service.image.verify import Findings, Pair

GENERATING = {(one.name, step.name) for one in ECOSYSTEMS for step in one.steps if one.generates or step.generates}
"""(ecosystem, step) of builds that may write what no row names: a recipe that nobody could read."""
_COMMON = frozenset(
    {"sh", "bash", "ash", "exec", "env", "cat", "echo", "sleep", "tail", "test", "true", "cd", "export", "mkdir", "chown", "chmod", "set"}
)
"""What a shell has built in, or every distribution."""


def check_brought(pair: Pair, found: Findings) -> None:
    """A program named without a slash that neither the base, nor a package, nor any line is known to bring may have been installed by a recipe
    that nobody read (`RUN make`): behind a split it would be missing."""
    if len(pair.after.stages) == len(pair.before.stages):
        return
    recipe = _unread(pair.before)
    if not recipe:
        return
    before, base = History(pair.before), pair.after.chain(pair.after.final)[0].state.base
    folders = [folder for folder in (pair.before.config.env_value("PATH") or "").split(":") if folder]
    installed = {name for stage in pair.after.chain(pair.after.final) for layer in stage.layers for one in layer.packages for name in one.installed}
    for name in _started(pair):
        brought = name in base.programs or name in _COMMON or any(before.covering(posixpath.join(folder, name)) for folder in folders)
        if not brought and not _packaged(name, installed):
            found.failures.append(f"which line brings {name} is not known: `{recipe}` may have installed it")


def _unread(image: Image) -> str:
    """The first build step whose recipe could not be read; empty where there is none."""
    acts = (act for stage in image.chain(image.final) for layer in stage.layers for act in layer.acts)
    return next((act.step for act in acts if act.phase is Phase.BUILD and (act.ecosystem, act.step) in GENERATING), "")


def _started(pair: Pair) -> list[str]:
    """The bare names that CMD and ENTRYPOINT start, the scripts that they run not among them."""
    calls = [call for call in pair.program.calls if call.where in ("CMD", "ENTRYPOINT")]
    return sorted({call.words[0] for call in calls if call.words and call.words[0] and "/" not in call.words[0]})


def _packaged(name: str, installed: set[str]) -> bool:
    """Whether an installed package is known to hold a program, or is named like it (supervisord, of supervisor)."""
    packages = {package for manager in ("apt", "apk") if (package := package_of(name, manager))}
    return bool(packages & installed) or any(len(package) > 2 and (name.startswith(package) or package.startswith(name)) for package in installed)
