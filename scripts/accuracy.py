"""`make accuracy`: real images, layer by layer, against the estimate made beforehand.

    python scripts/accuracy.py [--case NAME ...] [--half fit|test] [--layers] [--jobs N] [--fresh|--measured|--recorded] [--record]

The cases are the Dockerfiles of tests/accuracy and the applications of tests/proof, as they are and as Restage rewrites them. Which half a case
belongs to is decided by its name's hash, so that nobody chooses; nothing may be fitted on the half marked as test. What was measured is kept in the
user's cache, by the case's content and the base's digest. Bytes are those added above the base; the base itself is a look-up, and the bases on this
machine are laid over the catalogue. `--record` writes what was measured, with what the bases have, into tests/accuracy/measured.json; `--recorded`
compares with that, without an engine (a test does the same).

Exit status: 0, all bounds hold; 1, one does not; 2, there is no engine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

import service
from service.cli.folder import read_folder
from service.context import BuildContext
from service.dockerfile import read
from service.image.effects import Kind, Layer, Phase
from service.image.history import below, stage_source
from service.image.image import Image
from service.image.interpret import interpret
from service.image.model import BaseImage
from service.knowledge.images import base_image
from service.knowledge.sizes import ImageSize
from service.proof import Engine, NoEngine, find_engine, read_plan
from service.proof.builds import site
from service.proof.engine import NotStarted
from service.proof.layers import BuiltImage, BuiltLayer, dpkg_packages, layers_of
from service.refactoring.result import Options
from service.sizing import Estimate, LayerEstimate, estimate

TESTS = Path(__file__).parents[1] / "tests"
CASES, APPS = TESTS / "accuracy", TESTS / "proof" / "apps"
RECORD = CASES / "measured.json"
_TIME = 1_500.0


@dataclass(frozen=True)
class Case:
    """One Dockerfile to build: `name` is the folder's, with `+` where it is the rewrite."""

    name: str
    folder: Path
    text: str
    build_args: Mapping[str, str]

    @property
    def half(self) -> str:
        """Both versions of a file are in one half."""
        return "test" if hashlib.sha256(self.folder.name.encode()).digest()[0] % 2 else "fit"

    @property
    def context(self) -> BuildContext:
        return read_folder(self.folder, self.folder / "Dockerfile")


@dataclass(frozen=True)
class Row:
    """A layer: what it is made of (`apt`, `pip`, `npm`, `copy`, `other`, or `opaque`), what was estimated, and what was measured."""

    case: Case
    kind: str
    estimated: LayerEstimate
    built: BuiltLayer

    @property
    def error(self) -> float:
        return abs(self.estimated.size.mid - self.built.unpacked) / max(1, self.built.unpacked)

    @property
    def inside(self) -> bool:
        return self.estimated.size.low <= self.built.unpacked <= self.estimated.size.high

    @property
    def width(self) -> float:
        """Half the range, as a part of the middle."""
        size = self.estimated.size
        return (size.high - size.low) / 2 / max(1, size.mid)


@dataclass(frozen=True)
class Measured:
    case: Case
    estimate: Estimate
    built: BuiltImage
    rows: tuple[Row, ...]

    @property
    def own(self) -> int:
        return sum(layer.size.mid for layer in self.estimate.own)

    @property
    def own_built(self) -> int:
        return sum(layer.unpacked for layer in self.built.layers)

    @property
    def packed(self) -> int:
        return sum(layer.compressed.mid for layer in self.estimate.own)

    @property
    def packed_built(self) -> int:
        return sum(layer.compressed for layer in self.built.layers)

    @property
    def exact_count(self) -> bool:
        return len(self.estimate.own) == len(self.built.layers)


# --- cases


def cases(names: Sequence[str]) -> Iterator[Case]:
    folders = sorted(path for path in (*CASES.iterdir(), *APPS.iterdir()) if (path / "Dockerfile").is_file())
    for folder in folders:
        if names and folder.name not in names:
            continue
        text = (folder / "Dockerfile").read_bytes().decode()
        plan = folder / "proof.toml"
        build_args = read_plan(plan).build_args if plan.is_file() else {}
        yield Case(folder.name, folder, text, build_args)
        found = service.refactor(text, read_folder(folder, folder / "Dockerfile"), Options(build_args=build_args))
        if found.dockerfile != text:
            yield Case(folder.name + "+", folder, found.dockerfile, build_args)


