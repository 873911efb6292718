"""Bearer tokens of an OpenID Connect issuer: signature, issuer, audience and times are checked here, and the issuer is asked for its keys only.

Sources: OpenID Connect Discovery 1.0, RFC 7517 (JWK), RFC 7519 (JWT), RFC 8725 (JWT best current practices).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.oidc.discovery import get_well_known_url  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service.access.model import SCOPES, Caller, Refused, Scope, Unavailable
from service.settings import is_loopback

# How long keys are used without asking again; how soon a token with a new key's name may ask, and how soon after a first failure; how far two
# clocks may differ; in seconds.
KEYS_SECONDS = 600.0
AGAIN_SECONDS = 15.0
FIRST_SECONDS = 1.0
CLOCK_SECONDS = 30
_TIMEOUT = (2, 3)
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose tokens are taken, for whom they must be, and where they say what their bearer may."""

    issuer: str
    audience: str
    scope_claim: str
    scope_prefix: str
    algorithms: tuple[str, ...]


class TokenVerifier:
    """Keeps the issuer's keys. Thread-safe; one thread fetches, the others go on with the keys they have."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._keys: KeySet | None = None
        self._fetched = self._tried = float("-inf")
        self._lock = Lock()

    def caller(self, token: str) -> Caller:
        """Raises Refused, or Unavailable where the issuer's keys were never read."""
        keys = self._current()
        try:
            claims = _verified(token, keys, self._trust)
        except _UnknownKey:
            claims = self._with_newer_keys(token)
        return Caller("oidc:" + hashlib.sha256(str(claims["sub"]).encode()).hexdigest()[:12], _scopes(claims, self._trust))

    def _with_newer_keys(self, token: str) -> Mapping[str, Any]:
        """An issuer that rotates its keys signs with one that we have not seen; a forger names any, so we do not ask each time."""
        try:
            return _verified(token, self._current(oldest=AGAIN_SECONDS), self._trust)
        except _UnknownKey:
            raise Refused("The token's signature is none of the issuer's.") from None

    def _current(self, oldest: float = KEYS_SECONDS) -> KeySet:
        if time.monotonic() - self._fetched > oldest:
            self._fetch()
        if self._keys is None:
            raise Unavailable("the issuer's keys cannot be read")
        return self._keys

    def _fetch(self) -> None:
        # Without keys there is nothing to go on with, so the first ones are waited for.
        if not self._lock.acquire(blocking=self._keys is None):
            return
        try:
            now = time.monotonic()
            if now - self._tried > (AGAIN_SECONDS if self._keys else FIRST_SECONDS):
                self._tried = now
                self._keys, self._fetched = _keys_of(self._trust.issuer), now
        except Unavailable:
            # Keys that were right a while ago are better than no answer to anyone.
            pass
        finally:
            self._lock.release()


class _UnknownKey(Exception):
    """The token names a key that the issuer did not show us."""


def _verified(token: str, keys: KeySet, trust: Trust) -> Mapping[str, Any]:
    """The claims of a token that is signed, in time, by the issuer and for us. Raises Refused or _UnknownKey."""
    try:
        found = jwt.decode(token, keys, algorithms=list(trust.algorithms))
    except (JoseError, ValueError, TypeError) as error:
        if isinstance(error, JoseError) and error.error in ("invalid_key_id", "missing_key"):
            raise _UnknownKey from None
        raise Refused("The token's signature is none of the issuer's.") from None
    registry = jwt.JWTClaimsRegistry(
        leeway=CLOCK_SECONDS,
        iss={"essential": True, "value": trust.issuer},
        aud={"essential": True, "value": trust.audience},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        registry.validate(found.claims)
    except (JoseError, ValueError, TypeError):
        raise Refused("The token has expired, or is of another issuer or for another audience.") from None
    return found.claims


def _scopes(claims: Mapping[str, Any], trust: Trust) -> frozenset[Scope]:
    given = claims.get(trust.scope_claim, ())
    words = given.split() if isinstance(given, str) else [word for word in given if isinstance(word, str)] if isinstance(given, list) else []
    mine = {word.removeprefix(trust.scope_prefix) for word in words if word.startswith(trust.scope_prefix)}
    return frozenset(scope for scope in SCOPES if scope in mine)


def _keys_of(issuer: str) -> KeySet:
    """Raises Unavailable."""
    try:
        metadata = _document(get_well_known_url(issuer, external=True))
        address = urlsplit(str(metadata["jwks_uri"]))
        # The specification's own check against mix-up: the document must name the issuer that was asked.
        if metadata["issuer"] != issuer or (address.scheme != "https" and not is_loopback(address.hostname or "")):
            raise Unavailable("the issuer's description is of another issuer, or its keys are not behind https")
        return KeySet.import_key_set(_document(address.geturl()))
    except (requests.RequestException, JoseError, KeyError, TypeError, ValueError):
        raise Unavailable("the issuer's keys cannot be read") from None


def _document(address: str) -> Any:
    with requests.get(address, timeout=_TIMEOUT, allow_redirects=False, stream=True, headers={"Accept": "application/json"}) as reply:
        reply.raise_for_status()
        content = reply.raw.read(_MOST_BYTES + 1, decode_content=True)
    if len(content) > _MOST_BYTES:
        raise ValueError("too large")
    return json.loads(content)
