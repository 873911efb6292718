"""Building both files, cold and again after an edit, and reading which steps ran."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.proof.engine import Engine, Output
from service.proof.model import Build, Step

_SHOWN = 40
_FRONTEND = ("docker/dockerfile", "docker.io/docker/dockerfile")
_IGNORE = ".dockerignore"


@dataclass(frozen=True, slots=True)
class Site:
    """A private copy of a build context, so that an edit never touches the author's files, and a Dockerfile beside it."""

    engine: Engine
    context: Path
    folder: Path
    build_args: Mapping[str, str]
    limit: float
    show: Callable[[str], None]

    def build(self, name: str, dockerfile: str, cold: bool = False) -> Build:
        """Builds a Dockerfile's text. Where only its `# syntax=` image cannot be had, the line is left out and the note says so."""
        first = self._build(name, dockerfile, cold)
        if first.ok or not any(image in first.log for image in _FRONTEND):
            return first
        return _noted(self._build(name, without_frontend(dockerfile), cold), "the # syntax= image could not be pulled; built without that line")

    def _build(self, name: str, dockerfile: str, cold: bool) -> Build:
        place = self.folder / f"{name}.Dockerfile"
        place.write_bytes(dockerfile.encode())
        # A name of its own: two proofs may build the very same image, and the one that ends first must not take it from the other.
        tag = f"restage-proof:{name}-{secrets.token_hex(8)}"
        began = time.monotonic()
        output = self.engine.build(place, self.context, self.build_args, tag, self.limit, cold, self.show)
        seconds = time.monotonic() - began
        image = tag if output.code == 0 else ""
        return Build(image, seconds, steps(output.complaint), _tail(output))


@contextmanager
def site(
    engine: Engine, context: Path, ignore: Path | None, build_args: Mapping[str, str], limit: float, show: Callable[[str], None]
) -> Iterator[Site]:
    """Copies the context. `ignore` is the Dockerfile's own ignore file, which goes before the context's."""
    with tempfile.TemporaryDirectory(prefix="restage-proof-") as name:
        folder = Path(name)
        copy = folder / "context"
        shutil.copytree(context, copy, symlinks=True, ignore_dangling_symlinks=True)
        if ignore is not None:
            shutil.copyfile(ignore, copy / _IGNORE)
        yield Site(engine, copy, folder, build_args, limit, show)


def without_frontend(dockerfile: str) -> str:
    """The text without `# syntax=` among its leading comments."""
    kept: list[str] = []
    leading = True
    for line in dockerfile.splitlines(keepends=True):
        bare = line.strip()
        leading = leading and (not bare or bare.startswith("#"))
        if not (leading and bare[1:].strip().lower().replace(" ", "").startswith("syntax=")):
            kept.append(line)
    return "".join(kept)


def steps(progress: str) -> tuple[Step, ...]:
    """The steps in BuildKit's plain progress: `#7 [build 3/6] RUN make`, then `#7 CACHED` or `#7 DONE 3.2s`."""
    names: dict[str, str] = {}
    cached: set[str] = set()
    seconds: dict[str, float] = {}
    for line in progress.splitlines():
        number, _, rest = line.partition(" ")
        if not number.startswith("#"):
            continue
        if rest.startswith(("[", "exporting")) and number not in names:
            names[number] = rest
        elif rest == "CACHED":
            cached.add(number)
        elif rest.startswith("DONE "):
            seconds[number] = _seconds(rest[5:])
    return tuple(Step(name, number in cached, seconds.get(number, 0.0)) for number, name in names.items() if number in cached or number in seconds)


def _seconds(text: str) -> float:
    try:
        return float(text.rstrip("s"))
    except ValueError:
        return 0.0


def _tail(output: Output) -> str:
    return "\n".join(output.complaint.splitlines()[-_SHOWN:])


def _noted(build: Build, note: str) -> Build:
    return Build(build.image, build.seconds, build.steps, build.log, note)