def interpreted(case: Case, facts: Callable[[str], BaseImage]) -> Image:
    return interpret(read(case.text), case.context, facts, case.build_args)


def kind_of(layer: Layer, image: Image) -> str:
    """What decides a layer's size: `opaque` where anything but packages, copies and small files is in it."""
    if layer.opaque:
        return "opaque"
    if layer.instruction.keyword in ("COPY", "ADD"):
        known = all(write.kind is Kind.CONTEXT for write in layer.writes) and layer.instruction.keyword == "COPY"
        return "copy" if known else "opaque" if layer.instruction.keyword == "ADD" else _copied(layer, image)
    kinds = {_act_kind(act) for act in layer.acts} - {""}
    if "opaque" in kinds:
        return "opaque"
    return next((kind for kind in ("apt", "pip", "npm") if kind in kinds), "other")


def _copied(layer: Layer, image: Image) -> str:
    """A COPY --from is readable where what it brings was installed by a package manager whose tables we have."""
    for write in layer.writes:
        source = stage_source(write)
        if source is None:
            return "opaque"
        index, path = source
        acts = [act for part in image.chain(index) for one in part.layers for act in one.acts]
        if any(act.phase in (Phase.BUILD, Phase.RUN) and any(below(w.path, path) or below(path, w.path) for w in act.writes) for act in acts):
            return "opaque"
        installs = [act.install for act in acts if act.install is not None and below(act.install.target, path)]
        if not installs or any(one.ecosystem not in ("python", "node") for one in installs):
            return "opaque"
    return "copy"


def _act_kind(act: Any) -> str:
    if act.packages is not None:
        return "apt" if act.packages.manager == "apt" else "opaque"
    if act.install is not None and act.phase is Phase.INSTALL:
        return {"python": "pip", "node": "npm"}.get(act.install.ecosystem, "opaque")
    if act.phase in (Phase.BUILD, Phase.FETCH, Phase.RUN):
        return "opaque"
    return ""


# --- measuring


def measure(engine: Engine, case: Case, base: str, fresh: bool) -> BuiltImage:
    """Builds and weighs; what was measured of the same content on the same base is taken from the cache."""
    place = _place(engine, case, base)
    if place.is_file() and not fresh:
        return _built(json.loads(place.read_text()))
    with site(engine, case.folder, None, case.build_args, _TIME, lambda line: None) as here:
        build = here.build(f"accuracy-{case.folder.name}", case.text)
        if not build.ok:
            raise ValueError(f"{case.name} does not build:\n{build.log}")
        try:
            found = layers_of(engine, build.image, base)
        finally:
            engine.remove_images([build.image])
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=place.parent, delete=False) as file:
        json.dump({"base_layers": found.base_layers, "layers": [asdict(layer) for layer in found.layers]}, file)
    Path(file.name).rename(place)
    return found


def _built(content: Mapping[str, Any]) -> BuiltImage:
    return BuiltImage(content["base_layers"], tuple(BuiltLayer(**row) for row in content["layers"]))


def _place(engine: Engine, case: Case, base: str) -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "restage" / "accuracy" / f"{case.name}-{content_key(case, _identity(engine, base))}.json"


def content_key(case: Case, identity: str = "") -> str:
    """Names what an image is made of: the file, its arguments, its context, and the base's own digest."""
    digest = hashlib.sha256(f"{case.text}\0{sorted(case.build_args.items())}\0{identity}".encode())
    for file in sorted(path for path in case.folder.rglob("*") if path.is_file() and path.name not in ("Dockerfile", "proof.toml")):
        digest.update(file.relative_to(case.folder).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:24]


@lru_cache(maxsize=256)
def _identity(engine: Engine, reference: str) -> str:
    return str(engine.inspect("image", reference).get("Id", ""))


