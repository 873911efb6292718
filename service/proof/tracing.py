"""Which files a program opens: one run of the image under this machine's strace, carried into the container with its own loader and libraries,
so that it works in an image without a shell or a C library."""

from __future__ import annotations

import posixpath
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.proof.behaviour import observe_container
from service.proof.engine import Engine
from service.proof.model import Plan

_INSIDE = "/restage-trace"
_OPENED = re.compile(r'\b(?:openat|open|execve)\((?:AT_FDCWD, )?"((?:[^"\\]|\\.){1,4096})"', re.ASCII)
_CHDIR = re.compile(r'\bchdir\("((?:[^"\\]|\\.){1,4096})"\)\s+= 0', re.ASCII)


class CannotTrace(Exception):
    """This machine cannot trace a container; the message says why."""


def opened(engine: Engine, image: str, plan: Plan) -> frozenset[str]:
    """Absolute paths that the image's program opened or executed while it was asked the plan's probes. Raises `CannotTrace`."""
    config = engine.inspect("image", image).get("Config", {})
    command = [*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())]
    if not command:
        raise CannotTrace("the image has no command")
    with _tools() as tools:
        out = tools / "out"
        out.mkdir(mode=0o777)
        out.chmod(0o777)
        trace = ["-f", "-qq", "-s", "4096", "-e", "trace=execve,open,openat,chdir", "-e", "signal=none", "-o", f"{_INSIDE}/out/trace", *command]
        mount = ["-v", f"{tools}:{_INSIDE}", "--entrypoint", f"{_INSIDE}/loader"]
        observe_container(engine, image, plan, mount, ["--library-path", f"{_INSIDE}/libraries", f"{_INSIDE}/strace", *trace])
        log = out / "trace"
        if not log.exists():
            raise CannotTrace("strace wrote nothing: the engine may be on another machine, or may not allow tracing")
        return paths(log.read_text(errors="replace"), config.get("WorkingDir") or "/")


def paths(log: str, workdir: str) -> frozenset[str]:
    """The paths in strace's log that were opened or executed with success, made absolute by each process's own working directory."""
    folders: dict[str, str] = {}
    found: set[str] = set()
    for line in log.splitlines():
        process, _, call = line.partition(" ")
        call = call.strip()
        if " = -1 " in call or "O_DIRECTORY" in call:
            continue
        folder = folders.get(process, workdir)
        if (moved := _CHDIR.search(call)) is not None:
            folders[process] = _joined(folder, moved.group(1))
        elif (match := _OPENED.search(call)) is not None:
            found.add(_joined(folder, match.group(1)))
    return frozenset(path for path in found if not path.startswith(("/proc/", "/sys/", "/dev/", _INSIDE)))


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))


@contextmanager
def _tools() -> Iterator[Path]:
    strace = shutil.which("strace")
    if strace is None:
        raise CannotTrace("there is no strace on this machine (Linux: install the package strace)")
    listed = subprocess.run(["ldd", strace], capture_output=True, text=True, timeout=20).stdout
    libraries = [word for line in listed.splitlines() for word in line.split() if word.startswith("/")]
    with tempfile.TemporaryDirectory(prefix="restage-trace-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copy(strace, folder / "strace")
        (folder / "libraries").mkdir(mode=0o755)
        for library in libraries:
            target = folder / "loader" if Path(library).name.startswith("ld-") else folder / "libraries" / Path(library).name
            shutil.copy(library, target)
        if not (folder / "loader").exists():
            raise CannotTrace("this machine's strace is not an ordinary Linux program")
        yield folder
