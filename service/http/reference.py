"""The API reference as one page of HTML, from the description of the routes alone: what openapi.yaml says is what the page says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from service.http.access import needed

Spec = Mapping[str, Any]

METHODS = ("get", "put", "post", "patch", "delete")
# How curl sends a body of each kind; what is not here is sent from a file as it is.
_SENDS: Mapping[str, str] = {
    "application/json": "curl -H 'Content-Type: application/json' --data-binary @request.json",
    "text/plain": "curl --data-binary @Dockerfile",
    "multipart/form-data": "curl -F dockerfile=@Dockerfile -F package.json=@package.json",
    "application/x-tar": "tar c . | curl -H 'Content-Type: application/x-tar' --data-binary @-",
    "application/gzip": "tar cz . | curl -H 'Content-Type: application/gzip' --data-binary @-",
    "application/x-ndjson": "curl -H 'Content-Type: application/x-ndjson' --data-binary @requests.ndjson",
}
# The same bytes under another name: one command is enough.
_ALIKE = frozenset({"text/x-dockerfile", "application/octet-stream", "application/x-www-form-urlencoded"})
_INTRODUCTION = """<p>Commands below take the address from the environment: <code>export RESTAGE=http://127.0.0.1:8080</code>. Where access
control is on they need <code>-H "Authorization: Bearer $RESTAGE_KEY"</code> too; <code>restage keys add NAME</code> prints a key.</p>
<p>The same description for programs: <a href=/openapi.yaml>openapi.yaml</a>. What is changed and why: <a href=/docs/passes>passes and findings</a>.
</p>"""
_ERRORS = (
    "Every error is `application/problem+json` (RFC 9457). Switch on `type`, which is stable; show `detail` to people; `errors` point into the "
    "request by `pointer` (RFC 6901), `parameter`, or `line` and `column`."
)
# Answers that any route may give, for what surrounds the routes: (status, type, when).
PROBLEMS: tuple[tuple[int, str, str], ...] = (
    (401, "unauthorized", "No credential, or none that is known; `WWW-Authenticate` says which of the two."),
    (403, "forbidden", "The credential lacks the scope that `WWW-Authenticate` names."),
    (404, "not-found", "No such route or thing."),
    (405, "method-not-allowed", "`Allow` names the methods that there are."),
    (413, "too-large", "A limit is exceeded; `errors` say which."),
    (429, "too-many-requests", "The rate limit is used up until `Retry-After`; `RateLimit` and `RateLimit-Policy` tell before."),
    (500, "internal-error", "A fault of the service. Report it with the answer's `X-Request-Id`."),
    (503, "deadline-exceeded", "Working on the request took longer than the service allows; the same request will fail again."),
    (503, "access-unavailable", "Credentials cannot be checked now; come again after `Retry-After`."),
)


def body(spec: Spec) -> str:
    """The inside of the page."""
    operations = list(_operations(spec))
    contents = "".join(
        f"<li><a href=#{_anchor(method, path)}><code>{method.upper()} {escape(path)}</code></a> {_text(one.get('summary', ''))}"
        for method, path, one in operations
    )
    parts = [f"<p>{_text(spec['info']['description'])}</p>", _INTRODUCTION, f"<nav><ul>{contents}</ul></nav>"]
    parts += [_operation(spec, method, path, one) for method, path, one in operations]
    rows = "".join(_problem(*row) for row in PROBLEMS)
    parts.append(f"<h2 id=errors>Errors</h2><p>{_text(_ERRORS)}</p><table><tr><th>status<th>type<th>when{rows}</table>")
    parts += ["<h2 id=shapes>Shapes</h2>", *(_shape(name, shape) for name, shape in spec["components"]["schemas"].items())]
    return "\n".join(parts)


def _operations(spec: Spec) -> Iterator[tuple[str, str, Spec]]:
    for path, item in spec["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def _operation(spec: Spec, method: str, path: str, one: Spec) -> str:
    parts = [f"<h2 id={_anchor(method, path)}><code>{method.upper()} {escape(path)}</code></h2><p>{_text(one.get('summary', ''))}</p>"]
    if one.get("description"):
        parts.append(f"<p>{_text(one['description'])}</p>")
    scope = needed(path)
    parts.append(f"<p>Needs the scope <code>{scope}</code>, where access control is on.</p>" if scope else "<p>Needs no credential.</p>")
    parameters = [*spec["paths"][path].get("parameters", ()), *one.get("parameters", ())]
    if parameters:
        parts.append("<h3>Parameters</h3><table><tr><th>name<th>in<th>type<th>meaning" + "".join(map(_parameter, parameters)) + "</table>")
    bodies: Mapping[str, Spec] = one.get("requestBody", {}).get("content", {})
    if bodies:
        parts += ["<h3>Bodies</h3>", *(_content(kind, content) for kind, content in bodies.items())]
    parts += ["<h3>Commands</h3><pre>", escape("\n".join(_commands(method, path, list(bodies)))), "</pre><h3>Answers</h3>"]
    for status, answer in sorted(one.get("responses", {}).items(), key=lambda row: str(row[0])):
        parts += [_answer(spec, str(status), answer)]
    return "".join(parts)


def _commands(method: str, path: str, kinds: list[str]) -> Iterator[str]:
    """One for each way to send it; curl's own default for the method is not written out."""
    verb = "" if method in ("get", "post") else f" -X {method.upper()}"
    address = '"$RESTAGE' + path + '"'
    sent = [kind for kind in kinds if kind not in _ALIKE] or kinds
    for kind in sent:
        yield f"{_SENDS.get(kind, f'''curl -H 'Content-Type: {kind}' --data-binary @file''')}{verb} {address}"
    if not kinds:
        yield f"curl{' -X POST' if method == 'post' else verb} {address}"


