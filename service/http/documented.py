"""What a route may answer, for its description."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_smorest import Blueprint

from service.http import examples
from service.http.problems import MEDIA_TYPE
from service.http.responses import ProblemSchema

Decorator = Callable[[Any], Any]
_PROBLEM = ProblemSchema.__name__
"""By its name: each decorator copies all that those before it said, and a schema is long."""


def forms(blueprint: Blueprint, shown: Mapping[str, Any], description: str) -> Decorator:
    """Other media types of a 200, each with an example; those that are JSON are objects, all others text."""

    def decorate(view: Any) -> Any:
        for media_type, example in shown.items():
            schema = {"type": "object" if media_type.endswith("json") else "string"}
            view = blueprint.alt_response(
                200, schema=schema, content_type=media_type, success=True, description=description, example=example, headers=examples.HEADERS
            )(view)
        return view

    return decorate


def errors(
    blueprint: Blueprint,
    statuses: Iterable[int] = tuple(examples.ERRORS),
    texts: Mapping[int, str] = examples.ERRORS,
    problems: Mapping[int, Any] = examples.PROBLEMS,
) -> Decorator:
    """The problems that a route may answer with, each described by a text, and by an example where there is one."""

    def decorate(view: Any) -> Any:
        for status in statuses:
            view = blueprint.alt_response(
                status, schema=_PROBLEM, content_type=MEDIA_TYPE, description=texts[status], example=problems.get(status)
            )(view)
        return view

    return decorate
