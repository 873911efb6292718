"""The description of the routes as YAML: `python -m service.http.openapi` prints the file that is committed as openapi.yaml."""

from __future__ import annotations

import sys
from typing import Any

import yaml
from marshmallow import fields


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks, and no anchors: people read this file."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def key_pattern(converter: Any, field: fields.Field[Any], **rest: Any) -> dict[str, Any]:
    """What apispec leaves out of a mapping: the shape of its keys."""
    keys = field.key_field.metadata.get("pattern") if isinstance(field, fields.Dict) and field.key_field else None
    return {"propertyNames": {"pattern": keys}} if keys else {}


def as_yaml(document: dict[str, Any]) -> str:
    document = {"openapi": document["openapi"], **document}
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))


if __name__ == "__main__":
    from service.http import create_app

    sys.stdout.write(create_app().config["RESTAGE_OPENAPI"])
