"""One refactoring in the form that the caller's Accept asks for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Request, Response, g
from werkzeug.datastructures import MIMEAccept

from service.context import BuildContext
from service.http import metrics
from service.http.bodies import JSON
from service.http.engine import ENGINE
from service.http.problems import Problem
from service.http.reading import Asked
from service.refactoring.result import Refactoring
from service.report.markdown import as_markdown
from service.report.result import as_json
from service.report.sarif import as_sarif
from service.report.svg import as_svg

SARIF = "application/sarif+json"
Document = Mapping[str, Any]
Renderer = Callable[[Refactoring, Document, str], str]


def chosen(request: Request, offered: Sequence[str]) -> str:
    """The media type to answer with; without a preference the first that is offered. Raises a 406."""
    accept: MIMEAccept = request.accept_mimetypes
    found = accept.best_match(offered) if accept else offered[0]
    if found is None:
        raise Problem(406, "not-acceptable", "None of the accepted forms is offered", "Offered are " + ", ".join(dict.fromkeys(offered)) + ".")
    return found


def labelled(response: Response) -> Response:
    """What every answer to a POST says, errors included: that it depends on Accept, and what it is a function of, where that was known."""
    response.vary.add("Accept")
    if "result" in g:
        response.headers["Restage-Result"] = g.result
    return response


def answer(refactoring: Refactoring, context: BuildContext, media_type: str, site: str) -> Response:
    """`site` is where the caller found the service, for links to its pages."""
    document = as_json(refactoring, context)
    metrics.observe(document)
    text = RENDERERS[media_type](refactoring, document, site)
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return Response(text.encode(), content_type=media_type + charset, headers=_headers(document))


def _headers(document: Document) -> dict[str, str]:
    """What a caller who asked for the bare Dockerfile may want to know besides."""
    report = document["report"]
    return {
        "Restage-Outcome": document["outcome"],
        "Restage-Verdict": document["verdict"]["level"],
        "Restage-Bytes-Before": str(report["before"]["bytes"]),
        "Restage-Bytes-After": str(report["after"]["bytes"]),
        "Restage-Layers-Before": str(report["before"]["layer_count"]),
        "Restage-Layers-After": str(report["after"]["layer_count"]),
    }


def digest(asked: Asked) -> str:
    """What the answer is a function of, hashed: the Dockerfile, the context, the options, the engine and its data."""
    return hashed([asked.dockerfile, asdict(asked.context), asdict(asked.options)])


def hashed(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps([*parts, dict(ENGINE)], sort_keys=True).encode()).hexdigest()


def _dockerfile(refactoring: Refactoring, document: Document, site: str) -> str:
    return refactoring.dockerfile


def _diff(refactoring: Refactoring, document: Document, site: str) -> str:
    return str(document["diff"])


def _json(refactoring: Refactoring, document: Document, site: str) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"


def _markdown(refactoring: Refactoring, document: Document, site: str) -> str:
    return as_markdown(document)


def _sarif(refactoring: Refactoring, document: Document, site: str) -> str:
    return json.dumps(as_sarif(refactoring, document, site), ensure_ascii=False) + "\n"


def _svg(refactoring: Refactoring, document: Document, site: str) -> str:
    return as_svg(document["report"])


RENDERERS: Mapping[str, Renderer] = {
    JSON: _json,
    "text/plain": _dockerfile,
    "text/x-dockerfile": _dockerfile,
    "text/x-diff": _diff,
    "text/markdown": _markdown,
    SARIF: _sarif,
    "image/svg+xml": _svg,
}
RAW_FIRST = ("text/plain", "text/x-dockerfile")