def _parameter(one: Spec) -> str:
    name = f"<code>{escape(one['name'])}</code>{', required' if one.get('required') else ''}"
    return f"<tr><td>{name}<td>{escape(one['in'])}<td>{_type(one.get('schema', {}))}<td>{_text(one.get('description', ''))}"


def _answer(spec: Spec, status: str, answer: Spec) -> str:
    if "$ref" in answer:
        answer = spec["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
    heading = f"<p><strong>{escape(status)}</strong> {_text(answer.get('description', ''))}</p>"
    headers: Mapping[str, Spec] = answer.get("headers", {})
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code><td>{_type(one.get('schema', {}))}<td>{_text(one.get('description', ''))}"
        for name, one in headers.items()
    )
    table = f"<details><summary>Headers</summary><table>{rows}</table></details>" if rows else ""
    return heading + table + "".join(_content(kind, content) for kind, content in answer.get("content", {}).items())


def _content(kind: str, content: Spec) -> str:
    """A form of a body or an answer, its example folded away."""
    title = f"<code>{escape(kind)}</code>: {_type(content.get('schema', {}))}"
    examples = [content["example"]] if "example" in content else [one.get("value") for one in content.get("examples", {}).values()]
    if not examples:
        return f"<p>{title}</p>"
    return f"<details><summary>{title}</summary>{''.join(f'<pre>{escape(_example(one))}</pre>' for one in examples)}</details>"


def _example(example: Any) -> str:
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)


def _problem(status: int, slug: str, when: str) -> str:
    return f"<tr><td>{status}<td><code>urn:restage:problem:{slug}</code><td>{_text(when)}"


def _shape(name: str, shape: Spec) -> str:
    required = set(shape.get("required", ()))
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code>{'' if field in required else ', optional'}<td>{_type(one)}<td>{_text(one.get('description', ''))}"
        for field, one in shape.get("properties", {}).items()
    )
    about = f"<p>{_text(shape['description'])}</p>" if shape.get("description") else ""
    return f"<h3 id=shape-{escape(name)}>{escape(name)}</h3>{about}<table>{rows}</table>"


def _type(schema: Spec) -> str:
    """A schema in a few words; a shape by its name."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[1])
        return f"<a href=#shape-{name}>{name}</a>"
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"] if value is not None)
    for word in ("oneOf", "anyOf", "allOf"):
        if word in schema:
            return " or ".join(_type(one) for one in schema[word])
    kinds = schema.get("type", "anything")
    words = [_kind(kind, schema) for kind in (kinds if isinstance(kinds, list) else [kinds])]
    return " or ".join(words)


def _kind(kind: str, schema: Spec) -> str:
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    values = schema.get("additionalProperties")
    return f"map to {_type(values)}" if kind == "object" and isinstance(values, dict) and values else escape(kind)


def _text(text: str) -> str:
    """Our own Markdown has backquotes only."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if place % 2 and place < len(parts) - 1 else part for place, part in enumerate(parts))


def _anchor(method: str, path: str) -> str:
    return method + "".join(letter if letter.isalnum() else "-" for letter in path)
