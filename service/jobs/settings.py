"""What an operator may set for jobs. `DATABASE_URL`, `JOBS_URL` and `RESTAGE_STATE`; the rest is `RESTAGE_JOBS_` and the field's name in capitals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

_NAMED = {"database_url": "DATABASE_URL", "jobs_url": "JOBS_URL"}
_FILE = "restage.sqlite3"


@dataclass(frozen=True, slots=True)
class JobSettings:
    """Sizes are bytes, `_seconds` seconds. An item has to be answered within `lease_seconds`, or its worker counts as lost."""

    database_url: str = f"sqlite:///var/{_FILE}"
    # redis:// or amqp://; empty: no broker, the workers ask the database.
    jobs_url: str = ""
    # Threads that work on jobs within each web process where there is no broker; 0 leaves all of it to `restage worker`.
    threads: int = 1
    items: int = 100_000
    bytes: int = 256 << 20
    # Unfinished jobs of one owner.
    queued: int = 100
    chunk_items: int = 50
    chunk_bytes: int = 1 << 20
    attempts: int = 5
    lease_seconds: float = 15.0
    # The first retry comes after about this long, each further one after twice as long.
    backoff_seconds: float = 1.0
    poll_seconds: float = 1.0
    # A message not acted on is sent again after this long, then after twice as long.
    resend_seconds: float = 15.0
    # Messages under way; the rest waits in the database, where a small job may overtake a large one.
    window: int = 200
    # How long a finished job is kept.
    result_seconds: float = 86_400.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> JobSettings:
        """Raises ValueError, naming the variable, for a value that is not a positive number (`threads` may be 0)."""
        found: dict[str, object] = {name: environment[variable] for name, variable in _NAMED.items() if environment.get(variable)}
        found.setdefault("database_url", f"sqlite:///{Path(environment.get('RESTAGE_STATE') or 'var') / _FILE}")
        for field in fields(cls):
            variable = f"RESTAGE_JOBS_{field.name.upper()}"
            if field.name not in _NAMED and variable in environment:
                found[field.name] = _number(variable, environment[variable], whole=field.type == "int", least=0 if field.name == "threads" else 1)
        return cls(**found)  # type: ignore[arg-type]


def _number(variable: str, text: str, *, whole: bool, least: int) -> int | float:
    if whole:
        if text.isascii() and text.isdigit() and len(text) < 19 and int(text) >= least:
            return int(text)
        raise ValueError(f"{variable} must be a number, at least {least}, not {text!r}")
    digits = text.replace(".", "", 1)
    if digits.isascii() and digits.isdigit() and len(text) < 19 and float(text) > 0:
        return float(text)
    raise ValueError(f"{variable} must be a number of seconds above 0, not {text!r}")
