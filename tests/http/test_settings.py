"""The settings: what is documented, what is refused, and that nothing secret is shown."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from service.http import Settings
from service.settings import BadSetting, as_markdown, unknown

ROOT = Path(__file__).parents[2]


def test_the_documentation_is_what_the_code_says() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == as_markdown(), "python -m service.settings > docs/configuration.md"


def test_every_setting_is_explained_once() -> None:
    variables = [one.metadata["variable"] for one in fields(Settings)]
    assert len(set(variables)) == len(variables)
    assert all(one.metadata["does"].endswith(".") for one in fields(Settings))


def test_values_of_every_kind() -> None:
    text = """HOST=::1 PORT=1 RESTAGE_OPEN=1 RESTAGE_DRAIN_SECONDS=2.5 RATE_LIMIT=5/minute;9/day RESTAGE_LOG_LEVEL=WARNING
    RESTAGE_CORS_ORIGINS=https://a.example,http://b:8080 RESTAGE_OIDC_ALGORITHMS=ES256 DATABASE_URL=postgresql://u:p@h/d
    RATE_LIMIT_URL=rediss://h:6379/1 RESTAGE_OIDC_ISSUER=https://issuer.example/x RESTAGE_OIDC_AUDIENCE=restage"""
    found = Settings.from_environment(dict(word.split("=", 1) for word in text.split()))
    assert (found.host, found.port, found.open, found.drain_seconds, found.log_level) == ("::1", 1, True, 2.5, "warning")
    assert found.cors_origins == ("https://a.example", "http://b:8080")
    assert found.oidc_algorithms == ("ES256",)
    with pytest.raises(FrozenInstanceError):
        found.port = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *(("PORT", value) for value in ("", "0", "65536", "http", "1e3")),
        *(("WORKERS", value) for value in ("0", "-1", "two")),
        *(("RESTAGE_OPEN", value) for value in ("", "maybe", "2")),
        *(("RESTAGE_DRAIN_SECONDS", value) for value in ("-1", "nan", "inf", "3601")),
        *(("RATE_LIMIT", value) for value in ("60", "sixty per minute", "60/fortnight")),
        *(("RATE_LIMIT_URL", value) for value in ("http://h", "memcached://h", "h:6379")),
        *(("DATABASE_URL", value) for value in ("mysql://h/d", "restage.db", "postgresql://u:p@h:port/d")),
        *(("RESTAGE_CORS_ORIGINS", value) for value in ("*", "example.com", "https://a.example/", "https://a.example/x", "null")),
        *(("RESTAGE_OIDC_ISSUER", value) for value in ("issuer.example", "http://issuer.example", "ftp://issuer.example")),
        *(("RESTAGE_OIDC_ALGORITHMS", value) for value in ("none", "HS256", "RS256,HS256", "")),
        *(("RESTAGE_LOG_LEVEL", value) for value in ("loud", "")),
        *(("RESTAGE_TRUSTED_PROXIES", value) for value in ("-1", "all")),
    ],
)
def test_another_value_is_refused_in_one_line_that_names_it(variable: str, value: str) -> None:
    with pytest.raises(BadSetting) as caught:
        Settings.from_environment({variable: value})
    assert str(caught.value).startswith(f"{variable} must be ") and "\n" not in str(caught.value)


def test_an_issuer_without_an_audience_is_refused() -> None:
    with pytest.raises(BadSetting, match="RESTAGE_OIDC_AUDIENCE"):
        Settings.from_environment({"RESTAGE_OIDC_ISSUER": "https://issuer.example"})


def test_a_lease_that_an_item_may_outlast_is_refused() -> None:
    with pytest.raises(BadSetting, match=r"\ARESTAGE_JOBS_LEASE_SECONDS must be at least twice RESTAGE_DEADLINE_SECONDS, 24,[^\n]*\Z"):
        Settings.from_environment({"RESTAGE_DEADLINE_SECONDS": "12"})
    Settings.from_environment({"RESTAGE_DEADLINE_SECONDS": "12", "RESTAGE_JOBS_LEASE_SECONDS": "24"})
    Settings.from_environment({})


def test_passwords_are_never_shown() -> None:
    for variable, value in (("DATABASE_URL", "mysql://u:s3cret@h/d"), ("RATE_LIMIT_URL", "http://:s3cret@h")):
        with pytest.raises(BadSetting) as caught:
            Settings.from_environment({variable: value})
        assert "s3cret" not in str(caught.value)
    good = Settings.from_environment({"DATABASE_URL": "postgresql://u:s3cret@h/d", "RATE_LIMIT_URL": "redis://:s3cret@h"})
    assert "s3cret" not in repr(good)


def test_slips_are_noticed() -> None:
    environment = {"RESTAGE_BODY_BITES": "1", "RESTAGE_BODY_BYTES": "1", "RESTAGE_REGISTRY": "1", "HOME": "/"}
    assert unknown(environment) == ["RESTAGE_BODY_BITES"]


def test_the_database_is_a_file_unless_it_is_named() -> None:
    assert Settings(state="/var/lib/restage").database == "sqlite:////var/lib/restage/restage.db"
    assert Settings(database_url="postgresql://h/d").database == "postgresql://h/d"


@pytest.mark.parametrize(("variable", "value"), [("PORT", "http"), ("DATABASE_URL", "mysql://u:s3cret@h/d"), ("HOST", "0.0.0.0")])
def test_the_service_does_not_start_and_says_why_in_a_line(variable: str, value: str, tmp_path: Path) -> None:
    environment = {**os.environ, "RESTAGE_STATE": str(tmp_path), "RESTAGE_LOG_LEVEL": "error", variable: value}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:service.http.server"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    lines = ended.stderr.splitlines()
    assert ended.returncode == 1 and len(lines) == 1
    assert lines[0].startswith(f"restage: {variable}") and "s3cret" not in lines[0]