@lru_cache(maxsize=256)
def facts_of(engine: Engine, reference: str) -> BaseImage:
    """The catalogue's facts, with the packages that the image on this machine has."""
    known = base_image(reference)
    if not _identity(engine, reference):
        return known
    packages = dpkg_packages(engine, reference)
    found = replace(known, packages=packages, suite="bookworm" if packages else known.suite) if packages is not None else known
    return replace(found, language_version=_python(engine, reference), own_bytes=_site(engine, known)) if known.family == "python" else found


def _site(engine: Engine, base: BaseImage) -> dict[str, int]:
    """What the base's own site-packages weigh: a COPY --from takes them along."""
    minor = ".".join(base.version.split(".")[:2])
    folder = f"/usr/local/lib/python{minor}/site-packages"
    with engine.ran(base.reference, f"find -L {folder} -type f -printf '%s\\n' | awk '{{s+=$1}} END {{print s+0}}'", 60) as (_, output):
        return {folder: int(output.text.strip() or 0)} if minor and output.text.strip().isdigit() else {}


def _python(engine: Engine, reference: str) -> str:
    """Stand-ins have one Python whatever their tag says."""
    with engine.ran(reference, "python3 -c 'import platform; print(platform.python_version())'", 60) as (_, output):
        return output.text.strip()


@lru_cache(maxsize=256)
def size_of(engine: Engine, reference: str) -> ImageSize:
    found = engine.inspect("image", reference)
    size, layers = int(found.get("Size", 0)), len(found.get("RootFS", {}).get("Layers", ()))
    return ImageSize((size, size, size), (size, size, size), layers, "registry", "the image on this machine", "")


# --- comparing


@lru_cache(maxsize=4)
def index_is_cached(engine: Engine, image: str = "python:3.11-slim") -> bool:
    """Whether pip keeps what the package index of this machine sends: the index says so in its headers, and a mirror may forbid it."""
    command = "pip download -q --no-deps -d /tmp/x six && find ~/.cache/pip -type f -size +4k | grep -q ."
    try:
        with engine.ran(image, command, 120) as (_, output):
            return output.code == 0
    except NotStarted:
        return True


def _without_pip_cache(found: Estimate) -> Estimate:
    """The estimate for a machine whose index forbids caching."""
    rows = tuple(_less(row) if any(one.cause == "pip install" for one in row.removable) else row for row in found.layers)
    return replace(found, layers=rows)


def _less(row: LayerEstimate) -> LayerEstimate:
    gone = [one.size for one in row.removable if one.cause == "pip install"]
    low, middle, high = (sum(getattr(size, end) for size in gone) for end in ("low", "mid", "high"))
    size, packed = row.size, row.compressed
    # Archives are packed already.
    return replace(
        row,
        size=replace(size, low=max(0, size.low - low), mid=max(0, size.mid - middle), high=max(0, size.high - high)),
        compressed=replace(packed, low=max(0, packed.low - low), mid=max(0, packed.mid - middle), high=max(0, packed.high - high)),
    )


@dataclass(frozen=True)
class Bench:
    """Where images are measured: what bases have and how large they are, whether the package index is cached, and the layers of a case."""

    facts: Callable[[str], BaseImage]
    sizes: Callable[[str], ImageSize]
    cached: bool
    built: Callable[[Case, str], BuiltImage]


def bench_of(engine: Engine, fresh: bool, known: bool) -> Bench:
    def built(case: Case, base: str) -> BuiltImage:
        if known and not _place(engine, case, base).is_file():
            raise ValueError(f"{case.name} was not measured")
        return measure(engine, case, base, fresh)

    return Bench(lambda name: facts_of(engine, name), lambda name: size_of(engine, name), index_is_cached(engine), built)


