"""The distribution API (opencontainers/distribution-spec): manifests by tag or digest, with the token that a registry asks for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from service.registry.names import Place
from service.registry.transport import Request, Response, Transport, Unreachable

_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_MOVED = (301, 302, 303, 307, 308)
_HOPS = 3
_TOKEN_BYTES = 64 << 10
_JSON_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Budget:
    """`left` says how many seconds an image still has, `spend` is called before whatever a registry may count and raises Unreachable where
    nothing is left, `quiet` is told for how many seconds the registry wants to be left alone."""

    left: Callable[[], float]
    spend: Callable[[], None]
    quiet: Callable[[float], None]


class Client:
    """Requests for one image."""

    def __init__(self, transport: Transport, place: Place, budget: Budget) -> None:
        self._transport, self._place, self._budget = transport, place, budget
        self._token = ""

    def head(self) -> str:
        """The digest that the name stands for; empty where the registry does not say it."""
        answer = self._asked("HEAD", self._place.url("manifests", self._place.name), _MANIFESTS)
        return answer.headers.get("docker-content-digest", "") if answer.status == 200 else ""

    def manifest(self, name: str) -> Mapping[str, Any]:
        return self._json(self._place.url("manifests", name), _MANIFESTS)

    def config(self, digest: str) -> Mapping[str, Any]:
        return self._json(self._place.url("blobs", digest), "*/*")

    def _json(self, url: str, accept: str) -> Mapping[str, Any]:
        self._budget.spend()
        answer = self._asked("GET", url, accept)
        if answer.status != 200:
            raise Unreachable(f"status {answer.status}")
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError):
            raise Unreachable("not JSON") from None
        if not isinstance(document, dict):
            raise Unreachable("not an object")
        return document

    def _asked(self, method: str, url: str, accept: str) -> Response:
        answer = self._followed(method, url, accept)
        if answer.status == 401 and not self._token:
            self._token = self._fetched_token(answer.headers.get("www-authenticate", ""))
            answer = self._followed(method, url, accept)
        limit = limited(answer)
        if limit is not None:
            self._budget.quiet(limit)
        return answer

    def _followed(self, method: str, url: str, accept: str) -> Response:
        """Redirects lead to https only, and take the token along only on the same host; the transport refuses private addresses."""
        for _ in range(_HOPS):
            own = _parts(url).netloc == self._place.host
            headers = {"Accept": accept, "User-Agent": "restage"} | ({"Authorization": f"Bearer {self._token}"} if self._token and own else {})
            answer = self._send(Request(method, url, headers, self._budget.left(), _JSON_BYTES))
            if answer.status not in _MOVED:
                return answer
            url = _absolute(answer.headers.get("location", ""), url)
        raise Unreachable("too many redirects")

    def _fetched_token(self, challenge: str) -> str:
        values = challenge_of(challenge)
        realm = _parts(values.get("realm", ""))
        if realm.scheme != "https" or realm.username is not None or not related(realm.netloc, self._place.host):
            raise Unreachable("the registry sends elsewhere for a token")
        service = quote(values.get("service", ""), safe="")
        url = f"https://{realm.netloc}{realm.path}?service={service}&scope={quote(f'repository:{self._place.repository}:pull', safe='')}"
        answer = self._send(Request("GET", url, {"Accept": "application/json"}, self._budget.left(), _TOKEN_BYTES))
        try:
            document = json.loads(answer.body) if answer.status == 200 else {}
        except (ValueError, RecursionError):
            document = {}
        token = (document.get("token") or document.get("access_token")) if isinstance(document, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise Unreachable("no token")
        return token

    def _send(self, request: Request) -> Response:
        if request.seconds <= 0:
            raise Unreachable("no time left")
        return self._transport(request)


def _absolute(location: str, url: str) -> str:
    parts, own = _parts(location), _parts(url)
    if not parts.scheme and location.startswith("/") and not location.startswith("//"):
        return f"https://{own.netloc}{location}"
    if parts.scheme != "https" or not parts.hostname:
        raise Unreachable("a redirect that is not https")
    return location


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise Unreachable("no address") from None


def related(realm: str, host: str) -> bool:
    """Whether a token may come from there: the registry's own host, or one under the same name of two labels (auth.docker.io)."""
    return realm == host or (realm.count(".") >= 1 and realm.split(".")[-2:] == host.split(".")[-2:])


def challenge_of(text: str) -> Mapping[str, str]:
    """`Bearer realm="https://...",service="..."` as its values; empty for another scheme."""
    scheme, _, rest = text.partition(" ")
    values: dict[str, str] = {}
    while scheme.lower() == "bearer" and rest and len(values) < 8:
        name, equals, rest = rest.partition("=")
        if not equals:
            break
        value, _, rest = rest[1:].partition('"') if rest.startswith('"') else rest.partition(",")
        values[name.strip(" ,").lower()] = value
    return values


def limited(answer: Response) -> float | None:
    """For how many seconds a registry wants to be left alone: after a 429, or where nothing remains of the window (`0;w=21600`)."""
    remaining, _, window = answer.headers.get("ratelimit-remaining", "").partition(";w=")
    if answer.status == 429:
        return _seconds(answer.headers.get("retry-after", "")) or _seconds(window) or 3_600.0
    return (_seconds(window) or 21_600.0) if remaining.strip() == "0" else None


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
