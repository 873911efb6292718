"""The docker command line as an adapter: build, run, ask, look, remove. `DOCKER_HOST` and the rest of docker's own settings are honoured."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

LABEL = "restage.proof"
_QUICK = 120.0


class NoEngine(Exception):
    """There is no Docker engine to build with; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a docker command gave back; `code` is None where it was stopped at its time limit."""

    code: int | None
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        return self.out.decode(errors="replace")

    @property
    def complaint(self) -> str:
        return self.err.decode(errors="replace").strip()


@dataclass(frozen=True, slots=True)
class Engine:
    """`network` is the network of builds: empty for the engine's own default, `host` where the engine has no bridge."""

    docker: str
    network: str = ""

    def call(self, arguments: Sequence[str], stdin: bytes = b"", limit: float = _QUICK) -> Output:
        try:
            done = subprocess.run([self.docker, *arguments], input=stdin, capture_output=True, timeout=limit, env=_environment())
        except subprocess.TimeoutExpired as late:
            return Output(None, late.stdout or b"", (late.stderr or b"") + f"\nstopped after {limit:.0f} s".encode())
        return Output(done.returncode, done.stdout, done.stderr)

    def build(
        self,
        dockerfile: Path,
        context: Path,
        build_args: Mapping[str, str],
        identifier: Path,
        limit: float,
        cold: bool,
        show: Callable[[str], None],
    ) -> Output:
        """`docker build` with plain progress, each line given to `show` as it comes. Writes the image's identifier to `identifier`."""
        network = [f"--network={self.network}"] if self.network else []
        values = [part for name, value in build_args.items() for part in ("--build-arg", f"{name}={value}")]
        words = ["build", "--provenance=false", "--progress=plain", *network, *(["--no-cache"] if cold else []), *values]
        command = [self.docker, *words, "--label", LABEL, "--iidfile", str(identifier), "-f", str(dockerfile), str(context)]
        return _streamed(command, limit, show)

    def inspect(self, what: str, name: str) -> dict[str, Any]:
        """`docker image|container inspect`; empty where there is none."""
        found = self.call([what, "inspect", name])
        rows = json.loads(found.out or b"[]") if found.code == 0 else []
        return dict(rows[0]) if rows else {}

    @contextmanager
    def started(self, image: str, environment: Mapping[str, str], extra: Sequence[str] = (), arguments: Sequence[str] = ()) -> Iterator[str]:
        """A container without a network, removed in the end. Gives its identifier, and raises `NotStarted` where it cannot be started."""
        values = [part for name, value in environment.items() for part in ("-e", f"{name}={value}")]
        made = self.call(["create", "--network=none", "--label", LABEL, *values, *extra, image, *arguments])
        if made.code != 0:
            raise NotStarted(made.complaint)
        container = made.text.strip()
        try:
            start = self.call(["start", container])
            if start.code != 0:
                raise NotStarted(start.complaint)
            yield container
        finally:
            self.call(["rm", "-f", "-v", container])

    @contextmanager
    def exported(self, image: str) -> Iterator[IO[bytes]]:
        """The image's file system as a stream in tar format."""
        # A command is only there because an image without one cannot be created otherwise; it never runs.
        made = self.call(["create", "--label", LABEL, image, "none"])
        if made.code != 0:
            raise NotStarted(made.complaint)
        container = made.text.strip()
        process = subprocess.Popen([self.docker, "export", container], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment())
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.stdout.close()
            process.terminate()
            process.wait()
            self.call(["rm", "-f", "-v", container])

    @contextmanager
    def saved(self, image: str) -> Iterator[IO[bytes]]:
        """The image with its layers as a stream in tar format."""
        process = subprocess.Popen([self.docker, "save", image], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment())
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.stdout.close()
            process.terminate()
            process.wait()

    def remove_images(self, names: Sequence[str]) -> None:
        for name in dict.fromkeys(name for name in names if name):
            self.call(["image", "rm", "-f", name])


class NotStarted(Exception):
    """A container that the engine could not create or start, with the engine's own words."""


def find_engine() -> Engine:
    """The engine that the docker command talks to. Raises `NoEngine` where there is no command, no engine behind it, or no BuildKit."""
    docker = shutil.which("docker")
    if docker is None:
        raise NoEngine("there is no docker command on this machine; a proof builds both files with Docker (BuildKit)")
    engine = Engine(docker)
    version = engine.call(["version", "--format", "{{.Server.Version}}"], limit=20)
    if version.code != 0:
        raise NoEngine(f"no Docker engine answers ({_first_line(version.complaint)}); start one, or set DOCKER_HOST")
    if engine.call(["buildx", "version"], limit=20).code != 0:
        raise NoEngine("this docker command has no buildx plugin, and a rewritten file may need BuildKit")
    bridge = engine.call(["network", "inspect", "bridge"], limit=20)
    return Engine(docker, "" if bridge.code == 0 else "host")


def _first_line(text: str) -> str:
    return text.partition("\n")[0][:200]


def _environment() -> dict[str, str]:
    return {**os.environ, "DOCKER_BUILDKIT": "1", "BUILDKIT_COLORS": "", "NO_COLOR": "1", "DOCKER_CLI_HINTS": "false"}


def _streamed(command: Sequence[str], limit: float, show: Callable[[str], None]) -> Output:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_environment())
    late = threading.Event()

    def stop() -> None:
        late.set()
        process.terminate()

    timer = threading.Timer(limit, stop)
    timer.start()
    lines: list[bytes] = []
    assert process.stderr is not None
    try:
        for line in process.stderr:
            lines.append(line)
            show(line.decode(errors="replace").rstrip("\n"))
        process.wait()
    finally:
        timer.cancel()
        process.stderr.close()
        if process.poll() is None:
            process.kill()
            process.wait()
    if late.is_set():
        lines.append(f"stopped after {limit:.0f} s\n".encode())
    return Output(None if late.is_set() else process.returncode, b"", b"".join(lines))
