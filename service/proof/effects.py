"""Rows of the ecosystems' tables against what their commands really do: one command in a container, and what changed in its file system."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.context import BuildContext
from service.dockerfile import read
from service.image.effects import Kind, Layer, Phase
from service.image.history import below
from service.image.interpret import interpret
from service.proof.builds import site
from service.proof.engine import Engine, NotStarted

# What every package manager and every program may touch; no row claims it and no rewrite copies it.
_NOISE = ("/tmp", "/var/tmp", "/run", "/dev", "/proc", "/sys", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab", "/.dockerenv")
# A system's packages own these folders; that row claims the names of packages, which are asked for one by one.
_SYSTEM = ("/usr", "/etc", "/var", "/lib", "/lib64", "/bin", "/sbin", "/opt", "/boot", "/srv", "/root/.gnupg")
_USER_FILES = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid")
# npm notes each of its commands in the home, and when it last looked for a newer npm (docs.npmjs.com/cli/using-npm/logging).
# yarn's empty folder for what it is writing; cargo's locks, clock and list of what it installed, which only cargo reads (the Cargo book, Cargo home);
# Go's counters (go.dev/doc/telemetry); manual pages; what setuptools makes beside a project on the way to installing it.
_LOGS = (
    *("/share/man/", ".egg-info/", "/build/bdist.", "/build/lib/"),
    *("/.npm/_logs/", "/.npm/_update-notifier-last-checked", "/yarn/v6/.tmp"),
    *("/.package-cache", "/.global-cache", "/.crates.toml", "/.crates2.json", "/.config/go/telemetry"),
)
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Case:
    """A `command` on a `base` behind `setup` (Dockerfile lines), with the `files` of its build context."""

    base: str
    command: str
    setup: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    @property
    def before(self) -> str:
        return "\n".join((f"FROM {self.base}", *self.setup)) + "\n"

    @property
    def dockerfile(self) -> str:
        return f"{self.before}RUN {self.command}\n"


@dataclass(frozen=True, slots=True)
class Claims:
    """What the tables say of a case's command: the rows' names, and the effects as sentences, equal for equal rows."""

    rows: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`faults` are sentences; empty: the command did what the rows say, and all that they say."""

    case: Case
    claims: Claims
    faults: tuple[str, ...]


class BadCase(Exception):
    """A file of cases that cannot be read, or a case whose set-up does not build; the message says which and why."""


def read_cases(file: Path) -> tuple[Case, ...]:
    """`[[case]]` tables with `base`, `run`, and where needed `setup` (a list of lines) and `[case.files]`. Raises `BadCase`."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        return tuple(_case(row) for row in content.get("case", []))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise BadCase(f"{file}: {error}") from None


def _case(row: Mapping[str, Any]) -> Case:
    return Case(str(row["base"]), str(row["run"]), tuple(map(str, row.get("setup", ()))), tuple(sorted(dict(row.get("files", {})).items())))


def claims_of(case: Case) -> Claims:
    """What our own interpreter says of the command."""
    layer = layer_of(case)
    rows = tuple(dict.fromkeys(act.step for act in layer.acts if act.step))
    return Claims(rows, tuple(dict.fromkeys(_sentences(layer))))


def layer_of(case: Case) -> Layer:
    context = BuildContext(dict(case.files), complete=True)
    return interpret(read(case.dockerfile), context).stages[-1].layers[-1]


def _sentences(layer: Layer) -> Iterator[str]:
    for act in layer.acts:
        if act.opaque:
            yield f"anything, by `{' '.join(word or '?' for word in act.words)}`"
        for write in act.writes:
            yield f"{write.kind.value} {write.path}{'/**' if write.tree else ''}"
        yield from (f"deletes {path}" for path in act.deletes)
        yield from (f"user {name}" for name in act.users)
        if act.packages is not None:
            yield from (f"installs {act.packages.manager}:{name}" for name in act.packages.installed)
            yield from (f"removes {act.packages.manager}:{name}" for name in act.packages.removed)


def check(engine: Engine, case: Case, limit: float = 600.0) -> Outcome:
    """Runs the command with the network, on an image of the case's set-up. Raises `BadCase` where that image cannot be built."""
    claims = claims_of(case)
    with tempfile.TemporaryDirectory(prefix="restage-effects-") as name:
        context = Path(name)
        for path, text in case.files:
            (context / path).parent.mkdir(parents=True, exist_ok=True)
            (context / path).write_text(text)
        with site(engine, context, None, {}, limit, lambda line: None) as place:
            built = place.build("before", case.before)
    if not built.ok:
        raise BadCase(f"the set-up of `{case.command}` on {case.base} does not build: {built.log[-300:]}")
    layer = layer_of(case)
    try:
        with engine.ran(built.image, case.command, limit) as (container, output):
            if output.code != 0:
                raise BadCase(f"`{case.command}` on {case.base} fails: {output.complaint[-300:]}")
            found = (*_unclaimed(engine.changes(container), layer), *unkept(engine, container, layer))
    except NotStarted as error:
        raise BadCase(str(error)) from None
    finally:
        engine.remove_images([built.image])
    return Outcome(case, claims, found)


