"""Estimates the layers and sizes of Dockerfiles as they are, without changing or building them; of several, also what they store together."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from service.cli.errors import Unusable
from service.cli.folder import read_folder
from service.cli.refactor import assignment, sizes_from_environment, text_of
from service.context import BuildContext
from service.report.analysis import Question, Unanalyzable, analysis, analysis_markdown, analysis_text
from service.report.svg import stacks_svg

SUMMARY = "estimate the layers and sizes of Dockerfiles as they are"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a Dockerfile, or - for standard input")
    parser.add_argument("--context", metavar="DIR", type=Path, help="the build context of all; by default each file's folder, none for -")
    parser.add_argument("--target", metavar="STAGE", default="", help="the stage that ships; by default the last one")
    parser.add_argument("--build-arg", metavar="NAME=VALUE", action="append", default=[], help="a value for an ARG; may be repeated")
    parser.add_argument("--platform", default="linux/amd64", help="the platform to build for (default: linux/amd64)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the whole result as JSON")
    form.add_argument("--markdown", action="store_true", help="print it as Markdown")
    form.add_argument("--svg", action="store_true", help="draw the layers of one image, or of two side by side")


def run(namespace: argparse.Namespace) -> int:
    build_args = dict(map(assignment, namespace.build_arg))
    questions = [_question(file, namespace, build_args) for file in namespace.files]
    try:
        document = analysis(questions, sizes_from_environment())
    except Unanalyzable as fault:
        file, error = namespace.files[fault.place], fault.error
        raise Unusable(f"{file}:{error.line}:{error.column}: {error.message}" if error else f"{file} has no stage {namespace.target!r}") from None
    if namespace.json:
        print(json.dumps(document, ensure_ascii=False, indent=2))
    elif namespace.markdown:
        print(analysis_markdown(document), end="")
    elif namespace.svg:
        print(stacks_svg([(one["name"], one["report"]) for one in document["images"]]), end="")
    else:
        print(analysis_text(document), end="")
    return 0


def _question(file: str, namespace: argparse.Namespace, build_args: dict[str, str]) -> Question:
    folder = namespace.context or (None if file == "-" else Path(file).parent)
    if folder is not None and not folder.is_dir():
        raise Unusable(f"{folder} is not a folder")
    context = BuildContext.unknown() if folder is None else read_folder(folder, None if file == "-" else Path(file))
    return Question(text_of(file), context, file, namespace.target, build_args, namespace.platform)
