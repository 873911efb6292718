"""Rewrites a Dockerfile: the new file goes to standard output, what was done and why to standard error."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import service
from service.cli.errors import Unusable
from service.cli.folder import read_folder
from service.context import BuildContext
from service.dockerfile.model import DockerfileError
from service.knowledge.sizes import ImageSize
from service.passes import PASSES
from service.passes.findings import FINDINGS
from service.refactoring.result import Options, Refactoring
from service.registry import Settings, sizes_of
from service.report.diff import unified
from service.report.markdown import as_markdown
from service.report.result import as_json
from service.report.sarif import as_sarif
from service.report.summary import as_text
from service.report.svg import as_svg

SUMMARY = "rewrite a Dockerfile (the default)"
RUNTIMES = ("auto", "same", "slim", "alpine", "distroless", "scratch")
BUILDERS = ("buildkit", "any")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="the Dockerfile, or - for standard input")
    parser.add_argument("--context", metavar="DIR", type=Path, help="the build context; by default the file's folder, none for -")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--diff", action="store_true", help="print a unified diff instead")
    form.add_argument("--json", action="store_true", help="print the whole result as JSON instead, and no summary")
    form.add_argument("--markdown", action="store_true", help="print the report as a pull request would show it instead, and no summary")
    form.add_argument("--sarif", action="store_true", help="print the remarks as SARIF 2.1.0, for code scanning, instead, and no summary")
    form.add_argument("--svg", action="store_true", help="draw the layers before and after, to scale, instead")
    parser.add_argument("--quiet", action="store_true", help="print no summary")
    parser.add_argument("--runtime", choices=RUNTIMES, default="auto", help="the runtime stage's base (default: auto)")
    parser.add_argument("--builder", choices=BUILDERS, default="buildkit", help="any: no cache mounts and no heredocs")
    parser.add_argument("--only", metavar="PASS", action="append", default=[], help="run this pass; may be repeated")
    parser.add_argument("--skip", metavar="PASS", action="append", default=[], help="leave this pass out; may be repeated")
    parser.add_argument("--also", metavar="PASS", action="append", default=[], help="run this pass too, which waits to be asked; may be repeated")
    parser.add_argument("--digest", metavar="IMAGE=DIGEST", action="append", default=[], help="a registry's digest, for pin_digests; may be repeated")
    parser.add_argument("--build-arg", metavar="NAME=VALUE", action="append", default=[], help="a value for an ARG; may be repeated")
    parser.add_argument("--platform", default="linux/amd64", help="the platform to build for (default: linux/amd64)")
    parser.add_argument("--strict", action="store_true", help="decline a split that would need an assumption")


def run(namespace: argparse.Namespace) -> int:
    options = options_of(namespace)
    text = text_of(namespace.file)
    context = _context(namespace)
    try:
        refactoring = service.refactor(text, context, options)
    except DockerfileError as error:
        raise Unusable(f"{namespace.file}:{error.line}:{error.column}: {error.message}") from None
    sized = sizes_from_environment()
    form = next((form for name, form in _FORMS.items() if vars(namespace).get(name)), None)
    if form is not None:
        _print(form(refactoring, as_json(refactoring, context, sized)))
        return 0
    _print(unified(refactoring.source, refactoring.dockerfile, options.filename) if namespace.diff else refactoring.dockerfile)
    if not namespace.quiet:
        print(as_text(refactoring, context, sized).rstrip("\n"), file=sys.stderr)
    return 0


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


_FORMS: Mapping[str, Callable[[Refactoring, Mapping[str, Any]], str]] = {
    "json": lambda refactoring, document: _json(document),
    "markdown": lambda refactoring, document: as_markdown(document),
    "sarif": lambda refactoring, document: _json(as_sarif(refactoring, document)),
    "svg": lambda refactoring, document: as_svg(document["report"]),
}


def options_of(namespace: argparse.Namespace, build_args: Mapping[str, str] | None = None) -> Options:
    """The options that a command line says; a command that lacks some of them has their defaults. `build_args` come before its own."""
    given = vars(namespace)
    known = {row.name for row in PASSES}
    findings = {finding.code for finding in FINDINGS}
    for name in (*given.get("only", ()), *given.get("also", ()), *(name for name in given.get("skip", ()) if name not in findings)):
        if name not in known:
            raise Unusable(f"there is no pass {name!r}; `restage passes` lists them")
    defaults = Options()
    return Options(
        runtime=namespace.runtime,
        only=tuple(given.get("only", ())),
        skip=tuple(given.get("skip", ())),
        also=tuple(given.get("also", ())),
        strict=given.get("strict", defaults.strict),
        builder=given.get("builder", defaults.builder),
        build_args={**(build_args or {}), **dict(map(assignment, namespace.build_arg))},
        platform=given.get("platform", defaults.platform),
        filename=_shown_name(namespace.file),
        digests=dict(map(_digest, given.get("digest", ()))),
    )


def sizes_from_environment() -> Callable[[str], ImageSize]:
    """The catalogue, or the registries where RESTAGE_REGISTRY=1 allows to ask them (`service.registry`)."""
    try:
        return sizes_of(Settings.from_environment(os.environ))
    except ValueError as error:
        raise Unusable(str(error)) from None


def assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise Unusable(f"--build-arg is written NAME=VALUE, not {text!r}")
    return name, value


def _digest(text: str) -> tuple[str, str]:
    name, equals, digest = text.partition("=")
    if not name or not equals or not digest.startswith("sha256:") or len(digest) != 71:
        raise Unusable(f"--digest is written IMAGE=sha256:..., not {text!r}")
    return name, digest


def _shown_name(file: str) -> str:
    """The name for the diff's header: one that `git apply` takes where the command ran, else the bare name."""
    path = Path(file)
    if file == "-":
        return "Dockerfile"
    return path.name if path.is_absolute() or ".." in path.parts else path.as_posix()


def text_of(file: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Unusable(f"{file}: {error.strerror}") from None
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Unusable(f"{file} is not UTF-8 (byte {error.start + 1})") from None


def _context(namespace: argparse.Namespace) -> BuildContext:
    if namespace.context is None and namespace.file == "-":
        return BuildContext.unknown()
    folder = namespace.context or Path(namespace.file).parent
    if not folder.is_dir():
        raise Unusable(f"{folder} is not a folder")
    return read_folder(folder, None if namespace.file == "-" else Path(namespace.file))


def _print(text: str) -> None:
    """As bytes: the file's line ends are the author's, whatever the platform's are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()
