"""Secrets that stay readable in the image."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from service.dockerfile.arguments import arguments, pairs, sources_and_destination
from service.dockerfile.model import Instruction
from service.passes.findings.model import Found
from service.refactoring.facts import Facts

_SECRET = frozenset({"APIKEY", "AUTH", "CREDENTIAL", "CREDENTIALS", "KEY", "PASSWORD", "PASSWD", "PWORD", "PASS", "SECRET", "TOKEN"})
_HARMLESS = frozenset(
    {
        "PUBLIC", "GPG", "PGP", "FINGERPRINT", "URL", "URI", "FILE", "PATH", "DIR", "NAME", "LENGTH", "SIZE", "TTL", "EXPIRY", "EXPIRE",
        "EXPIRES", "EXPIRATION", "TYPE", "HEADER", "ID", "IDS", "HASH", "SHA256", "LEVEL", "MODE", "ENABLED", "DISABLED", "ENABLE", "DISABLE",
        "METHOD", "PROVIDER", "VERSION", "RELEASE", "ALGORITHM", "HOST", "PORT", "USER", "COUNT", "LIMIT", "CACHE", "SERVER", "REALM",
    }
)
_NO_SECRETS = frozenset({"", "true", "false", "yes", "no", "on", "off", "none", "null", "0", "1"})
_FILES = frozenset({"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".netrc", ".pypirc", ".git-credentials", ".env", ".htpasswd"})
_ENDINGS = (".pfx", ".p12", ".jks", ".keystore", ".key")
_LOGIN = re.compile(r"://[^\s/:@\"'$]{1,64}:[^\s/@\"'${]{1,128}@")


def secrets(facts: Facts) -> Iterator[Found]:
    """A secret is written into the image.

    Why: ENV and ARG stay in the image's configuration and history, a copied file stays in its layer even if a later one deletes it, and
    whoever can pull the image can read them. A RUN gets at a secret through `--mount=type=secret`, which leaves nothing behind; the program
    gets it when the container starts.

    Not where: the name says that the value is no secret (`TOKEN_URL`, `PUBLIC_KEY`), or the value is empty, a switch or a path.

    Source: https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/
    """
    for index, item in enumerate(facts.dockerfile.instructions):
        because = _said(item)
        if because is not None:
            yield Found(index, because)


def _said(item: Instruction) -> str | None:
    if item.keyword == "ENV":
        name = next((name for name, value in pairs(item) if _secret(name, value)), None)
        return None if name is None else (
            f"{name} stays readable in the image: set it when the container starts, or where a RUN needs it use"
            f" `RUN --mount=type=secret,id={name.lower()},env={name} ...`"
        )
    if item.keyword == "ARG":
        name = next((name for name, value in arguments(item) if _secret(name, value if value is not None else "?")), None)
        return None if name is None else (
            f"the build argument {name} stays readable in the image's history: `RUN --mount=type=secret,id={name.lower()},env={name} ...` leaves"
            " nothing behind"
        )
    if item.keyword in ("COPY", "ADD") and item.flag("from") is None:
        source = next((source for source in sources_and_destination(item)[0] if _secret_file(source)), None)
        return None if source is None else (
            f"{source} stays readable in the image: mount it where it is needed, `RUN --mount=type=secret,id={posixpath.basename(source)} ...`"
        )
    if item.keyword == "RUN" and _LOGIN.search(item.rest):
        return "a password stands in an address, and so in the image's history: `RUN --mount=type=secret,id=login ...` keeps it out"
    return None


def _secret(name: str, value: str) -> bool:
    parts = set(name.upper().replace("-", "_").split("_"))
    plain = value.strip("\"'")
    return bool(parts & _SECRET) and not parts & _HARMLESS and plain.lower() not in _NO_SECRETS and not plain.startswith(("/", "./"))


def _secret_file(source: str) -> bool:
    name = posixpath.basename(source.strip("\"'"))
    return name in _FILES or name.endswith(_ENDINGS)
