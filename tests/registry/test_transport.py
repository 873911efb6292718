"""Addresses that are never asked, and time that is never exceeded."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from service.registry import transport
from service.registry.transport import Request, Unreachable, https, is_public


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("192.168.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses(address: str, expected: bool) -> None:
    assert is_public(address) is expected


@pytest.mark.parametrize("url", ["http://example.com/", "https://localhost/", "https://127.0.0.1/", "https://user@example.com/", "https:///x", "https://[::1/"])
def test_what_is_never_opened(url: str) -> None:
    with pytest.raises(Unreachable):
        https(Request("GET", url))


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolved(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(transport.socket, "getaddrinfo", resolved)
    with pytest.raises(Unreachable, match="public"):
        transport.public_address("mixed.example", 443)


def test_a_name_that_does_not_resolve_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = threading.Event()

    def stuck(*_: Any, **__: Any) -> list[Any]:
        waiting.wait(5)
        return []

    monkeypatch.setattr(transport.socket, "getaddrinfo", stuck)
    start = time.monotonic()
    with pytest.raises(Unreachable):
        https(Request("GET", "https://slow.example/", seconds=0.1))
    waiting.set()
    assert time.monotonic() - start < 2
