"""Which ecosystems real builds have proved: `python -m service.proof.proven APPS_FOLDER` prints `service/ecosystems/proven.json`.

An application proves the ecosystems whose images it builds on and whose commands its Dockerfile runs, where it is expected to split: then
`make proof` builds both files and compares what they answer.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from service.context import BuildContext
from service.dockerfile import read
from service.ecosystems import ECOSYSTEMS
from service.image.effects import Phase
from service.image.interpret import interpret

_WORKING = frozenset({Phase.INSTALL, Phase.BUILD, Phase.PACKAGES, Phase.FETCH})


def proven(apps: Path) -> dict[str, list[str]]:
    """Names of ecosystems to those of the applications that prove them, both sorted."""
    found: dict[str, set[str]] = {}
    for folder in sorted(path.parent for path in apps.glob("*/proof.toml")):
        for ecosystem in _claimed(folder):
            found.setdefault(ecosystem, set()).add(folder.name)
    return {name: sorted(found[name]) for name in sorted(found)}


def _claimed(folder: Path) -> Iterator[str]:
    rules = tomllib.loads((folder / "proof.toml").read_text(encoding="utf-8"))
    if rules.get("expect") != "split":
        return
    image = interpret(read((folder / "Dockerfile").read_text(encoding="utf-8")), _context(folder), build_args=rules.get("build_args", {}))
    for stage in image.stages:
        yield from (one.name for one in ECOSYSTEMS if stage.state.base.family in one.images)
        for layer in stage.layers:
            yield from (act.ecosystem for act in layer.acts if act.ecosystem and act.phase in _WORKING)


def _context(folder: Path) -> BuildContext:
    """An application's own files, all of them text."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return BuildContext({path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files})


def as_text(apps: Path) -> str:
    return json.dumps({"source": "applications of tests/proof/apps that `make proof` builds and compares", "apps": proven(apps)}, indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_text(Path(sys.argv[1])))
