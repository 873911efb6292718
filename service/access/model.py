"""What a credential says of its bearer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Scope = Literal["refactor", "jobs", "metrics", "admin"]

# What each scope opens, for people. `admin` opens everything, what later versions add too.
SCOPES: Mapping[Scope, str] = {
    "refactor": "refactor, analyze, batches, and the catalogue",
    "jobs": "jobs, and what `refactor` opens",
    "metrics": "the metrics, and nothing else",
    "admin": "everything",
}
_IMPLIED: Mapping[Scope, frozenset[Scope]] = {"refactor": frozenset({"jobs", "admin"}), "jobs": frozenset({"admin"}), "metrics": frozenset({"admin"})}


class Refused(Exception):
    """The credential is none: unknown, expired, revoked, or for somebody else. The message is for the caller and quotes nothing of it."""


class Unavailable(Exception):
    """Whoever could tell does not answer: the database, or the issuer."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`id` names a key or a token's subject without showing it, and may be logged."""

    id: str
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or bool(self.scopes & _IMPLIED.get(scope, frozenset()))
