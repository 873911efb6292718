"""Builds the original and the rewritten file with your own Docker, compares the two images, and prints what it measured.

Exit status: 0, the images are equivalent (or nothing had to change); 1, they are not; 2, it could not be proved: no engine, the original does not
build or does not answer its probes. Containers run without a network; ports are asked from inside.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import service
from service.cli.errors import Unusable
from service.cli.folder import read_folder
from service.cli.refactor import options_of, text_of
from service.context import BuildContext
from service.dockerfile.model import DockerfileError
from service.image.image import Image
from service.proof import BadPlan, NoEngine, Plan, Wanted, find_engine, prove, read_plan
from service.proof.model import EXIT, Estimated, HttpProbe, RunProbe
from service.proof.prove import Pair
from service.proof.report import as_json, as_text
from service.refactoring.result import Refactoring
from service.sizing import estimate

SUMMARY = "build both files and compare the images"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="the Dockerfile")
    parser.add_argument("context", nargs="?", type=Path, help="the build context; by default the file's folder")
    parser.add_argument("--rewritten", metavar="FILE", type=Path, help="hold this file against the original instead of Restage's own rewrite")
    parser.add_argument("--plan", metavar="FILE", type=Path, help="probes and more in TOML, as in tests/proof/apps/*/proof.toml")
    parser.add_argument("--get", metavar="PORT/PATH", action="append", default=[], help="ask http://container:PORT/PATH; may be repeated")
    parser.add_argument("--run", metavar="WORDS", action="append", default=[], help="run the image with these arguments; may be repeated")
    parser.add_argument("--edit", metavar="PATH", help="a source file of the context; a rebuild after an edit of it is timed")
    parser.add_argument("--rebuilds", metavar="N", type=int, default=1, help="how often the rebuild is timed (default: 1)")
    parser.add_argument("--cached", action="store_true", help="use the layer cache for the first builds too")
    parser.add_argument("--compressed", action="store_true", help="measure compressed sizes too, which takes about a second for 30 MB")
    parser.add_argument("--files", action="store_true", help="also hold the files that the program opens against each other (needs strace)")
    parser.add_argument("--keep", action="store_true", help="keep the two images")
    parser.add_argument("--limit", metavar="SECONDS", type=float, default=1800.0, help="the time one build may take (default: 1800)")
    parser.add_argument("--quiet", action="store_true", help="show no build output")
    parser.add_argument("--json", action="store_true", help="print everything that was measured as JSON")
    parser.add_argument("--build-arg", metavar="NAME=VALUE", action="append", default=[], help="a value for an ARG; may be repeated")
    parser.add_argument(
        "--runtime", choices=("auto", "same", "slim", "alpine", "distroless", "scratch"), default="auto", help="the runtime stage's base"
    )


def run(namespace: argparse.Namespace) -> int:
    file = Path(namespace.file)
    folder = namespace.context or file.parent
    if not folder.is_dir():
        raise Unusable(f"{folder} is not a folder")
    plan = _plan(namespace, folder)
    text = text_of(namespace.file)
    context = read_folder(folder, file)
    try:
        refactoring = service.refactor(text, context, options_of(namespace, build_args=plan.build_args))
    except DockerfileError as error:
        raise Unusable(f"{file}:{error.line}:{error.column}: {error.message}") from None
    after = text_of(str(namespace.rewritten)) if namespace.rewritten else refactoring.dockerfile
    if after == text:
        return _unchanged(namespace, refactoring)
    try:
        engine = find_engine()
    except NoEngine as error:
        raise Unusable(str(error)) from None
    wanted = Wanted(not namespace.cached, namespace.rebuilds, namespace.compressed, namespace.files, namespace.limit, namespace.keep)
    show = (lambda line: None) if namespace.quiet else (lambda line: print(line, file=sys.stderr, flush=True))
    found = prove(engine, pair_of(refactoring, after, folder, file, context), plan, wanted, show)
    print(json.dumps(as_json(found), ensure_ascii=False, indent=2) if namespace.json else as_text(found), end="\n" if namespace.json else "")
    return EXIT[found.outcome]


def pair_of(refactoring: Refactoring, after: str, folder: Path, file: Path, context: BuildContext) -> Pair:
    """What there is to prove about a rewrite. Estimates are made of Restage's own rewrite only."""
    ignore = file.with_name(file.name + ".dockerignore")
    images = (refactoring.before, refactoring.after)
    one, other = (_estimated(image, context) for image in images)
    first, second = (image.chain(image.final)[0].state.base.reference for image in images)
    own = after == refactoring.dockerfile
    return Pair(
        refactoring.source,
        after,
        folder,
        ignore if ignore.is_file() else None,
        refactoring.verdict.differences,
        (first, second if own else ""),
        (one, other) if own else None,
    )


def _estimated(image: Image, context: BuildContext) -> Estimated:
    found = estimate(image, context)
    return Estimated(found.total.low, found.total.mid, found.total.high, found.layers[0].size.mid)


def _unchanged(namespace: argparse.Namespace, refactoring: Refactoring) -> int:
    missed = [remark.because for remark in refactoring.remarks if remark.kind in ("missed", "reverted")]
    if namespace.json:
        print(json.dumps({"outcome": "unchanged", "because": missed}, ensure_ascii=False, indent=2))
    else:
        print("unchanged: there is nothing to prove", *(f"  {line}" for line in missed), sep="\n")
    return 0


def _plan(namespace: argparse.Namespace, folder: Path) -> Plan:
    try:
        plan = read_plan(namespace.plan) if namespace.plan else Plan()
    except BadPlan as error:
        raise Unusable(str(error)) from None
    probes = (*plan.probes, *map(_get, namespace.get), *(RunProbe(tuple(words.split())) for words in namespace.run))
    edit = namespace.edit or plan.edit
    if edit and not (folder / edit).is_file():
        raise Unusable(f"{edit} is not a file of the context")
    values = {**plan.build_args, **options_of(namespace).build_args}
    return Plan(probes, plan.environment, values, edit, plan.comment if plan.edit == edit else _comment(edit), plan.settle, plan.ready)


def _get(text: str) -> HttpProbe:
    port, slash, path = text.partition("/")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise Unusable(f"--get is written PORT/PATH, not {text!r}")
    return HttpProbe(int(port), slash + path or "/")


def _comment(name: str) -> str:
    """How a comment starts, by the file's ending; `#` for the others."""
    slashes = (".js", ".ts", ".jsx", ".tsx", ".go", ".rs", ".java", ".kt", ".c", ".cc", ".cpp", ".h", ".php", ".scala", ".swift", ".cs")
    return "//" if name.endswith(slashes) else "/*" if name.endswith(".css") else "<!--" if name.endswith((".html", ".md")) else "#"
