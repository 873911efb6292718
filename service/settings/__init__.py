"""What an operator may set: one frozen value for the whole service, read once from environment variables when a process starts.

A field names its variable, says what kind of value it takes and what it does; docs/configuration.md is printed from them
(`python -m service.settings`). A value that is no such thing stops the start with one line that names the variable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

import environs

from service.settings.kinds import (
    ALGORITHMS,
    BROKER,
    CHOICE,
    COUNT,
    DATABASE,
    ISSUER,
    LEVEL,
    LONG,
    NATURAL,
    ORIGINS,
    PORT,
    RATE,
    REDIS,
    SECONDS,
    TEXT,
    TRACES,
    Kind,
    is_loopback,
)

__all__ = ["BadSetting", "Settings", "as_markdown", "is_loopback", "setting", "unknown"]

# Variables of this product that are no settings of the service: the command line's, the proof's and the tests'.
_OTHERS = frozenset(
    {
        *("RESTAGE_REGISTRY", "RESTAGE_REGISTRY_HOSTS", "RESTAGE_REGISTRY_SECONDS", "RESTAGE_REGISTRY_REQUESTS"),
        *("RESTAGE_PROOF_ASKER", "RESTAGE_PROOF_BASES", "RESTAGE_ENGINE_HOME", "RESTAGE_RECORD"),
    }
)


class BadSetting(ValueError):
    """A variable that cannot be used. The message is one line for people, and never shows a value that may be secret."""


def setting(variable: str, kind: Kind, default: Any, group: str, does: str) -> Any:
    """A field of `Settings`. Its `does` is one sentence or more for people who run the service."""
    return field(default=default, repr=not kind.secret, metadata={"variable": variable, "kind": kind, "group": group, "does": does})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Sizes are bytes. A new setting is one line here."""

    host: str = setting(
        "HOST", TEXT, "127.0.0.1", "Serving",
        "The address to listen on. Beyond this machine the service starts only with API keys, OIDC or `RESTAGE_OPEN=1`.",
    )
    port: int = setting("PORT", PORT, 8080, "Serving", "The port to listen on.")
    workers: int = setting("WORKERS", COUNT, 2, "Serving", "Processes that answer. One for each core is right: the work is computing.")
    threads: int = setting("THREADS", COUNT, 4, "Serving", "Requests that one process reads and writes at once; only one of them computes.")
    graceful_seconds: float = setting(
        "RESTAGE_GRACEFUL_SECONDS", SECONDS, 15.0, "Serving",
        "How long requests in flight may take after a stop; keep it above the deadline of a request.",
    )
    drain_seconds: float = setting(
        "RESTAGE_DRAIN_SECONDS", SECONDS, 0.0, "Serving",
        "How long the service still takes requests after SIGTERM, with `/readyz` at 503, so that a balancer can turn away first. "
        "A second SIGTERM ends it at once.",
    )
    worker_bytes: int = setting(
        "RESTAGE_WORKER_BYTES", COUNT, 120_000_000, "Serving",
        "Memory that one process may hold, what it shares with the others included: one with more is replaced between two requests.",
    )
    trusted_proxies: int = setting(
        "RESTAGE_TRUSTED_PROXIES", NATURAL, 0, "Serving",
        "Proxies in front of the service whose `X-Forwarded-For` and `-Proto` are believed: one entry of the list each.",
    )
    log_level: str = setting("RESTAGE_LOG_LEVEL", LEVEL, "info", "Serving", "Lines below it are not written. Requests are logged at `info`.")

    dockerfile_bytes: int = setting("RESTAGE_DOCKERFILE_BYTES", COUNT, 1 << 20, "Limits of a request", "Bytes of a Dockerfile.")
    instructions: int = setting("RESTAGE_INSTRUCTIONS", COUNT, 10_000, "Limits of a request", "Instructions of a Dockerfile.")
    stages: int = setting("RESTAGE_STAGES", COUNT, 1_000, "Limits of a request", "Stages of a Dockerfile.")
    context_paths: int = setting("RESTAGE_CONTEXT_PATHS", COUNT, 20_000, "Limits of a request", "Paths of a build context.")
    manifest_bytes: int = setting("RESTAGE_MANIFEST_BYTES", COUNT, 256 << 10, "Limits of a request", "Bytes of each file of a build context.")
    body_bytes: int = setting("RESTAGE_BODY_BYTES", COUNT, 16 << 20, "Limits of a request", "Bytes of a whole request that is no archive.")
    archive_bytes: int = setting(
        "RESTAGE_ARCHIVE_BYTES", COUNT, 256 << 20, "Limits of a request", "Bytes of a build context sent as an archive, which is read as it comes.",
    )
    batch_line_bytes: int = setting("RESTAGE_BATCH_LINE_BYTES", COUNT, 16 << 20, "Limits of a request", "Bytes of one line of a batch.")
    batch_lines: int = setting("RESTAGE_BATCH_LINES", COUNT, 100_000, "Limits of a request", "Lines of a batch.")

    deadline_seconds: float = setting(
        "RESTAGE_DEADLINE_SECONDS", SECONDS, 1.5, "Limits of a request",
        "How long a request, a line of a batch or an item of a job may be worked on, half of it on a processor: thirty times what 99 of 100 "
        "real files take, so that only files made to be slow come to it.",
    )

    open: bool = setting("RESTAGE_OPEN", CHOICE, False, "Access", "1: answer anyone, on any address, as long as no keys and no OIDC are configured.")
    oidc_issuer: str = setting("RESTAGE_OIDC_ISSUER", ISSUER, "", "Access", "Take bearer tokens of this OpenID Connect issuer.")
    oidc_audience: str = setting("RESTAGE_OIDC_AUDIENCE", TEXT, "", "Access", "What a token's `aud` must hold. Needed with an issuer.")
    oidc_scope_claim: str = setting("RESTAGE_OIDC_SCOPE_CLAIM", TEXT, "scope", "Access", "The claim with the scopes: words, or a list.")
    oidc_scope_prefix: str = setting(
        "RESTAGE_OIDC_SCOPE_PREFIX", TEXT, "", "Access",
        "What stands before our scopes in that claim, as `restage:` in `restage:refactor`.",
    )
    oidc_algorithms: tuple[str, ...] = setting(
        "RESTAGE_OIDC_ALGORITHMS", ALGORITHMS, ("RS256", "PS256", "ES256", "Ed25519", "EdDSA"), "Access",
        "Signatures that are taken.",
    )
    cors_origins: tuple[str, ...] = setting(
        "RESTAGE_CORS_ORIGINS", ORIGINS, (), "Access",
        "Web pages of these origins may read answers. None by default.",
    )
    rate_limit: str = setting(
        "RATE_LIMIT", RATE, "", "Access",
        "Requests to `/v1` that one key, or without keys one address (IPv6: one /64), may make. Off by default.",
    )
    rate_limit_url: str = setting(
        "RATE_LIMIT_URL", REDIS, "", "Access",
        "Where the counts are kept, so that all processes share them. Without it each worker process counts for itself; "
        "while it cannot be reached, too.",
    )

    state: str = setting("RESTAGE_STATE", TEXT, "var", "State", "The folder for the SQLite file, where `DATABASE_URL` names no other database.")
    database_url: str = setting(
        "DATABASE_URL", DATABASE, "", "State",
        "Where keys and jobs are kept. An SQLite file in `RESTAGE_STATE` by default, which is made when the first key or job is.",
    )

    jobs_url: str = setting(
        "JOBS_URL", BROKER, "", "Jobs",
        "The broker that tells workers of work. Without one the web processes work on jobs themselves, and workers ask the database.",
    )
    jobs_threads: int = setting(
        "RESTAGE_JOBS_THREADS", NATURAL, 1, "Jobs",
        "Threads of each web process that work on jobs where there is no broker; 0 leaves all of it to `restage worker`.",
    )
    jobs_items: int = setting("RESTAGE_JOBS_ITEMS", COUNT, 100_000, "Jobs", "Items of a job.")
    jobs_bytes: int = setting("RESTAGE_JOBS_BYTES", COUNT, 256 << 20, "Jobs", "Bytes of a job's body.")
    jobs_queued: int = setting("RESTAGE_JOBS_QUEUED", COUNT, 100, "Jobs", "Unfinished jobs of one caller.")
    jobs_chunk_items: int = setting("RESTAGE_JOBS_CHUNK_ITEMS", COUNT, 50, "Jobs", "Items that a worker takes at a time.")
    jobs_chunk_bytes: int = setting("RESTAGE_JOBS_CHUNK_BYTES", COUNT, 1 << 20, "Jobs", "Bytes that a worker takes at a time, or one item.")
    jobs_attempts: int = setting("RESTAGE_JOBS_ATTEMPTS", COUNT, 5, "Jobs", "How often an item is tried before it counts as dead.")
    jobs_lease_seconds: float = setting(
        "RESTAGE_JOBS_LEASE_SECONDS", SECONDS, 20.0, "Jobs",
        "A worker that has not answered an item for so long counts as lost: at least twice the deadline of a request.",
    )
    jobs_backoff_seconds: float = setting(
        "RESTAGE_JOBS_BACKOFF_SECONDS", SECONDS, 1.0, "Jobs", "The first retry comes after about this long, each further one after twice as long.",
    )
    jobs_poll_seconds: float = setting("RESTAGE_JOBS_POLL_SECONDS", SECONDS, 1.0, "Jobs", "How often a worker without a broker looks for work.")
    jobs_resend_seconds: float = setting(
        "RESTAGE_JOBS_RESEND_SECONDS", SECONDS, 15.0, "Jobs", "A message not acted on is sent again after this long, then after twice as long.",
    )
    jobs_window: int = setting("RESTAGE_JOBS_WINDOW", COUNT, 200, "Jobs", "Messages under way; a small job may overtake the rest of a large one.")
    jobs_result_seconds: float = setting("RESTAGE_JOBS_RESULT_SECONDS", LONG, 86_400.0, "Jobs", "How long a finished job is kept.")

    metrics_folder: str = setting(
        "PROMETHEUS_MULTIPROC_DIR", TEXT, "", "Telemetry",
        "Where the workers' counts lie; `.db` files in it are deleted at the start. A new folder in memory by default.",
    )
    telemetry_url: str = setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT", TRACES, "", "Telemetry",
        "Send traces there. Needs the extra `telemetry`; its other `OTEL_` variables hold too.",
    )

    @property
    def database(self) -> str:
        """The database's address, given or derived."""
        return self.database_url or f"sqlite:///{Path(self.state, 'restage.db')}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises BadSetting, naming the variable and what it takes."""
        reader = _Reader(environment)
        named = {one.name: one.metadata["variable"] for one in fields(cls)}
        found = cls(**{one.name: _read(reader, one) for one in fields(cls) if named[one.name] in environment})
        _fit(found)
        return found


