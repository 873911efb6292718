"""The kinds of values that a setting takes."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import environs

_LARGEST = 1 << 53
# Signatures by a key that only the issuer has. With a shared secret (HS256) whoever checks could also sign; `none` is no signature.
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")


def is_loopback(host: str) -> bool:
    """Whether an address is for this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Kind:
    """How a text becomes a value. `expected` ends the sentence "NAME must be ..."; `read` raises ValueError, or EnvError as environs does."""

    expected: str
    read: Callable[[environs.Env, str], Any]
    secret: bool = False


def _number(low: int, high: int = _LARGEST) -> Callable[[environs.Env, str], int]:
    def read(environment: environs.Env, variable: str) -> int:
        value = environment.int(variable)
        if not low <= value <= high:
            raise ValueError
        return value

    return read


def _seconds(most: float) -> Callable[[environs.Env, str], float]:
    def read(environment: environs.Env, variable: str) -> float:
        value = environment.float(variable)
        if not 0 <= value <= most:
            raise ValueError
        return value

    return read


def _words(environment: environs.Env, variable: str) -> tuple[str, ...]:
    return tuple(word for word in environment.str(variable).replace(",", " ").split() if word)


def _origins(environment: environs.Env, variable: str) -> tuple[str, ...]:
    found = _words(environment, variable)
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
            raise ValueError
    return found


def _one_of(*allowed: str) -> Callable[[environs.Env, str], str]:
    def read(environment: environs.Env, variable: str) -> str:
        value = environment.str(variable).lower()
        if value not in allowed:
            raise ValueError
        return value

    return read


def _some_of(*allowed: str) -> Callable[[environs.Env, str], tuple[str, ...]]:
    def read(environment: environs.Env, variable: str) -> tuple[str, ...]:
        found = _words(environment, variable)
        if not found or not set(found) <= set(allowed):
            raise ValueError
        return found

    return read


def _url(*schemes: str) -> Callable[[environs.Env, str], str]:
    def read(environment: environs.Env, variable: str) -> str:
        value = environment.str(variable)
        if value and not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError
        return value

    return read


def _issuer(environment: environs.Env, variable: str) -> str:
    """Keys that anyone on the way could exchange prove nothing, so plain HTTP is for an issuer on this machine."""
    value = environment.str(variable)
    parts = urlsplit(value)
    if value and (parts.scheme not in ("https", "http") or not parts.hostname or (parts.scheme == "http" and not is_loopback(parts.hostname))):
        raise ValueError
    return value


def _rate(environment: environs.Env, variable: str) -> str:
    value = environment.str(variable)
    if value:
        import limits

        limits.parse_many(value)
    return value


def _database(environment: environs.Env, variable: str) -> str:
    value = environment.str(variable)
    if value:
        # Its library takes longer to load than all the rest of the settings, and most services keep nothing.
        from service import database

        database.parsed(value)
    return value


def _text(environment: environs.Env, variable: str) -> str:
    return environment.str(variable)


def _choice(environment: environs.Env, variable: str) -> bool:
    return environment.bool(variable)


COUNT = Kind("a whole number above zero", _number(1))
NATURAL = Kind("a whole number, 0 or above", _number(0))
PORT = Kind("a port, 1 to 65535", _number(1, 65_535))
SECONDS = Kind("seconds, 0 to 3600", _seconds(3600))
LONG = Kind("seconds, up to a year", _seconds(366 * 86_400))
CHOICE = Kind("1 or 0", _choice)
TEXT = Kind("a text", _text)
ALGORITHMS = Kind(f"some of {', '.join(SIGNATURES)}, separated by commas", _some_of(*SIGNATURES))
LEVEL = Kind("one of debug, info, warning, error", _one_of("debug", "info", "warning", "error"))
ORIGINS = Kind("origins like https://tools.example, separated by commas", _origins)
RATE = Kind("limits like 60/minute, several separated by semicolons", _rate)
ISSUER = Kind("an https:// address (http:// for this machine only)", _issuer)
REDIS = Kind("an address that starts with redis:// or rediss://", _url("redis", "rediss"), secret=True)
BROKER = Kind("an address that starts with redis://, rediss://, amqp:// or amqps://", _url("redis", "rediss", "amqp", "amqps"), secret=True)
DATABASE = Kind("an address that starts with sqlite:/// or postgresql://", _database, secret=True)
TRACES = Kind("an address that starts with http:// or https://", _url("http", "https"))
