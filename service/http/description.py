"""The description of the routes, made when it is first asked for, finished and as YAML."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import yaml
from marshmallow import fields

# The same text from libyaml in a sixth of the time, where PyYAML was built with it.
_SAFE: type[yaml.SafeDumper] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_SAFE):
    """Long texts as blocks, and no anchors: people read this file."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


class Description:
    """One application's. `described` is called once, by the first request that asks, and its functions are called in their places."""

    def __init__(self, described: Callable[[], dict[str, Any]]) -> None:
        self._described, self._lock = described, Lock()
        self._made: tuple[dict[str, Any], str] | None = None

    def document(self) -> dict[str, Any]:
        return self._parts()[0]

    def text(self) -> str:
        return self._parts()[1]

    def _parts(self) -> tuple[dict[str, Any], str]:
        with self._lock:
            if self._made is None:
                document = finished(_called(self._described()))
                self._made = document, as_yaml(document)
            return self._made


def _called(part: Any) -> Any:
    """Examples that are functions become what they return."""
    if isinstance(part, dict):
        return {name: _called(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_called(value) for value in part]
    return part() if callable(part) else part


def key_pattern(converter: Any, field: fields.Field[Any], **rest: Any) -> dict[str, Any]:
    """What apispec leaves out of a mapping: the shape of its keys."""
    keys = field.key_field.metadata.get("pattern") if isinstance(field, fields.Dict) and field.key_field else None
    return {"propertyNames": {"pattern": keys}} if keys else {}


def finished(document: dict[str, Any]) -> dict[str, Any]:
    """The description with what flask-smorest does not say: a name for each operation, that a form may hold files of any name, where the
    service is, and without the shapes that nothing uses."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in _METHODS:
                operation["operationId"] = _operation_name(method, path)
                operation.setdefault("description", operation["summary"])
    schemas = document["components"]["schemas"]
    schemas.pop("PaginationMetadata", None)
    for name in (name for name in schemas if name.endswith("Form")):
        schemas[name].pop("additionalProperties", None)
        for value in schemas[name]["properties"].values():
            # A field of a form is text: `true`, `1` and `yes` are all true.
            if value.get("type") == "boolean":
                del value["type"]
    return {**document, "servers": [{"url": "/"}]}


_METHODS = frozenset({"get", "post", "delete"})


def _operation_name(method: str, path: str) -> str:
    """`postV1Refactor`, of the method and the path's words."""
    words = "".join(character if character.isalnum() else " " for character in path).split()
    return method + "".join(word[:1].upper() + word[1:] for word in words or ["root"])


def as_yaml(document: dict[str, Any]) -> str:
    document = {"openapi": document["openapi"], **document}
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))
