"""Which files a program opens: one run of the image under this machine's strace, carried into the container with its own loader and libraries,
so that it works in an image without a shell or a C library."""

from __future__ import annotations

import posixpath
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from service.proof.behaviour import observe_container
from service.proof.engine import Engine
from service.proof.model import Plan, RunProbe

_INSIDE = "/restage-trace"
_OPENED = re.compile(r'\b(?:openat|open|execve)\((?:AT_FDCWD, )?"((?:[^"\\]|\\.){1,4096})"', re.ASCII)
_BORN = re.compile(r"^(?:clone3?|v?fork)\(.*\)\s+= (\d+)$", re.ASCII)
_CHDIR = re.compile(r'\bchdir\("((?:[^"\\]|\\.){1,4096})"\s*\)\s+= 0', re.ASCII)


class CannotTrace(Exception):
    """This machine cannot trace a container; the message says why."""


def opened(engine: Engine, image: str, plan: Plan) -> frozenset[str]:
    """Absolute paths that the image's program opened or executed while it was asked the plan's probes. Raises `CannotTrace`."""
    config = engine.inspect("image", image).get("Config", {})
    commands = list(_commands(config, plan))
    if not all(command for command, _ in commands):
        raise CannotTrace("the image has no command")
    with _tools() as tools:
        out = tools / "out"
        out.mkdir(mode=0o777)
        out.chmod(0o777)
        logs = [_traced(engine, image, asked, command, tools, out / f"trace-{place}") for place, (command, asked) in enumerate(commands)]
    return frozenset[str]().union(*(paths(log, config.get("WorkingDir") or "/") for log in logs))


def _commands(config: Mapping[str, Any], plan: Plan) -> Iterator[tuple[list[str], Plan]]:
    """What is traced, and how it is asked meanwhile: the image's own command, and each run with other arguments until it ends by itself."""
    entrypoint, usual = list(config.get("Entrypoint") or ()), list(config.get("Cmd") or ())
    runs = [probe for probe in plan.probes if isinstance(probe, RunProbe)]
    if len(runs) < len(plan.probes) or not runs:
        yield [*entrypoint, *usual], plan
    for probe in runs:
        yield [*entrypoint, *(probe.arguments or usual)], replace(plan, probes=(), settle=plan.ready)


def _traced(engine: Engine, image: str, plan: Plan, command: Sequence[str], tools: Path, log: Path) -> str:
    calls = "trace=execve,open,openat,chdir,clone,clone3,fork,vfork"
    trace = ["-f", "-qq", "-s", "4096", "-e", calls, "-e", "signal=none", "-o", f"{_INSIDE}/out/{log.name}", *command]
    mount = ["-v", f"{tools}:{_INSIDE}", "--entrypoint", f"{_INSIDE}/loader"]
    observe_container(engine, image, plan, mount, ["--library-path", f"{_INSIDE}/libraries", f"{_INSIDE}/strace", *trace])
    if not log.exists():
        raise CannotTrace("strace wrote nothing: the engine may be on another machine, or may not allow tracing")
    return log.read_text(errors="replace")


def paths(log: str, workdir: str) -> frozenset[str]:
    """The paths in strace's log that were opened or executed with success, made absolute by each process's own working directory, which it has
    from its parent and shares with its threads."""
    calls = tuple(_calls(log))
    parents, leaders = _families(calls)
    folders: dict[str, str] = {}
    found: set[str] = set()
    for process, call in calls:
        leader = leaders.get(process, process)
        # A child's first line may come before the one that says whose child it is, so families are known beforehand.
        folder = folders.setdefault(leader, folders.get(parents.get(leader, ""), workdir))
        if " = -1 " in call or "O_DIRECTORY" in call:
            continue
        if (born := _BORN.search(call)) is not None:
            folders.setdefault(leaders.get(born.group(1), born.group(1)), folder)
        elif (moved := _CHDIR.search(call)) is not None:
            folders[leader] = _joined(folder, moved.group(1))
        elif (match := _OPENED.search(call)) is not None:
            found.add(_joined(folder, match.group(1)))
    return frozenset(path for path in found if not path.startswith(("/proc/", "/sys/", "/dev/", _INSIDE)))


def _calls(log: str) -> Iterator[tuple[str, str]]:
    """(process, call), where a call that another process's line interrupts is whole again. One that never ended is left out."""
    begun: dict[str, str] = {}
    for line in log.splitlines():
        process, _, call = line.partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            begun[process] = call.removesuffix("<unfinished ...>")
            continue
        resumed, found, rest = call.partition(" resumed>")
        if found and resumed.startswith("<... "):
            call = begun.pop(process, "") + rest
        yield process, call


def _families(calls: Iterable[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """(child: leader of its parent, thread: the process whose working directory it shares)."""
    parents: dict[str, str] = {}
    leaders: dict[str, str] = {}
    for process, call in calls:
        if (born := _BORN.search(call)) is not None:
            leader = leaders.get(process, process)
            (leaders if "CLONE_FS" in call else parents)[born.group(1)] = leader
    return parents, leaders


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
