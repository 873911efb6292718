"""Who may call which route. A route needs a scope, by its rule; who lacks it gets a 401 or 403 that says what is missing (RFC 6750)."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Request, g, request

from service.access.keys import PREFIX
from service.access.model import Caller, Refused, Scope, Unavailable
from service.http.problems import Problem
from service.http.settings import Settings, is_loopback

if TYPE_CHECKING:
    from service.access.oidc import TokenVerifier
    from service.access.verify import KeyVerifier

# What a route needs, by the longest prefix of its rule; None: nothing, so that people can read how to ask, and balancers how we are.
NEEDS: Mapping[str, Scope | None] = {
    "/": "refactor",
    "/v1/jobs": "jobs",
    "/metrics": "metrics",
    "/docs": None,
    "/openapi.yaml": None,
    "/healthz": None,
    "/readyz": None,
    # It carries a signature of its own.
    "/github/webhook": None,
}
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")
_BEARER = 'Bearer realm="restage"'


class NotProtected(RuntimeError):
    """The service would answer others than this machine, and nobody said that it may. The message is one line for people."""


@dataclass(frozen=True)
class Access:
    """How this process checks its callers. `required`: a request needs a credential; `protected`: there are some."""

    settings: Settings = field(default_factory=Settings)
    required: bool = False
    protected: bool = False

    # Their libraries are loaded when the first credential comes, not when the service starts.
    @cached_property
    def keys(self) -> KeyVerifier:
        from service.access.verify import KeyVerifier

        return KeyVerifier(self.settings.database)

    @cached_property
    def tokens(self) -> TokenVerifier:
        from service.access.oidc import TokenVerifier, Trust

        asked = self.settings
        trust = Trust(asked.oidc_issuer, asked.oidc_audience, asked.oidc_scope_claim, asked.oidc_scope_prefix, asked.oidc_algorithms)
        return TokenVerifier(trust)


def access_for(settings: Settings) -> Access:
    """On where keys or an issuer are configured, and beyond this machine unless RESTAGE_OPEN=1: revoking the last key opens nothing."""
    protected = bool(settings.oidc_issuer) or _has_keys(settings)
    return Access(settings, protected or not (settings.open or is_loopback(settings.host)), protected)


def check_exposure(access: Access, hosts: list[str]) -> None:
    """Raises NotProtected for an address beyond this machine without credentials that anyone could have."""
    wide = [host for host in hosts if not is_loopback(host)]
    if wide and not access.protected and not access.settings.open:
        raise NotProtected(
            f"HOST={wide[0]} is reachable from other machines and no credentials are configured: add a key (restage keys add), "
            "set RESTAGE_OIDC_ISSUER, or RESTAGE_OPEN=1 to answer anyone"
        )


def _has_keys(settings: Settings) -> bool:
    # The default file is looked for without the database's library, which takes longer to load than the service to start.
    if not settings.database_url and not Path(settings.state, "restage.db").exists():
        return False
    from service.access import store

    try:
        return store.any_usable(settings.database, time.time())
    except Unavailable:
        # There may be keys: whoever asks is checked, and told to come back until the database answers.
        return True


def install(app: Flask, access: Access) -> None:
    app.config["RESTAGE_ACCESS"] = access
    if access.required:
        app.before_request(lambda: identify(access))


def install_checks(app: Flask, access: Access) -> None:
    """After the rate limits, so that wrong credentials count too."""
    if access.required:
        app.before_request(authorise)


def identify(access: Access) -> None:
    """Sets `g.caller`, or `g.refusal` where the credential is none."""
    kind, _, credential = request.headers.get("Authorization", "").partition(" ")
    try:
        if kind.lower() == "bearer" and credential:
            g.caller = _caller(access, credential.strip())
    except Refused as refusal:
        g.refusal = str(refusal)
    except Unavailable:
        g.unavailable = True


def _caller(access: Access, credential: str) -> Caller:
    if credential.startswith(PREFIX):
        return access.keys.caller(credential)
    if access.settings.oidc_issuer:
        return access.tokens.caller(credential)
    raise Refused("The credential is no key of this service.")


def authorise() -> None:
    """Raises a `Problem`: 401, 403, or 503 where nobody can tell."""
    rule = request.url_rule
    # Routing's own errors come first; a preflight carries no credentials (Fetch standard).
    if rule is None or request.method == "OPTIONS":
        return
    scope = needed(rule.rule)
    caller: Caller | None = g.get("caller")
    if scope is None or (caller and caller.may(scope)) or (scope == "metrics" and from_this_machine(request)):
        return
    if g.get("unavailable"):
        raise Problem(503, "access-unavailable", "Credentials cannot be checked now", "Try again in a moment.", headers={"Retry-After": "5"})
    if caller:
        challenge = {"WWW-Authenticate": f'{_BEARER}, error="insufficient_scope", scope="{scope}"'}
        raise Problem(403, "forbidden", "The credential does not allow this", f"It does not have the scope `{scope}`.", headers=challenge)
    refusal: str = g.get("refusal", "")
    challenge = {"WWW-Authenticate": f'{_BEARER}, error="invalid_token"' if refusal else _BEARER}
    detail = refusal or "Send `Authorization: Bearer` and an API key or a token."
    raise Problem(401, "unauthorized", "Credentials are needed", detail, headers=challenge)


def needed(rule: str) -> Scope | None:
    """The scope by the longest prefix that ends where a part of the rule's path does."""
    prefix = max((one for one in NEEDS if rule == one or rule.startswith(one.rstrip("/") + "/")), key=len)
    return NEEDS[prefix]


def from_this_machine(asked: Request) -> bool:
    """A peer on this machine that speaks for itself: what a proxy passes on comes from elsewhere."""
    forwarded = any(name in asked.headers for name in _FORWARDED)
    return not forwarded and bool(asked.remote_addr) and is_loopback(str(asked.remote_addr))


def account(asked: Request) -> str:
    """Whom a request counts for: the credential's bearer, else the address. An IPv6 customer has a /64, so an address there is no limit."""
    caller: Caller | None = g.get("caller")
    if caller:
        return f"key:{caller.id}"
    try:
        address = ipaddress.ip_address(asked.remote_addr or "")
    except ValueError:
        return "address:unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return f"address:{mapped or ipaddress.ip_network((address, 64), strict=False).network_address}"
    return f"address:{address}"
