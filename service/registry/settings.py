"""What an operator may set of the live look-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

HOSTS = frozenset({"registry-1.docker.io", "ghcr.io", "quay.io", "gcr.io", "mcr.microsoft.com", "public.ecr.aws", "registry.k8s.io"})


@dataclass(frozen=True, slots=True)
class Settings:
    """`hosts` are the registries that may be asked, by name and port; `seconds` is what one image may take in all; `requests` is what the
    process may fetch in all, `images` what one caller (a file) may ask for."""

    enabled: bool = False
    hosts: frozenset[str] = HOSTS
    seconds: float = 3.0
    requests: int = 200
    images: int = 6

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises ValueError, naming the variable, for a value that is not usable."""
        more = frozenset(host.strip().lower() for host in environment.get("RESTAGE_REGISTRY_HOSTS", "").split(",") if host.strip())
        for host in more:
            if not set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-:"):
                raise ValueError(f"RESTAGE_REGISTRY_HOSTS are names like registry.example.com, not {host!r}")
        return cls(
            environment.get("RESTAGE_REGISTRY", "") == "1",
            HOSTS | more,
            float(_number("RESTAGE_REGISTRY_SECONDS", environment, 3)),
            _number("RESTAGE_REGISTRY_REQUESTS", environment, 200),
        )


def _number(variable: str, environment: Mapping[str, str], default: int) -> int:
    text = environment.get(variable, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise ValueError(f"{variable} must be a positive number, not {text!r}")
    return int(text)