def recorded_bench(record: Mapping[str, Any]) -> Bench:
    """What tests/accuracy/measured.json says. A case that has changed since was not measured."""
    bases, cases_there = record["bases"], record["cases"]

    def facts(reference: str) -> BaseImage:
        row = bases.get(reference)
        known = base_image(reference)
        if not row or not row["packages"]:
            return known
        return replace(
            known, packages=frozenset(row["packages"]), suite="bookworm", language_version=row["language_version"], own_bytes=row["own_bytes"]
        )

    def sizes(reference: str) -> ImageSize:
        row = bases.get(reference) or {"bytes": 0, "layers": 0}
        size = (row["bytes"],) * 3
        return ImageSize(size, size, row["layers"], "registry", "the image on the machine that measured", record["date"])

    def built(case: Case, base: str) -> BuiltImage:
        row = cases_there.get(case.name)
        if row is None or row["key"] != content_key(case):
            raise ValueError(f"{case.name} was not measured as it is now")
        return _built(row)

    return Bench(facts, sizes, record["index_is_cached"], built)


def record_of(engine: Engine, found: Sequence[Measured]) -> dict[str, Any]:
    """What `recorded_bench` reads. Bases are named as Dockerfiles write them."""
    bases = {}
    for one in found:
        for part in interpreted(one.case, base_image).stages:
            name = part.state.base.reference
            if part.state.parent is None and name not in bases and _identity(engine, name):
                size, facts = size_of(engine, name), facts_of(engine, name)
                bases[name] = {
                    "bytes": size.unpacked[1],
                    "layers": size.n_layers,
                    "packages": sorted(facts.packages or ()),
                    "language_version": facts.language_version,
                    "own_bytes": dict(facts.own_bytes),
                }
    rows = {
        one.case.name: {"key": content_key(one.case), "base_layers": one.built.base_layers, "layers": [asdict(x) for x in one.built.layers]}
        for one in found
    }
    return {"date": datetime.now(UTC).date().isoformat(), "index_is_cached": index_is_cached(engine), "bases": bases, "cases": rows}


def compared(bench: Bench, case: Case) -> Measured:
    image = interpreted(case, bench.facts)
    chain = image.chain(image.final)
    found = estimate(image, case.context, sizes_of=bench.sizes)
    if not bench.cached:
        found = _without_pip_cache(found)
    built = bench.built(case, chain[0].state.base.reference)
    layers = [layer for part in chain for layer in part.layers]
    rows = tuple(Row(case, kind_of(layer, image), one, real) for layer, one, real in zip(layers, found.own, built.layers, strict=False))
    return Measured(case, found, built, rows)


def percentile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=lambda index: values[index])
    found = [0.0] * len(values)
    for place, index in enumerate(order):
        found[index] = float(place)
    return found


def correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's: Pearson's over ranks."""
    a, b = ranks(one), ranks(other)
    middle = (len(a) - 1) / 2
    top = sum((x - middle) * (y - middle) for x, y in zip(a, b, strict=True))
    return top / (sum((x - middle) ** 2 for x in a) or 1.0)


READABLE = ("apt", "pip", "npm", "copy")


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    bound: float
    at_least: bool
    count: int

    @property
    def holds(self) -> bool:
        return self.count == 0 or (self.value >= self.bound if self.at_least else self.value <= self.bound)

    def __str__(self) -> str:
        sign = ">=" if self.at_least else "<="
        return f"{'ok ' if self.holds else 'NOT'} {self.name:<58} {100 * self.value:7.1f} %  ({sign} {100 * self.bound:.0f} %, n = {self.count})"


def figures(found: Sequence[Measured]) -> list[Figure]:
    rows = [row for one in found for row in one.rows]
    # Below 100 KB a layer is files that nobody counts in per cent.
    readable = [row for row in rows if row.kind in READABLE and row.built.unpacked >= 100_000]
    opaque = [row for row in rows if row.kind == "opaque"]
    totals = [abs(one.own - one.own_built) / max(1, one.own_built) for one in found if one.own_built]
    packed = [abs(one.packed - one.packed_built) / max(1, one.packed_built) for one in found if one.own_built]
    savings = list(_savings(found))
    result = [
        Figure("layer count exact", _share(one.exact_count for one in found), 1.0, True, len(found)),
        Figure("readable layers: median error", median(row.error for row in readable) if readable else 0.0, 0.05, False, len(readable)),
        Figure("readable layers: P90 error", percentile((row.error for row in readable), 0.9), 0.15, False, len(readable)),
        Figure("readable layers: true value inside the range", _share(row.inside for row in readable), 0.90, True, len(readable)),
        Figure("readable layers: median half width", median(row.width for row in readable) if readable else 0.0, 0.25, False, len(readable)),
        Figure("opaque layers: true value inside the range", _share(row.inside for row in opaque), 0.90, True, len(opaque)),
        Figure("totals above the base: median error", median(totals) if totals else 0.0, 0.10, False, len(totals)),
        Figure("compressed above the base: median error", median(packed) if packed else 0.0, 0.12, False, len(packed)),
    ]
    if len(savings) > 2:
        result.append(Figure("saving: rank correlation", correlation(*zip(*savings, strict=True)), 0.95, True, len(savings)))
    return result


def _savings(found: Sequence[Measured]) -> Iterator[tuple[float, float]]:
    """(predicted, real) saving of each rewrite, bases included as they are on this machine."""
    by_name = {one.case.name: one for one in found}
    for name, after in by_name.items():
        before = by_name.get(name.removesuffix("+"))
        if name.endswith("+") and before is not None:
            bases = before.estimate.layers[0].size.mid - after.estimate.layers[0].size.mid
            yield before.own - after.own + bases, before.own_built - after.own_built + bases


def _share(values: Iterable[bool]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 1.0


def shown(row: Row) -> str:
    size, error = row.estimated.size, 100 * (row.estimated.size.mid - row.built.unpacked) / max(1, row.built.unpacked)
    packed = f"gz {row.built.compressed / 1e6:7.2f} est {row.estimated.compressed.mid / 1e6:7.2f}"
    mark = " " if row.inside else "!"
    return (
        f"{mark} {row.kind:<6} {row.built.unpacked / 1e6:9.2f} MB, estimated {size.mid / 1e6:9.2f} ({size.low / 1e6:.2f}-{size.high / 1e6:.2f})"
        f" {error:+7.1f} %; {packed}"
        f"  {row.case.name}:{row.estimated.line} {row.estimated.instruction[:60]!r}"
    )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Estimates against real images.")
    parser.add_argument("--case", action="append", default=[])
    parser.add_argument("--half", choices=("fit", "test"))
    parser.add_argument("--layers", action="store_true", help="print every layer")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--fresh", action="store_true", help="measure again")
    parser.add_argument("--measured", action="store_true", help="only what was measured before: builds nothing")
    parser.add_argument("--recorded", action="store_true", help="against tests/accuracy/measured.json, without an engine")
    parser.add_argument("--record", action="store_true", help="write tests/accuracy/measured.json")
    given = parser.parse_args(arguments)
    engine: Engine | None = None
    if given.recorded:
        bench = recorded_bench(json.loads(RECORD.read_text()))
    else:
        try:
            engine = find_engine()
        except NoEngine as error:
            print(f"no measurements: {error}", file=sys.stderr)
            return 2
        bench = bench_of(engine, given.fresh, given.measured)
    wanted = [case for case in cases(given.case) if given.half in (None, case.half)]
    with ThreadPoolExecutor(given.jobs) as pool:
        found = [one for one in pool.map(lambda case: _tried(bench, case), wanted) if one is not None]
    if given.layers:
        for one in found:
            for row in one.rows:
                print(shown(row))
    holds = True
    for half in ("fit", "test"):
        mine = [one for one in found if one.case.half == half]
        if mine:
            print(f"\n{half} half: {len(mine)} images, {sum(len(one.rows) for one in mine)} layers")
            for figure in figures(mine):
                print(figure)
                holds = holds and (figure.holds or half == "fit")
    print(f"\n{len(found)} of {len(wanted)} images measured")
    if given.record and engine is not None:
        RECORD.write_text(json.dumps(record_of(engine, found), indent=1, sort_keys=True) + "\n")
    return 0 if holds and len(found) == len(wanted) else 1


def _tried(bench: Bench, case: Case) -> Measured | None:
    try:
        return compared(bench, case)
    except (ValueError, OSError, NotStarted) as error:
        print(f"{case.name}: {error}", file=sys.stderr)
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
