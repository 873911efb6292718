"""The pages of passes and findings."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

import pytest
import yaml
from flask.testing import FlaskClient

from service.ecosystems.proven import PROVEN
from service.http.reference import METHODS
from service.passes.pages import pages


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.anchors: set[str] = set()
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.anchors |= {value or "" for name, value in attrs if name == "id"}
        self.inline += [tag] if tag in ("style", "script") else [name for name, _ in attrs if name == "style" or name.startswith("on")]
        self.found += [value or "" for name, value in attrs if name in ("href", "src", "action", "data")]


@pytest.mark.parametrize("name", [page.name for page in pages()])
def test_a_page_needs_nothing_from_elsewhere(client: FlaskClient, name: str) -> None:
    reply = client.get(f"/docs/passes/{name}")
    assert (reply.status_code, reply.mimetype) == (200, "text/html")
    links = _Links()
    links.feed(reply.text)
    assert links.found and all(link.startswith(("/docs/passes", "/docs/style.css")) for link in links.found)
    assert "@import" not in reply.text and "url(" not in reply.text
    assert next(page.why for page in pages() if page.name == name)[:20].replace("&", "&amp;") in reply.text.replace("&#x27;", "'")


def test_every_link_of_the_list_leads_to_a_page(client: FlaskClient) -> None:
    links = _Links()
    links.feed(client.get("/docs/passes").text)
    first, *rest = links.found
    assert first == "/docs/style.css"
    assert rest == [f"/docs/passes/{page.name}" for kind in ("default", "opt-in", "finding") for page in pages() if page.kind == kind]
    assert all(client.get(link).status_code == 200 for link in rest)


def test_the_reference_has_every_route_and_needs_nothing_from_elsewhere(client: FlaskClient) -> None:
    reply = client.get("/docs")
    assert (reply.status_code, reply.mimetype) == (200, "text/html")
    spec = yaml.safe_load(client.get("/openapi.yaml").text)
    for path, item in spec["paths"].items():
        for method in set(item) & set(METHODS):
            assert f"<code>{method.upper()} {escape(path)}</code>" in reply.text
            assert f'"$RESTAGE{path}"'.replace('"', "&quot;") in reply.text
    for name in spec["components"]["schemas"]:
        assert f"id=shape-{name}>" in reply.text
    page = _Links()
    page.feed(reply.text)
    assert all(link.startswith("#") or client.get(link).status_code == 200 for link in page.found)
    assert {link[1:] for link in page.found if link.startswith("#")} <= page.anchors
    assert "urn:restage:problem:invalid-dockerfile" in reply.text


@pytest.mark.parametrize("path", ["/docs", "/docs/passes", "/docs/passes/split_stages"])
def test_a_page_obeys_its_own_policy(client: FlaskClient, path: str) -> None:
    reply = client.get(path)
    assert "'unsafe" not in reply.headers["Content-Security-Policy"]
    page = _Links()
    page.feed(reply.text)
    assert not page.inline


def test_an_unknown_page_is_a_problem(client: FlaskClient) -> None:
    reply = client.get("/docs/passes/<script>")
    assert (reply.status_code, reply.mimetype) == (404, "application/problem+json")
    assert "<script>" not in reply.text


def test_the_catalogue_says_what_waits_to_be_asked_and_what_builds_prove(client: FlaskClient) -> None:
    rows = client.get("/v1/passes").get_json()
    assert {row["name"]: row["runs"] for row in rows["passes"]} == {page.name: page.kind for page in pages() if page.kind != "finding"}
    assert all(client.get(row["docs"]).status_code == 200 for row in (*rows["passes"], *rows["findings"]))
    found = {row["name"]: row for row in client.get("/v1/ecosystems").get_json()["ecosystems"]}
    assert {name for name, row in found.items() if row["evidence"] == "builds"} == set(PROVEN)


def test_opt_in_passes_digests_and_codes_of_findings_as_options(client: FlaskClient) -> None:
    text = "FROM node:22-slim\nWORKDIR /app\nCOPY . .\nCMD node server.js\n"
    digest = "sha256:" + "a" * 64
    options = {"also": ["use_exec_form", "pin_digests"], "digests": {"node:22-slim": digest}, "skip": ["runs-as-root"]}
    reply = client.post("/v1/refactor", json={"dockerfile": text, "options": options}).get_json()
    assert f"FROM node:22-slim@{digest}\n" in reply["dockerfile"] and 'CMD ["node", "server.js"]' in reply["dockerfile"]
    assert "runs-as-root" not in {remark["code"] for remark in reply["remarks"]}
    assert all(client.get(remark["docs"]).status_code == 200 for remark in reply["remarks"])
    raw = client.post("/v1/refactor?also=use_exec_form", data=text, content_type="text/plain")
    assert 'CMD ["node", "server.js"]' in raw.text
    for wrong in ({"also": ["no_such"]}, {"also": ["runs-as-root"]}, {"digests": {"node:22-slim": "sha256:x"}}):
        assert client.post("/v1/refactor", json={"dockerfile": text, "options": wrong}).status_code == 422
