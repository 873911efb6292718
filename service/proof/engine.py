"""The docker command line as an adapter: build, run, ask, look, remove. `DOCKER_HOST` and the rest of docker's own settings are honoured."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
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

    def call(self, arguments: Sequence[str], stdin: bytes = b"", limit: float = _QUICK, quiet: bool = False) -> Output:
        """`quiet` throws standard output away."""
        out = subprocess.DEVNULL if quiet else subprocess.PIPE
        try:
            done = subprocess.run([self.docker, *arguments], input=stdin, stdout=out, stderr=subprocess.PIPE, timeout=limit, env=_environment())
        except subprocess.TimeoutExpired as late:
            return Output(None, late.stdout or b"", (late.stderr or b"") + f"\nstopped after {limit:.0f} s".encode())
        return Output(done.returncode, done.stdout or b"", done.stderr)

    def build(
        self,
        dockerfile: Path,
        context: Path,
        build_args: Mapping[str, str],
        tag: str,
        limit: float,
        cold: bool,
        show: Callable[[str], None],
    ) -> Output:
        """`docker build` with plain progress, each line given to `show` as it comes. The image is named `tag`."""
        network = [f"--network={self.network}"] if self.network else []
        values = [part for name, value in build_args.items() for part in ("--build-arg", f"{name}={value}")]
        words = ["build", "--provenance=false", "--progress=plain", *network, *(["--no-cache"] if cold else []), *values]
        command = [self.docker, *words, "--label", LABEL, "--tag", tag, "-f", str(dockerfile), str(context)]
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
    def ran(self, image: str, command: str, limit: float) -> Iterator[tuple[str, Output]]:
        """A shell command in a new container of an image, with the network that builds have. Gives the ended container and what it printed;
        raises `NotStarted`."""
        network = [f"--network={self.network}"] if self.network else []
        words = ["create", *network, "--label", LABEL, "--entrypoint", "/bin/sh", image, "-c", command]
        made = self.call(words)
        if made.code != 0:
            raise NotStarted(made.complaint)
        container = made.text.strip()
        try:
            yield container, self.call(["start", "--attach", container], limit=limit)
        finally:
            self.call(["rm", "-f", "-v", container])

    def changes(self, container: str) -> dict[str, str]:
        """`docker diff`: what a container changed by path: `A` added, `C` changed, `D` deleted."""
        lines = self.call(["diff", container]).text.splitlines()
        return {path: kind for kind, _, path in (line.partition(" ") for line in lines) if path}

    def existing(self, container: str, paths: Sequence[str]) -> frozenset[str]:
        """Those of the paths that an ended container has."""
        return frozenset(path for path in paths if self.call(["cp", f"{container}:{path}", "-"], quiet=True).code == 0)

    def files(self, container: str, path: str, limit: int = 1 << 27) -> tuple[str, ...]:
        """Names of the files and links at or below a path of an ended container; none where it is not there."""
        found = self.call(["cp", f"{container}:{path}", "-"])
        if found.code != 0 or len(found.out) > limit:
            return () if found.code != 0 else (path,)
        with tarfile.open(fileobj=io.BytesIO(found.out)) as archive:
            return tuple(member.name for member in archive if not member.isdir())

    def content(self, container: str, path: str) -> str:
        """A text file of an ended container; empty where there is none."""
        found = self.call(["cp", "-L", f"{container}:{path}", "-"])
        if found.code != 0:
            return ""
        with tarfile.open(fileobj=io.BytesIO(found.out)) as archive:
            member = archive.next()
            file = archive.extractfile(member) if member is not None and member.isreg() else None
            return file.read().decode(errors="replace") if file is not None else ""

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
