"""`make proof`: the applications of tests/proof are rewritten, built, started and asked, before and after; then the deliberately broken
rewrites, each of which must be caught.

    python scripts/proof.py [--app NAME] [--rebuilds N] [--cold] [--compressed] [--files] [--readme README.md]
    python scripts/proof.py --only-controls | --control NAME | --no-controls

Exit status: 0, everything that should split did, and all pass; 1, something failed; 2, there is no engine.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pickle
import platform
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

import service
from service.cli.folder import read_folder
from service.cli.prove import pair_of
from service.proof import Engine, NoEngine, Plan, Proof, Wanted, find_engine, prove, read_plan
from service.proof.model import Weight
from service.proof.prove import estimate_errors, median_seconds, saving
from service.proof.report import as_text
from service.refactoring.result import Options, Refactoring

HOME = Path(__file__).parents[1] / "tests" / "proof"
APPS, CONTROLS = HOME / "apps", HOME / "controls"
BASES = "RESTAGE_PROOF_BASES"
"""What to say of the base images above the table: `.ci/run` builds on stand-ins."""
START, END = "<!-- proof: written by make proof -->", "<!-- end of proof -->"


@dataclass(frozen=True)
class App:
    """A folder of tests/proof/apps: `expect` is `split` or `keep`, `manifests_first` whether the author already copies manifests first."""

    name: str
    folder: Path
    plan: Plan
    expect: str
    manifests_first: bool
    slim: bool

    @property
    def dockerfile(self) -> Path:
        return self.folder / "Dockerfile"


@dataclass(frozen=True)
class Result:
    """`proof` is None where there was nothing to prove: the file came back unchanged."""

    app: App
    refactoring: Refactoring
    proof: Proof | None

    @property
    def split(self) -> bool:
        return self.refactoring.outcome == "split"

    @property
    def passed(self) -> bool:
        expected = self.split == (self.app.expect == "split")
        return expected and (self.proof is None or self.proof.outcome == "equivalent")


def app_of(folder: Path) -> App:
    content = tomllib.loads((folder / "proof.toml").read_text())
    base = next(line for line in (folder / "Dockerfile").read_text().splitlines() if line.upper().startswith("FROM"))
    return App(folder.name, folder, read_plan(folder / "proof.toml"), content["expect"], bool(content["manifests_first"]), "slim" in base)


def rewritten(app: App) -> Refactoring:
    context = read_folder(app.folder, app.dockerfile)
    return service.refactor(app.dockerfile.read_bytes().decode(), context, Options(build_args=app.plan.build_args))


def prove_app(engine: Engine, app: App, wanted: Wanted, resume: bool = False) -> Result:
    """`resume` takes what was measured of the very same pair before."""
    found = rewritten(app)
    if found.dockerfile == found.source:
        return Result(app, found, None)
    place = _measured(app, found, wanted)
    if resume and place.is_file():
        return Result(app, found, pickle.loads(place.read_bytes()))
    pair = pair_of(found, found.dockerfile, app.folder, app.dockerfile, read_folder(app.folder, app.dockerfile))
    result = Result(app, found, prove(engine, pair, app.plan, wanted, lambda line: None))
    if result.passed:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(pickle.dumps(result.proof))
    return result


def _measured(app: App, found: Refactoring, wanted: Wanted) -> Path:
    """Where this script keeps a proof: named by both texts, the context, the plan, what was wanted, and the code that proves."""
    digest = hashlib.sha256(repr((found.source, found.dockerfile, app.plan, wanted, found.verdict.differences)).encode())
    for folder in (app.folder, Path(service.__file__).parent / "proof"):
        for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
            digest.update(file.name.encode() + file.read_bytes())
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "restage" / "proofs" / f"{app.name}-{digest.hexdigest()[:24]}"


@dataclass(frozen=True)
class Control:
    """A file of tests/proof/controls. Its first three lines are comments: `# app:` the application whose rewrite it breaks, what is broken and why
    that matters, and `# by:` the check that has to notice it. A control that is only noticed otherwise is not caught."""

    name: str
    text: str
    app: str
    why: str
    by: str


@dataclass(frozen=True)
class Kill:
    """`reasons` are the checks that found a difference."""

    control: Control
    proof: Proof

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(check.name for check in self.proof.checks if check.level == "different")

    @property
    def caught(self) -> bool:
        return self.proof.outcome == "different" and self.control.by in self.reasons


def control_of(file: Path) -> Control:
    text = file.read_text()
    app, why, by = (line.removeprefix("#").strip() for line in text.splitlines()[:3])
    return Control(file.stem, text, app.removeprefix("app:").strip(), why, by.removeprefix("by:").strip())


def prove_control(engine: Engine, control: Control, wanted: Wanted) -> Kill:
    app = app_of(APPS / control.app)
    pair = pair_of(rewritten(app), control.text, app.folder, app.dockerfile, read_folder(app.folder, app.dockerfile))
    # Tracing takes as long as the rest: it is left to the controls that nothing else can catch.
    files = wanted.files or control.by == "files"
    return Kill(control, prove(engine, pair, app.plan, replace(wanted, files=files), lambda line: None))


def prove_controls(engine: Engine, files: Iterable[Path], jobs: int) -> list[Kill]:
    kills = []
    with ThreadPoolExecutor(jobs) as pool:
        for kill in pool.map(lambda file: prove_control(engine, control_of(file), Wanted(cold=False, rebuilds=0)), files):
            kills.append(kill)
            print(f"control: {_killed(kill)}", flush=True)
    return kills


def _killed(kill: Kill) -> str:
    control = kill.control
    others = [name for name in dict.fromkeys(kill.reasons) if name != control.by]
    more = f" and by {', '.join(others[:3])}{', ...' if others[3:] else ''}" if others else ""
    verdict = f"caught by {control.by}{more}" if kill.caught else f"NOT CAUGHT by {control.by}{more.replace(' and', ', only', 1)}"
    return f"{control.name.replace('-', ' ')} ({control.app}): {verdict}"


# --- the table


HEAD = (
    "application",
    "builds",
    "config",
    "behaviour",
    "MB before -> after",
    "compressed MB",
    "rebuild s",
    "estimate error",
)


def row(result: Result) -> tuple[str, ...]:
    proof = result.proof
    if proof is None:
        return (result.app.name, "not split, as expected" if result.passed else "NOT SPLIT", *[""] * 6)
    checks = proof.checks
    seconds, weights, errors = median_seconds(proof), proof.weights, estimate_errors(proof)
    return (
        result.app.name + ("" if result.split else " (kept whole)"),
        _level(checks, ("build", "rebuild")),
        _level(checks, ("config",)),
        _level(checks, ("probe", "start", "exit", "health", "log", "files")),
        f"{weights[0].unpacked / 1e6:.0f} -> {weights[1].unpacked / 1e6:.0f} ({-100 * saving(weights):.0f} %)" if weights else "",
        _compressed(weights),
        f"{seconds[0]:.1f} -> {seconds[1]:.1f} ({seconds[1] / seconds[0]:.2f} x)" if seconds else "",
        f"{100 * errors[0]:+.0f} %, {100 * errors[1]:+.0f} %" if errors else "",
    )


def _level(checks: tuple[service.proof.Check, ...], kinds: tuple[str, ...]) -> str:
    levels = {check.level for check in checks if check.name.startswith(kinds)}
    return "NO" if "different" in levels else "not provable" if "unprovable" in levels else "yes" if levels else ""


def _compressed(weights: tuple[Weight, Weight] | None) -> str:
    if weights is None or weights[0].compressed is None or weights[1].compressed is None:
        return ""
    return f"{weights[0].compressed / 1e6:.0f} -> {weights[1].compressed / 1e6:.0f}"


def markdown(rows: list[tuple[str, ...]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (HEAD, tuple("---" for _ in HEAD), *rows))


def summary(results: list[Result]) -> list[str]:
    expected = [one for one in results if one.app.expect == "split"]
    done = [one for one in expected if one.split and one.proof is not None]
    passed = [one for one in done if one.passed]
    kept = [one for one in results if one.app.expect != "split"]
    savings = [saving(one.proof.weights) for one in done if one.proof is not None and one.proof.weights is not None]
    lines = [
        f"yield: {len(passed)} of {len(expected)} expected splits split and pass ({100 * len(passed) / (len(expected) or 1):.0f} %); "
        f"{sum(one.passed for one in kept)} of {len(kept)} that must not be split were not",
        f"before: {sum(one.app.manifests_first for one in results)} of {len(results)} copy manifests first, "
        f"{sum(one.app.slim for one in results)} start from a slim base",
    ]
    if savings:
        lines.append(f"mean saving of the splits: {100 * mean(savings):.0f} % of the unpacked bytes")
    for first, words in ((True, "where manifests came first already"), (False, "where not")):
        ratios = [s[1] / s[0] for one in done if one.app.manifests_first == first and one.proof and (s := median_seconds(one.proof))]
        if ratios:
            lines.append(f"rebuild after a source edit, {words}: {mean(ratios):.2f} x in the mean, worst {max(ratios):.2f} x ({len(ratios)})")
    return lines


def machine() -> str:
    return f"{platform.system()} {platform.machine()}, {_cores()} cores, {datetime.now(UTC):%Y-%m-%d}"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def write_readme(file: Path, text: str) -> None:
    old = file.read_text()
    before, found, rest = old.partition(START)
    if not found:
        sys.exit(f"{file} has no line {START}")
    file.write_text(f"{before}{START}\n{text}\n{END}{rest.partition(END)[2]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--app", help="only this application, with its checks in full; no controls")
    parser.add_argument("--apps", type=Path, default=APPS, help="another folder of applications")
    parser.add_argument("--rebuilds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time; with more than one, the seconds mean little")
    parser.add_argument("--resume", action="store_true", help="what was measured of the very same pair is not measured again")
    parser.add_argument("--cold", action="store_true", help="build without the layer cache")
    parser.add_argument("--compressed", action="store_true")
    parser.add_argument("--files", action="store_true")
    parser.add_argument("--readme", type=Path)
    parser.add_argument("--no-controls", action="store_true")
    parser.add_argument("--only-controls", action="store_true", help="the broken rewrites and no application")
    parser.add_argument("--control", help="only this broken rewrite, with its checks in full")
    given = parser.parse_args()
    try:
        engine = find_engine()
    except NoEngine as error:
        print(f"make proof: {error}", file=sys.stderr)
        return 2
    if given.control or given.only_controls:
        return controls(engine, given.control)
    wanted = Wanted(given.cold, given.rebuilds, given.compressed, given.files)
    return one(engine, given.apps / given.app, wanted) if given.app else everything(engine, wanted, given)


def one(engine: Engine, folder: Path, wanted: Wanted) -> int:
    if not (folder / "proof.toml").is_file():
        print(f"there is no application {folder.name}; {folder.parent.name} has them", file=sys.stderr)
        return 2
    result = prove_app(engine, app_of(folder), wanted)
    print(result.refactoring.dockerfile)
    if result.proof is not None:
        print(as_text(result.proof))
    else:
        print(*(remark.because for remark in result.refactoring.remarks), sep="\n")
    return 0 if result.passed else 1


def everything(engine: Engine, wanted: Wanted, given: argparse.Namespace) -> int:
    apps = [app_of(folder) for folder in sorted(given.apps.iterdir()) if (folder / "proof.toml").is_file()]
    results = []
    with ThreadPoolExecutor(given.jobs) as pool:
        for result in pool.map(lambda app: prove_app(engine, app, wanted, given.resume), apps):
            results.append(result)
            print("  ".join(cell for cell in row(result) if cell), flush=True)
            if not result.passed:
                explain(result)
    lines = summary(results)
    caught = True
    if not given.no_controls:
        kills = prove_controls(engine, sorted(CONTROLS.glob("*.Dockerfile")), given.jobs)
        caught = all(kill.caught for kill in kills)
        lines.append(_count(kills))
    table = markdown([row(result) for result in results])
    print("", table, "", *lines, sep="\n")
    if given.readme:
        head = f"{machine()}, Docker {_version()}, {os.environ.get(BASES, 'on the base images that this engine has')}:"
        write_readme(given.readme, "\n".join(["", head, "", table, "", *(f"- {line}" for line in lines), ""]))
    return 0 if caught and all(result.passed for result in results) else 1


def controls(engine: Engine, name: str | None) -> int:
    """One control with its checks in full, or all of them and no application."""
    files = [CONTROLS / f"{name}.Dockerfile"] if name else sorted(CONTROLS.glob("*.Dockerfile"))
    if not files or not files[0].is_file():
        print(f"there is no control {name}; {CONTROLS} has them", file=sys.stderr)
        return 2
    kills = prove_controls(engine, files, 1)
    print("", as_text(kills[0].proof) if name else _count(kills), sep="\n")
    return 0 if all(kill.caught for kill in kills) else 1


def _count(kills: list[Kill]) -> str:
    return f"negative controls: {sum(kill.caught for kill in kills)} of {len(kills)} broken rewrites caught"


def explain(result: Result) -> None:
    if result.proof is not None:
        for check in result.proof.checks:
            if check.level in ("different", "unprovable"):
                print(f"    {check.level}: {check.name}: {check.detail}")
    else:
        for remark in result.refactoring.remarks:
            print(f"    {remark.code}: {remark.because}")


def _version() -> str:
    return subprocess.run(["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
