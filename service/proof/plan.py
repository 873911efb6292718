"""Reading how a pair of images is to be asked, from a TOML file (`tests/proof/apps/*/proof.toml` are examples)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from service.proof.model import HttpProbe, Plan, Probe, RunProbe

_HTTP = frozenset({"port", "path", "method", "body", "headers", "status", "contains"})
_RUN = frozenset({"arguments", "exit", "contains"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class BadPlan(Exception):
    """A plan that cannot be read; the message says where."""


def read_plan(file: Path) -> Plan:
    """`edit`, `comment`, `settle`, `ready`, `[environment]`, `[build_args]` and one `[[probe]]` for each probe; other keys are the reader's own.
    Raises `BadPlan`."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadPlan(f"{file}: {error}") from None
    try:
        return plan_of(content)
    except BadPlan as error:
        raise BadPlan(f"{file}: {error}") from None


def plan_of(content: Mapping[str, Any]) -> Plan:
    """The plan that a table of values says. Raises `BadPlan`."""
    probes = content.get("probe", [])
    if not isinstance(probes, list):
        raise BadPlan("probes are written [[probe]]")
    defaults = Plan()
    return Plan(
        probes=tuple(_probe(row, place) for place, row in enumerate(probes, 1)),
        environment=_strings(content, "environment"),
        build_args=_strings(content, "build_args"),
        edit=str(content.get("edit", "")),
        comment=str(content.get("comment", "#")),
        settle=_seconds(content, "settle", defaults.settle),
        ready=_seconds(content, "ready", defaults.ready),
    )


def _probe(row: Any, place: int) -> Probe:
    keys = set(row) if isinstance(row, dict) else set()
    if "port" in keys and keys <= _HTTP:
        return _http(row, place)
    if keys <= _RUN and keys & {"arguments", "exit"}:
        words = row.get("arguments", [])
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise BadPlan(f"probe {place}: arguments is a list of texts")
        return RunProbe(tuple(words), row.get("exit"), str(row.get("contains", "")))
    raise BadPlan(f"probe {place}: either {', '.join(sorted(_HTTP))} (port is needed) or {', '.join(sorted(_RUN))}")


def _http(row: Mapping[str, Any], place: int) -> HttpProbe:
    port, path, method = row["port"], str(row.get("path", "/")), str(row.get("method", "GET")).upper()
    if not isinstance(port, int) or not 0 < port < 65536:
        raise BadPlan(f"probe {place}: port is a number from 1 to 65535")
    if not path.startswith("/") or method not in _METHODS:
        raise BadPlan(f"probe {place}: the path starts with /, and the method is one of {', '.join(sorted(_METHODS))}")
    return HttpProbe(port, path, method, str(row.get("body", "")), _strings(row, "headers"), row.get("status"), str(row.get("contains", "")))


def _strings(content: Mapping[str, Any], key: str) -> dict[str, str]:
    found = content.get(key, {})
    if not isinstance(found, dict):
        raise BadPlan(f"{key} is a table of texts")
    return {str(name): str(value) for name, value in found.items()}


def _seconds(content: Mapping[str, Any], key: str, otherwise: float) -> float:
    found = content.get(key, otherwise)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 < found <= 600:
        raise BadPlan(f"{key} is a number of seconds, at most 600")
    return float(found)
