"""API keys: `rst_<id>_<secret>`. The id names a key in lists and logs; the secret is 256 random bits and is shown once.

A key is stored as its SHA-256. A slow hash (bcrypt, argon2) protects what people choose, by making guesses dear; 256 random bits cannot be
guessed at any price, and a slow hash in front of every request would be a way to exhaust the service.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from service.access.model import Scope

PREFIX = "rst_"
_FORM = re.compile(r"rst_([0-9a-f]{12})_[A-Za-z0-9_-]{43}\Z")


@dataclass(frozen=True, slots=True)
class Key:
    """A stored key. Times are seconds since 1970; `expires` and `revoked` are None where it never does or was not."""

    id: str
    digest: bytes
    name: str
    scopes: frozenset[Scope]
    created: int
    expires: int | None = None
    revoked: int | None = None

    def usable(self, now: float) -> bool:
        return self.revoked is None and (self.expires is None or now < self.expires)


def make(name: str, scopes: frozenset[Scope], now: int, expires: int | None = None) -> tuple[str, Key]:
    """The key to hand out, and what is stored of it."""
    identity = secrets.token_hex(6)
    text = f"{PREFIX}{identity}_{secrets.token_urlsafe(32)}"
    return text, Key(identity, digest(text), name, scopes, now, expires)


def identity_of(text: str) -> str | None:
    """The id in a key; None for what has not the form of one, so that no lookup is made for it."""
    found = _FORM.match(text)
    return found.group(1) if found else None


def fits(text: str, key: Key) -> bool:
    """Takes as long for a wrong key as for the right one."""
    return hmac.compare_digest(digest(text), key.digest)


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
