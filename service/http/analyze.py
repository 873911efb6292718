"""POST /v1/analyze."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from flask import Response, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import RAISE

from service.context import BuildContext
from service.deadline import within
from service.dockerfile.model import DockerfileError
from service.http import documented, examples
from service.http.answers import chosen, hashed, labelled
from service.http.bodies import JSON, Upload, body_of
from service.http.problems import Problem, pointer, rejected, too_large, unreadable
from service.http.reading import assignment, check_instructions, context_of, fields_of, loaded_by, shown_name
from service.http.requests import ANALYZE_FORM_FIELDS, AnalyzeQuerySchema, AnalyzeRequestSchema
from service.http.responses import AnalysisSchema
from service.http.settings import Settings
from service.report.analysis import Question, Unanalyzable, analysis, analysis_markdown
from service.report.svg import stacks_svg

blueprint = Blueprint("analyze", __name__, description="Layers and sizes without changing anything")
blueprint.after_request(labelled)

_PLATFORM = "linux/amd64"


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"


def _svg(document: Mapping[str, Any]) -> str:
    return stacks_svg([(one["name"], one["report"]) for one in document["images"]])


RENDERERS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {JSON: _json, "text/markdown": analysis_markdown, "image/svg+xml": _svg}


@blueprint.route("/v1/analyze", methods=["POST"])
@blueprint.doc(requestBody=examples.request_body(AnalyzeRequestSchema, AnalyzeQuerySchema, examples.ANALYZE))
@blueprint.arguments(AnalyzeQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, AnalysisSchema, description="Layers, sizes, waste and rebuilds.", example=examples.analyzed)
@documented.forms(blueprint, examples.ANALYSIS_FORMS, "The same figures; of more than two images the first two are drawn.")
@documented.errors(blueprint)
def analyze(query: dict[str, Any]) -> Response:
    """Estimate the layers and sizes of Dockerfiles as they are, of one stage or several.

    Of a list of images the answer also says what they store together, a layer that several have counted once.
    """
    settings: Settings = current_app.config["RESTAGE"]
    questions = _questions(body_of(request, query.get("dockerfile"), ANALYZE_FORM_FIELDS, settings), query, settings)
    with within(settings.deadline_seconds):
        return _response(questions, settings)


def _response(questions: list[Question], settings: Settings) -> Response:
    media_type = chosen(request, list(RENDERERS))
    g.result = hashed([asdict(question) for question in questions])
    document = _answered(questions, settings)
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return Response(RENDERERS[media_type](document).encode(), content_type=media_type + charset)


def _answered(questions: list[Question], settings: Settings) -> Mapping[str, Any]:
    try:
        for question in questions:
            check_instructions(question.dockerfile, settings)
        return analysis(questions)
    except Unanalyzable as fault:
        raise _problem(fault, questions) from None
    except DockerfileError as error:
        raise rejected(error) from None


def _problem(fault: Unanalyzable, questions: list[Question]) -> Problem:
    """Which of several images it is stands in the pointer."""
    place: tuple[object, ...] = ("images", fault.place) if len(questions) > 1 else ()
    if fault.error is None:
        detail = f"There is no stage {questions[fault.place].target!r} in {questions[fault.place].name}."
        return unreadable(detail, {"pointer": pointer(*place, "options", "target"), "detail": detail})
    found = rejected(fault.error)
    return Problem(found.status, found.slug, found.title, found.detail, [{**one, "pointer": pointer(*place, "dockerfile")} for one in found.errors])


def _questions(body: bytes | Upload, query: Mapping[str, Any], settings: Settings) -> list[Question]:
    if isinstance(body, bytes):
        return _from_json(body, query, settings)
    given = {**query, **fields_of(AnalyzeQuerySchema(), body.fields)}
    return [_question(body.dockerfile, body.context, _options(given), shown_name(body.filename))]


def _from_json(body: bytes, query: Mapping[str, Any], settings: Settings) -> list[Question]:
    loaded = loaded_by(AnalyzeRequestSchema(), body)
    common = context_of(loaded.get("context"), settings)
    options = {**_options(query), **loaded.get("options", {})}
    if "dockerfile" in loaded:
        return [_checked(_question(loaded["dockerfile"], common, options, "Dockerfile"), settings, "dockerfile")]
    found = []
    for place, row in enumerate(loaded["images"]):
        context = context_of(row["context"], settings, "images", place, "context") if "context" in row else common
        question = _question(row["dockerfile"], context, {**options, **row.get("options", {})}, row.get("name", str(place + 1)))
        found.append(_checked(question, settings, "images", place, "dockerfile"))
    return found


def _question(text: str, context: BuildContext, options: Mapping[str, Any], name: str) -> Question:
    return Question(text, context, name, options.get("target", ""), options.get("build_args", {}), options.get("platform", _PLATFORM))


def _checked(question: Question, settings: Settings, *place: object) -> Question:
    if len(question.dockerfile.encode()) > settings.dockerfile_bytes:
        raise too_large(f"A Dockerfile has at most {settings.dockerfile_bytes:,} bytes.", pointer(*place))
    return question


def _options(query: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in query.items() if name not in ("build_arg", "dockerfile")}
    if "build_arg" in query:
        found["build_args"] = dict(assignment(item) for item in query["build_arg"])
    return found
