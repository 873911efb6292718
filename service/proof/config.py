"""The two images' configurations as the engine reports them, key by key."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from service.image.verdict import Difference
from service.proof.engine import LABEL
from service.proof.model import Check

_PLAIN = ("Cmd", "Entrypoint", "WorkingDir", "User", "StopSignal", "Healthcheck", "Shell", "OnBuild")
_TABLES = {"ExposedPorts": "EXPOSE", "Volumes": "VOLUME", "Labels": "LABEL"}


def compare_configs(before: Mapping[str, Any], after: Mapping[str, Any], licensed: Collection[Difference]) -> tuple[Check, ...]:
    """A check for each kind of setting, and one for each difference. A difference is licensed where the rewrite itself announced that key."""
    reasons = {difference.key: difference.because for difference in licensed}
    return tuple(_checks(before, after, reasons))


def _checks(before: Mapping[str, Any], after: Mapping[str, Any], reasons: Mapping[str, str]) -> Iterator[Check]:
    for kind, rows in (
        ("Env", _pairs(_environment(before), _environment(after), "ENV")),
        *((key, _pairs(_table(before, key), _table(after, key), word)) for key, word in _TABLES.items()),
        *((key, [(key, _plain(before, key), _plain(after, key))]) for key in _PLAIN),
    ):
        found = [_difference(name, one, other, reasons) for name, one, other in rows if one != other]
        yield from found or [Check(f"config {kind}", "equal")]


def _plain(config: Mapping[str, Any], key: str) -> object:
    """A setting as it works: without a folder a container starts in the root."""
    return config.get(key) or ("/" if key == "WorkingDir" else None)


def _difference(name: str, before: object, after: object, reasons: Mapping[str, str]) -> Check:
    shown = f"{_shown(before)} -> {_shown(after)}"
    if name in reasons:
        return Check(f"config {name}", "licensed", f"{shown}: {reasons[name]}")
    return Check(f"config {name}", "different", shown)


def _pairs(before: Mapping[str, Any], after: Mapping[str, Any], word: str) -> list[tuple[str, object, object]]:
    return [(f"{word} {name}", before.get(name), after.get(name)) for name in sorted({*before, *after})]


def _environment(config: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, _, value in (entry.partition("=") for entry in config.get("Env") or ())}


def _table(config: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in (config.get(key) or {}).items() if name != LABEL}


def _shown(value: object) -> str:
    return "none" if value is None else json.dumps(value) if not isinstance(value, str) else repr(value)
