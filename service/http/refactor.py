"""POST /v1/refactor."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import RAISE

import service
from service.deadline import within
from service.dockerfile.model import DockerfileError
from service.http import examples
from service.http.answers import RAW_FIRST, RENDERERS, answer, chosen, digest
from service.http.problems import MEDIA_TYPE, rejected
from service.http.reading import JSON, RAW, Asked, check_instructions, read
from service.http.requests import QuerySchema, RefactorRequestSchema
from service.http.responses import ProblemSchema, RefactoringSchema
from service.http.settings import Settings

blueprint = Blueprint("refactor", __name__, description="Rewriting one Dockerfile")

_KEYWORDS = ("ADD", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "LABEL", "RUN", "USER", "WORKDIR")
_ONE_LINE = "The body is one line that looks like several: `curl -d @Dockerfile` strips the line ends, `curl --data-binary @Dockerfile` keeps them"


def _documented(view: Any) -> Any:
    """The errors and the plain-text forms of the answer, for the description."""
    for media_type in RENDERERS:
        if media_type != JSON:
            view = blueprint.alt_response(
                200,
                schema={"type": "string"},
                content_type=media_type,
                success=True,
                description="The refactoring, in the form that Accept asks for.",
                example=examples.ANSWERS.get(media_type),
            )(view)
    for status, description in examples.ERRORS.items():
        view = blueprint.alt_response(
            status, schema=ProblemSchema, content_type=MEDIA_TYPE, description=description, example=examples.PROBLEMS.get(status)
        )(view)
    return view


@blueprint.route("/v1/refactor", methods=["POST"])
@blueprint.doc(requestBody=examples.request_body(RefactorRequestSchema, sorted(RAW - {""})))
@blueprint.arguments(QuerySchema, location="query", unknown=RAISE)
@blueprint.response(
    200,
    RefactoringSchema,
    description="The refactoring, in the form that Accept asks for.",
    headers=examples.HEADERS,
    example=examples.ANSWERS[JSON],
)
@_documented
def refactor(query: dict[str, Any]) -> Response:
    """Rewrite a Dockerfile into a build and a runtime stage.

    The body is JSON or the Dockerfile itself, byte for byte; the options of a raw body are query parameters. The answer says why each line
    changed, what an independent check found, and how the layers and sizes compare. A file with nothing to change comes back as it is,
    with `unchanged` and the reason.
    """
    settings: Settings = current_app.config["RESTAGE"]
    with within(settings.deadline_seconds):
        return _answered(query, settings)


def _answered(query: dict[str, Any], settings: Settings) -> Response:
    asked = read(request, query, settings)
    media_type = chosen(request, [*(RAW_FIRST if asked.raw else ()), *RENDERERS])
    g.result = digest(asked)
    try:
        check_instructions(asked.dockerfile, settings)
        refactoring = service.refactor(asked.dockerfile, asked.context, asked.options)
    except DockerfileError as error:
        raise rejected(error, _hint(asked)) from None
    return answer(refactoring, asked.context, media_type)


@blueprint.after_request
def _label(response: Response) -> Response:
    response.vary.add("Accept")
    if "result" in g:
        response.headers["Restage-Result"] = g.result
    return response


def _hint(asked: Asked) -> str:
    """A rejected single line with a keyword in its middle has most likely lost its line ends on the way."""
    line = asked.dockerfile.strip()
    glued = asked.raw and "\n" not in line and any(line.find(word, 1) > 0 for word in _KEYWORDS)
    return _ONE_LINE if glued else ""
