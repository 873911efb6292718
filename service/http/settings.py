"""What an operator may set: the limits of one request. Environment variables are `RESTAGE_` and the field's name in capitals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes are bytes. `manifest_bytes` bounds each file of a build context, `body_bytes` the whole request, `deadline_seconds` its time."""

    dockerfile_bytes: int = 1 << 20
    instructions: int = 10_000
    context_paths: int = 20_000
    manifest_bytes: int = 256 << 10
    body_bytes: int = 16 << 20
    deadline_seconds: int = 10

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises ValueError, naming the variable, for a value that is not a positive number."""
        names = {field.name: f"RESTAGE_{field.name.upper()}" for field in fields(cls)}
        return cls(**{name: _positive(variable, environment[variable]) for name, variable in names.items() if variable in environment})


def _positive(variable: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19 and int(text) > 0):
        raise ValueError(f"{variable} must be a positive number, not {text!r}")
    return int(text)
