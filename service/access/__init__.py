"""Who may ask for what: API keys kept in the database, and bearer tokens of an OpenID Connect issuer."""

from __future__ import annotations

from service.access.model import SCOPES, Caller, Refused, Scope, Unavailable

__all__ = ["SCOPES", "Caller", "Refused", "Scope", "Unavailable"]