class _Reader(environs.Env):
    """environs reads the process's own environment; this one what it is handed."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__()
        self._given = given

    def _get_value(self, env_key: str, default: Any) -> Any:
        return self._given.get(env_key, default)


def _read(reader: environs.Env, one: Field[Any]) -> Any:
    variable, kind = one.metadata["variable"], one.metadata["kind"]
    try:
        return kind.read(reader, variable)
    except (environs.EnvError, ValueError):
        shown = "" if kind.secret else f", not {reader.str(variable)[:60]!r}"
        raise BadSetting(f"{variable} must be {kind.expected}{shown}") from None


def _fit(found: Settings) -> None:
    """What two settings say together."""
    if bool(found.oidc_issuer) != bool(found.oidc_audience):
        raise BadSetting("RESTAGE_OIDC_ISSUER and RESTAGE_OIDC_AUDIENCE must be set together: a token for somebody else is none for us")
    if found.jobs_lease_seconds < 2 * found.deadline_seconds:
        # A lease is renewed between two items once a third of it is over: the next item may take the deadline, and the rest is for a slow machine.
        least = 2 * found.deadline_seconds
        raise BadSetting(f"RESTAGE_JOBS_LEASE_SECONDS must be at least twice RESTAGE_DEADLINE_SECONDS, {least:g}, or a slow item costs its lease")


def unknown(environment: Mapping[str, str]) -> list[str]:
    """Variables that look like ours and are not: most likely a slip."""
    known = {one.metadata["variable"] for one in fields(Settings)} | _OTHERS
    return sorted(name for name in environment if name.startswith("RESTAGE_") and name not in known)


def as_markdown() -> str:
    """The table of all settings, by group."""
    parts = ["# Configuration\n", "Environment variables, read when the service starts. Printed by `python -m service.settings`; do not edit.\n"]
    for group in dict.fromkeys(one.metadata["group"] for one in fields(Settings)):
        parts += [f"## {group}\n", "| variable | takes | default | |", "|---|---|---|---|"]
        parts += [_row(one) for one in fields(Settings) if one.metadata["group"] == group]
        parts.append("")
    return "\n".join(parts)


def _row(one: Field[Any]) -> str:
    return f"| `{one.metadata['variable']}` | {one.metadata['kind'].expected} | {_shown(one.default)} | {one.metadata['does']} |"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return f"`{int(value)}`"
    if isinstance(value, tuple):
        value = ",".join(value)
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`" if value != "" else ""

