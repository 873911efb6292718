"""GET /docs, the reference of this API, and GET /docs/passes/{name}, a page for each pass and finding, made from its docstring. The pages need one
stylesheet of this service, and nothing from elsewhere."""

from __future__ import annotations

from html import escape

from flask import Response, current_app
from flask_smorest import Blueprint

from service.http import reference
from service.http.problems import Problem
from service.passes.pages import Page, pages

blueprint = Blueprint("docs", __name__, description="What passes and findings do, and why")
_PAGES = {page.name: page for page in pages()}
_KINDS = {"default": "A pass that runs unless it is skipped.", "opt-in": "A pass that runs only when asked for (`also`).", "finding": "A finding."}
_STYLE = """body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff }
pre { background: #f3f4f6; padding: .8rem; overflow: auto; max-height: 30rem; font: 13px/1.45 ui-monospace, monospace }
code { font: .9em ui-monospace, monospace }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .2rem; padding-top: .6rem; border-top: 1px solid #d0d4da }
h3 { font-size: 1rem; margin: 1.2rem 0 .2rem }
nav ul { list-style: none; padding: 0 }
summary { cursor: pointer }
td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top }
@media (prefers-color-scheme: dark) {
  body { color: #e6e6e6; background: #16181c } pre { background: #22262d } a { color: #8ab4f8 } h2 { border-color: #3a3f47 }
}
"""
_EXAMPLE = "<!doctype html><html lang=en><title>clean_package_lists - Restage</title>..."


@blueprint.route("/docs")
@blueprint.response(200, {"type": "string"}, content_type="text/html", description="The reference.", example=_EXAMPLE)
def api() -> Response:
    """Describe every route, body, answer and error, for people."""
    return _html("Restage API", reference.body(current_app.config["RESTAGE_DESCRIPTION"].document()))


@blueprint.route("/docs/style.css")
@blueprint.response(200, {"type": "string"}, content_type="text/css", description="How the pages look.", example="body { color: #1b1f24 }")
def style() -> Response:
    """Give the pages' stylesheet."""
    return Response(_STYLE, content_type="text/css; charset=utf-8")


@blueprint.route("/docs/passes")
@blueprint.response(200, {"type": "string"}, content_type="text/html", description="A list of the pages.", example=_EXAMPLE)
def index() -> Response:
    """List the pages of passes and findings."""
    parts = []
    for kind, title in (("default", "Passes"), ("opt-in", "Passes that run only when asked for"), ("finding", "Findings")):
        rows = "".join(
            f"<tr><td><a href=/docs/passes/{page.name}>{page.name}</a><td>{escape(page.summary)}" for page in _PAGES.values() if page.kind == kind
        )
        parts.append(f"<h2>{title}</h2><table>{rows}</table>")
    return _html("Passes and findings", "".join(parts))


@blueprint.route("/docs/passes/<name>")
@blueprint.response(200, {"type": "string"}, content_type="text/html", description="What it does, why, and where it does not.", example=_EXAMPLE)
def page(name: str) -> Response:
    """Explain a pass or a finding."""
    found = _PAGES.get(name)
    if found is None:
        raise Problem(404, "not-found", "Not Found", "There is no such pass or finding; /docs/passes lists them.")
    return _html(found.name, "".join(_sections(found)))


def _sections(page: Page) -> list[str]:
    parts = [f"<p>{escape(page.summary)}</p><p>{escape(_KINDS[page.kind])} It may change: {escape(page.changes)}.</p>"]
    parts += [f"<h2>{title}</h2><p>{escape(text)}</p>" for title, text in (("Why", page.why), ("Where it does not", page.declines)) if text]
    parts += [f"<h2>{title}</h2><pre>{escape(text)}</pre>" for title, text in (("Before", page.before), ("After", page.after)) if text]
    parts.append(f"<h2>Source</h2><p>{escape(page.source)}</p><p><a href=/docs/passes>All passes and findings</a></p>")
    return parts


def _html(title: str, body: str) -> Response:
    head = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    name = escape(title)
    text = f"{head}<title>{name} - Restage</title><link rel=stylesheet href=/docs/style.css><h1>{name}</h1>{body}\n"
    return Response(text, content_type="text/html; charset=utf-8")
