"""POST /v1/refactor."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import RAISE

import service
from service.deadline import within
from service.dockerfile.model import DockerfileError
from service.http import documented, examples
from service.http.answers import RAW_FIRST, RENDERERS, answer, chosen, digest, labelled
from service.http.bodies import JSON
from service.http.problems import rejected
from service.http.reading import Asked, check_instructions, read
from service.http.requests import QuerySchema, RefactorRequestSchema
from service.http.responses import RefactoringSchema
from service.http.settings import Settings

blueprint = Blueprint("refactor", __name__, description="Rewriting one Dockerfile")
blueprint.after_request(labelled)

_KEYWORDS = ("ADD", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "LABEL", "RUN", "USER", "WORKDIR")
_ONE_LINE = "The body is one line that looks like several: `curl -d @Dockerfile` strips the line ends, `curl --data-binary @Dockerfile` keeps them"


@blueprint.route("/v1/refactor", methods=["POST"])
@blueprint.doc(requestBody=examples.request_body(RefactorRequestSchema, QuerySchema))
@blueprint.arguments(QuerySchema(), location="query", unknown=RAISE)
@blueprint.response(
    200,
    RefactoringSchema,
    description="The refactoring, in the form that Accept asks for.",
    headers=examples.HEADERS,
    example=examples.ANSWERS[JSON],
)
@documented.forms(
    blueprint, {kind: form for kind, form in examples.ANSWERS.items() if kind != JSON}, "The refactoring, in the form that Accept asks for."
)
@documented.errors(blueprint)
def refactor(query: dict[str, Any]) -> Response:
    """Rewrite a Dockerfile into a build and a runtime stage.

    The body is JSON, the Dockerfile itself, byte for byte, a form with the Dockerfile and files of its build context, or the whole context as an
    archive; the options of a body that is not JSON are query parameters, or fields of the form. The answer says why each line changed, what an
    independent check found, and how the layers and sizes compare. A file with nothing to change comes back as it is,
    with `unchanged` and the reason.
    """
    settings: Settings = current_app.config["RESTAGE"]
    # A slow upload is the caller's time; the deadline is for the work.
    asked = read(request, query, settings)
    with within(settings.deadline_seconds):
        return _answered(asked, settings)


def _answered(asked: Asked, settings: Settings) -> Response:
    media_type = chosen(request, [*(RAW_FIRST if asked.raw else ()), *RENDERERS])
    g.result = digest(asked)
    try:
        check_instructions(asked.dockerfile, settings)
        refactoring = service.refactor(asked.dockerfile, asked.context, asked.options)
    except DockerfileError as error:
        raise rejected(error, _hint(asked)) from None
    return answer(refactoring, asked.context, media_type, request.host_url)


def _hint(asked: Asked) -> str:
    """A rejected single line with a keyword in its middle has most likely lost its line ends on the way."""
    line = asked.dockerfile.strip()
    glued = asked.raw and "\n" not in line and any(line.find(word, 1) > 0 for word in _KEYWORDS)
    return _ONE_LINE if glued else ""
