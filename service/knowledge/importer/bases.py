"""What a base image's own Dockerfile says of it, read by our own interpreter: its configuration and the packages that it installs to stay."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from service.context import BuildContext
from service.dockerfile import read
from service.image.image import Image
from service.image.interpret import interpret
from service.image.model import BaseImage

_UNMARKED = "apt-mark auto"


def observed(text: str) -> dict[str, Any]:
    """The last stage's settings and packages, as the file itself sets them; what its own base adds is that base's row."""
    image = interpret(read(text), BuildContext.unknown(), base_facts=BaseImage)
    config = image.config
    own = {item.keyword for item in image.stages[image.final].state.stage.instructions}
    return {
        "base": image.stages[image.final].state.stage.base,
        "env": sorted(name for name, _ in config.env if name != "PATH") + (["PATH"] if _sets_path(image) else []),
        "entrypoint": list(config.entrypoint or ()),
        "cmd": list(config.cmd or ()),
        "workdir": config.workdir if "WORKDIR" in own else None,
        "user": config.user,
        "ports": sorted(config.ports),
        "stop_signal": config.stop_signal,
        "packages": sorted(_packages(image)),
    }


def _sets_path(image: Image) -> bool:
    return any(item.keyword == "ENV" and "PATH" in item.rest for item in image.stages[image.final].state.stage.instructions)


def _packages(image: Image) -> set[str]:
    """Packages of the RUNs that do not mark what they installed for removal (docker-library's build dependencies)."""
    names: set[str] = set()
    for layer in image.stages[image.final].layers:
        if _UNMARKED in layer.instruction.rest or "apt-mark showmanual" in layer.instruction.rest:
            continue
        names |= {name for change in layer.packages for name in change.installed if name.isascii() and not name.startswith("$")}
    return names


def rows(requests: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """For each `REFERENCE=GIT_DIR:PATH` the row of that file at HEAD, with the repository's path and commit as its source."""
    for request in requests:
        reference, _, place = request.partition("=")
        folder, _, path = place.rpartition(":")
        commit, date = _git(folder, "log", "-1", "--format=%h %ad", "--date=short").split()
        repository = Path(folder).parent.name.replace("+", "/")
        yield reference, {**observed(_git(folder, "show", f"HEAD:{path}")), "source": f"{repository}/{path} @{commit}", "date": date}


def _git(folder: str, *arguments: str) -> str:
    return subprocess.run(["git", f"--git-dir={folder}", *arguments], check=True, capture_output=True, text=True).stdout
