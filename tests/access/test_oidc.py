"""Bearer tokens, against an issuer that runs here."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from service.access import Refused, Unavailable, oidc
from service.access.oidc import TokenVerifier, Trust

ONE = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
TWO = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})


@dataclass
class Issuer:
    """What it says, and how often it was asked for its keys."""

    url: str = ""
    names_itself: str = ""
    keys: list[Any] = field(default_factory=lambda: [ONE])
    asked: int = 0
    broken: bool = False


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    state = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if state.broken:
                self.send_error(500)
                return
            if self.path.endswith("/.well-known/openid-configuration"):
                body: Any = {"issuer": state.names_itself, "jwks_uri": state.url + "/keys"}
            else:
                state.asked += 1
                body = {"keys": [key.as_dict(private=False) for key in state.keys]}
            content = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = state.names_itself = f"http://127.0.0.1:{server.server_port}/realm"
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def verifier(issuer: Issuer) -> TokenVerifier:
    return TokenVerifier(Trust(issuer.url, "restage", "scope", "restage:", ("RS256", "ES256")))


def token(issuer: Issuer, key: Any = ONE, header: dict[str, Any] | None = None, **claims: Any) -> str:
    now = int(time.time())
    said = {"iss": issuer.url, "aud": "restage", "sub": "alice@example.org", "exp": now + 60, "scope": "openid restage:jobs", **claims}
    return jwt.encode(
        header or {"alg": "RS256" if key.key_type == "RSA" else "ES256", "kid": key.kid},
        {name: value for name, value in said.items() if value is not None},
        key,
        algorithms=["RS256", "RS512", "ES256", "HS256"],
    )


def test_a_good_token(issuer: Issuer, verifier: TokenVerifier) -> None:
    caller = verifier.caller(token(issuer))
    assert caller.scopes == frozenset({"jobs"})
    assert caller.id.startswith("oidc:") and "alice" not in caller.id
    assert verifier.caller(token(issuer, aud=["other", "restage"], scope=["restage:refactor", "metrics", 5])).scopes == frozenset({"refactor"})
    assert verifier.caller(token(issuer, scope=None)).scopes == frozenset()
    assert issuer.asked == 1


def confused(body: str) -> str:
    """Signed with HMAC and the issuer's public key, which everybody has."""
    signed = b'{"alg":"HS256","kid":"one"}'
    head = base64.urlsafe_b64encode(signed).rstrip(b"=").decode()
    mac = hmac.digest(ONE.as_pem(private=False), f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 3_600},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": int(time.time()) + 3_600},
        {"aud": "other"},
        {"aud": None},
        {"aud": ["other"]},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_is_late_or_for_others(issuer: Issuer, verifier: TokenVerifier, claims: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        verifier.caller(token(issuer, **claims))
    assert "alice" not in str(caught.value) and "elsewhere" not in str(caught.value)


def test_forged_tokens(issuer: Issuer, verifier: TokenVerifier) -> None:
    forged = RSAKey.generate_key(2048, {"kid": "one"})
    good = token(issuer)
    head, body, signature = good.split(".")
    unsigned = "eyJhbGciOiJub25lIn0." + body + "."
    for text in (
        token(issuer, forged),
        # The issuer's public key as if it were a shared secret: which algorithms there are says our list, not the token.
        confused(body),
        # An algorithm that is not on the list, though the key could do it.
        token(issuer, ONE, {"alg": "RS512", "kid": "one"}),
        unsigned,
        f"{head}.{body}.{signature[:-4]}AAAA",
        good + ".",
        "a.b.c",
        "",
        "é.é.é",
        "." * 10_000,
    ):
        with pytest.raises(Refused):
            verifier.caller(text)


def test_a_new_key_of_the_issuer_is_fetched_and_a_made_up_one_not_each_time(
    issuer: Issuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 1_000.0
    monkeypatch.setattr("service.access.oidc.time.monotonic", lambda: clock)
    verifier.caller(token(issuer))
    issuer.keys = [ONE, TWO]
    clock += oidc.AGAIN_SECONDS + 1
    assert verifier.caller(token(issuer, TWO)).scopes == frozenset({"jobs"})
    assert issuer.asked == 2
    unknown = RSAKey.generate_key(2048, {"kid": "three"})
    for _ in range(20):
        with pytest.raises(Refused):
            verifier.caller(token(issuer, unknown))
    assert issuer.asked == 2


def test_the_keys_are_asked_for_again_and_outlive_an_issuer_that_is_down(
    issuer: Issuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 1_000.0
    monkeypatch.setattr("service.access.oidc.time.monotonic", lambda: clock)
    verifier.caller(token(issuer))
    clock += oidc.KEYS_SECONDS + 1
    verifier.caller(token(issuer))
    assert issuer.asked == 2
    issuer.broken = True
    clock += oidc.KEYS_SECONDS + 1
    assert verifier.caller(token(issuer)).scopes == frozenset({"jobs"})


def test_an_issuer_that_never_answered(issuer: Issuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1_000.0
    monkeypatch.setattr("service.access.oidc.time.monotonic", lambda: clock)
    issuer.broken = True
    with pytest.raises(Unavailable):
        verifier.caller(token(issuer))
    issuer.broken = False
    clock += oidc.FIRST_SECONDS + 1
    assert verifier.caller(token(issuer)).scopes == frozenset({"jobs"})


@pytest.mark.parametrize("name", ["https://elsewhere.example", ""])
def test_a_description_of_another_issuer_is_not_believed(issuer: Issuer, verifier: TokenVerifier, name: str) -> None:
    issuer.names_itself = name
    with pytest.raises(Unavailable):
        verifier.caller(token(issuer))


def test_keys_that_are_not_behind_https_are_not_fetched(issuer: Issuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def document(address: str) -> Any:
        asked.append(address)
        return {"issuer": issuer.url, "jwks_uri": "http://elsewhere.example/keys"}

    monkeypatch.setattr(oidc, "_document", document)
    with pytest.raises(Unavailable):
        verifier.caller(token(issuer))
    assert len(asked) == 1


def test_a_token_without_a_keys_name_is_checked_with_the_only_one(issuer: Issuer, verifier: TokenVerifier) -> None:
    assert verifier.caller(token(issuer, ONE, {"alg": "RS256"})).scopes == frozenset({"jobs"})
