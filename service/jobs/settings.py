"""What an operator may set for jobs: the part of `service.settings` that the job engine needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from service.settings import Settings


@dataclass(frozen=True, slots=True)
class JobSettings:
    """Sizes are bytes, `_seconds` seconds. `jobs_url` is empty where there is no broker; docs/configuration.md says what each is."""

    database_url: str = "sqlite:///var/restage.db"
    jobs_url: str = ""
    threads: int = 1
    items: int = 100_000
    bytes: int = 256 << 20
    queued: int = 100
    chunk_items: int = 50
    chunk_bytes: int = 1 << 20
    attempts: int = 5
    lease_seconds: float = 20.0
    backoff_seconds: float = 1.0
    poll_seconds: float = 1.0
    resend_seconds: float = 15.0
    window: int = 200
    result_seconds: float = 86_400.0

    @classmethod
    def of(cls, settings: Settings) -> JobSettings:
        own = {field.name: f"jobs_{field.name}" for field in fields(cls) if field.name not in ("database_url", "jobs_url")}
        return cls(settings.database, settings.jobs_url, **{name: getattr(settings, theirs) for name, theirs in own.items()})

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> JobSettings:
        """Raises BadSetting, naming the variable and what it takes."""
        return cls.of(Settings.from_environment(environment))
