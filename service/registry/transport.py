"""One HTTPS request to a public address, bounded in time and size. Everything that opens a connection is here."""

from __future__ import annotations

import http.client
import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


class Unreachable(Exception):
    """No usable answer: no connection, no time left, too much sent, or an address that is not asked."""


@dataclass(frozen=True, slots=True)
class Request:
    """`seconds` is the time that is left, `limit` the bytes of a body that are read at most."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 3.0
    limit: int = 4 << 20


@dataclass(frozen=True, slots=True)
class Response:
    """Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


Transport = Callable[[Request], Response]


def https(request: Request) -> Response:
    """Sends a request; redirects are not followed here. Raises Unreachable, also when its seconds are over.

    The work is done in a thread of its own, since neither a name's resolution nor an answer that comes byte by byte can be stopped otherwise.
    """
    answers: queue.Queue[Response | None] = queue.Queue(1)

    def work() -> None:
        try:
            answers.put(_sent(request))
        except Unreachable:
            answers.put(None)

    threading.Thread(target=work, daemon=True).start()
    try:
        answer = answers.get(timeout=max(0.0, request.seconds))
    except queue.Empty:
        answer = None
    if answer is None:
        raise Unreachable("no answer")
    return answer


def _sent(request: Request) -> Response:
    """The connection goes to the very address that was found public, so that a name that resolves twice (DNS rebinding) leads nowhere else."""
    try:
        parts = urlsplit(request.url)
        if parts.scheme != "https" or not parts.hostname or parts.username is not None:
            raise Unreachable("only https is asked")
        address = public_address(parts.hostname, parts.port or 443)
        connection = _Pinned(parts.hostname, address, parts.port or 443, max(0.05, request.seconds))
        try:
            connection.request(request.method, f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", headers=dict(request.headers))
            answer = connection.getresponse()
            body = b"" if request.method == "HEAD" else answer.read(request.limit + 1)
            if len(body) > request.limit:
                raise Unreachable("the answer is too long")
            return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(type(error).__name__) from None


def public_address(host: str, port: int) -> str:
    """The first address of a host; raises Unreachable unless all of them are public ones."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not all(is_public(address) for address in found):
        raise Unreachable("not a public address")
    return found[0]


def is_public(address: str) -> bool:
    """False for private, loopback, link-local, shared, reserved and multicast ones, also where they are mapped into IPv6."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inner = parsed.ipv4_mapped or parsed.sixtofour if isinstance(parsed, ipaddress.IPv6Address) else None
    return parsed.is_global and not parsed.is_multicast and (inner is None or (inner.is_global and not inner.is_multicast))


class _Pinned(http.client.HTTPSConnection):
    """A connection to one address, whose certificate must be the host's."""

    def __init__(self, host: str, address: str, port: int, seconds: float) -> None:
        self._secure = ssl.create_default_context()
        super().__init__(host, port, timeout=seconds, context=self._secure)
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._secure.wrap_socket(plain, server_hostname=self.host)
