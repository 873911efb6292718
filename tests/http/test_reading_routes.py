"""The GET routes: the catalogue, health and the description."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema

from service.ecosystems import ECOSYSTEMS
from service.http.requests import RefactorRequestSchema
from service.http.responses import EcosystemsSchema, HealthSchema, PassesSchema, RefactoringSchema
from service.passes import PASSES

FILE = Path(__file__).parents[2] / "openapi.yaml"
ROUTES = ("/v1/passes", "/v1/ecosystems", "/healthz", "/openapi.yaml")


@pytest.mark.parametrize(("route", "schema"), [("/v1/passes", PassesSchema), ("/v1/ecosystems", EcosystemsSchema), ("/healthz", HealthSchema)])
def test_the_documented_shape(client: FlaskClient, route: str, schema: type[Schema]) -> None:
    reply = client.get(route)
    assert reply.status_code == 200
    assert schema().validate(reply.get_json()) == {}


def test_the_catalogue_is_the_engines_own(client: FlaskClient) -> None:
    assert [row["name"] for row in client.get("/v1/passes").get_json()["passes"]] == [row.name for row in PASSES]
    assert {row["name"] for row in client.get("/v1/ecosystems").get_json()["ecosystems"]} <= {value.name for value in ECOSYSTEMS}
    assert "go" in {row["name"] for row in client.get("/v1/ecosystems").get_json()["ecosystems"]}


@pytest.mark.parametrize("route", ROUTES)
def test_an_unchanged_resource_is_not_sent_again(client: FlaskClient, route: str) -> None:
    tag = client.get(route).headers["ETag"]
    again = client.get(route, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(route, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_committed_description_is_what_the_code_says(client: FlaskClient) -> None:
    served = client.get("/openapi.yaml")
    assert served.mimetype == "application/yaml"
    assert served.text == FILE.read_text(encoding="utf-8"), "run `make openapi`"


def test_every_route_is_described_with_an_example(app: Flask) -> None:
    described = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert described["openapi"].startswith("3.1")
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            operation = described["paths"][rule.rule.replace("<", "{").replace(">", "}")][method.lower()]
            assert operation["summary"], rule.rule
            content = next(answer for status, answer in operation["responses"].items() if status.startswith("2")).get("content", {})
            assert all("example" in form for kind, form in content.items() if kind != "application/yaml"), rule.rule


def test_the_examples_have_the_shapes_they_illustrate() -> None:
    operation = yaml.safe_load(FILE.read_text(encoding="utf-8"))["paths"]["/v1/refactor"]["post"]
    assert RefactorRequestSchema().validate(operation["requestBody"]["content"]["application/json"]["example"]) == {}
    assert RefactoringSchema().validate(operation["responses"]["200"]["content"]["application/json"]["example"]) == {}