def _unclaimed(changes: Mapping[str, str], layer: Layer) -> Iterator[str]:
    """What changed although no row says so. A folder that only holds changes is no change itself."""
    parents = {parent for path in changes for parent in _parents(path)}
    odd = sorted(path for path, kind in changes.items() if path not in parents and not _claimed(path, kind, layer))
    if odd:
        yield f"changes {len(odd)} more: {', '.join(odd[:_SHOWN])}"


def _parents(path: str) -> Iterator[str]:
    while (path := path.rpartition("/")[0]) != "":
        yield path


def _claimed(path: str, kind: str, layer: Layer) -> bool:
    # pipenv makes the folder of its environments, empty, where it is told to use none.
    if any(below(path, folder) for folder in _NOISE) or any(log in path for log in _LOGS) or path.endswith("/share/virtualenvs"):
        return True
    for act in layer.acts:
        # What a pattern deletes cannot be told from the text: it is then taken to stay, which loses nothing.
        if kind == "D" and act.step in ("rm", "mv") and None in act.words:
            return True
        # A tool's own store lies elsewhere than the project: of it nothing ships, whatever is in it (~/.nimble, ~/.opam).
        stores = (write.path for write in act.writes if write.kind is Kind.INTERMEDIATE and not below(act.cwd, write.path))
        trees = (*stores, *(write.path for write in act.writes if write.tree))
        if any(below(path, tree) for tree in trees) or any(below(write.path, path) for write in act.writes):
            return True
        if any(below(path, deleted) for deleted in act.deletes):
            return True
        if act.phase is Phase.PACKAGES and any(below(path, folder) for folder in _SYSTEM):
            return True
        if (act.users or act.phase is Phase.SETUP) and (path.rstrip("-") in _USER_FILES or any(below(path, f"/home/{name}") for name in act.users)):
            return True
    # A folder that was only touched (a file came and went) shows as changed.
    return kind == "C" and any(below(write.path, path) or below(path, write.path) for act in layer.acts for write in act.writes)


def unkept(engine: Engine, container: str, layer: Layer) -> Iterator[str]:
    """What the rows say and the command did not do: paths that a later COPY would look for, packages, users."""
    gone = [path for act in layer.acts for path in act.deletes]
    wanted = {
        write.path
        for act in layer.acts
        for write in act.writes
        if write.kind not in (Kind.CACHE, Kind.TEMPORARY) and not any(below(write.path, path) for path in gone)
    }
    there = engine.existing(container, sorted(wanted))
    absent = sorted(wanted - there - _instead(layer, there))
    if absent:
        yield f"leaves no {', '.join(absent[:_SHOWN])}"
    # Folders and lock files may stay: what a deletion says is that the content is gone.
    for path in sorted({path for path in gone if not any(below(other, path) or below(path, other) for other in wanted)}):
        if left := [name for name in engine.files(container, path) if not (name.endswith("/lock") or any(log in f"/{name}" for log in _LOGS))]:
            yield f"does not delete {path}: {left[0]}"
    users = {name for act in layer.acts for name in act.users}
    known = engine.content(container, "/etc/passwd") if users else ""
    yield from (f"makes no user {name}" for name in sorted(users) if not any(line.startswith(f"{name}:") for line in known.splitlines()))
    yield from _packages(engine, container, [act.packages for act in layer.acts if act.packages is not None])


def _instead(layer: Layer, there: Collection[str]) -> set[str]:
    """The folders of what a command makes on its way, where it has made one of them: other releases make the others (cabal's dist, before
    dist-newstyle), and of each ships what the program names."""
    made = ({write.path for write in act.writes if write.kind is Kind.INTERMEDIATE and write.tree} for act in layer.acts)
    return set().union(*(folders for folders in made if folders & set(there)))


def _packages(engine: Engine, container: str, changes: Iterable[Any]) -> Iterator[str]:
    wanted: set[str] = set()
    for change in changes:
        if change.manager != "apt":
            continue
        wanted = (wanted | set(change.installed)) - set(change.removed)
    if wanted:
        status = engine.content(container, "/var/lib/dpkg/status")
        there = {name for block in status.split("\n\n") if "install ok installed" in block for name in _names(block)}
        yield from (f"does not install {name}" for name in sorted(wanted - there))


def _names(block: str) -> Iterator[str]:
    """A package's own name and those that it provides (deb-control(5))."""
    for line in block.splitlines():
        key, _, value = line.partition(": ")
        if key == "Package":
            yield value.strip()
        elif key == "Provides":
            yield from (part.split()[0] for part in value.split(",") if part.split())
