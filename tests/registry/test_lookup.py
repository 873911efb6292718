"""The live look-up against a registry on this machine: real HTTP, only the host's name is another one."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from service.knowledge.catalogue import catalogue
from service.knowledge.sizes import image_size
from service.registry import Registry, Settings, sizes_of
from service.registry.client import limited
from service.registry.transport import Request, Response, Unreachable

SETTINGS = Settings(enabled=True, hosts=frozenset({"registry-1.docker.io", "registry.test"}))
HUB = "registry-1.docker.io"


def digest(letter: str) -> str:
    return "sha256:" + letter * 64


LAYERS = [
    {"digest": digest("1"), "size": 30_000_000, "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"},
    {"digest": digest("2"), "size": 12_000_000},
]
MANIFEST = {"schemaVersion": 2, "config": {"digest": digest("c")}, "layers": LAYERS}
INDEX = {
    "manifests": [
        {"digest": digest("9"), "platform": {"os": "unknown", "architecture": "unknown"}},
        {"digest": digest("8"), "platform": {"os": "linux", "architecture": "arm64"}},
        {"digest": digest("b"), "platform": {"os": "linux", "architecture": "amd64"}},
    ]
}
CONFIG = {
    "created": "2026-10-01T00:00:00Z",
    "history": [
        {"created_by": "# debian.sh --arch 'amd64' out/ 'trixie' '@1'"},
        {"created_by": "ENV A=1", "empty_layer": True},
        {"created_by": "RUN apt-get update && apt-get install -y x # buildkit"},
    ],
}


class Mock:
    """What the registry serves, what it was asked, and how it behaves."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {
            "/v2/team/app/manifests/1": INDEX,
            f"/v2/team/app/manifests/{digest('a')}": INDEX,
            f"/v2/team/app/manifests/{digest('b')}": MANIFEST,
            f"/v2/team/app/blobs/{digest('c')}": CONFIG,
        }
        self.digests = {"/v2/team/app/manifests/1": digest("a")}
        self.headers: dict[str, str] = {}
        self.realm = "https://auth.registry.test/token"
        self.moved: dict[str, str] = {}
        self.status = 200
        self.asked: list[str] = []
        self.now = 1_000.0


@pytest.fixture
def mock() -> Mock:
    return Mock()


@pytest.fixture
def registry(mock: Mock) -> Iterator[Registry]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            path = self.path.partition("?")[0]
            mock.asked.append(f"{self.command} {path}")
            if path == "/token":
                return self.send(200, {"token": "secret"})
            if mock.status != 200:
                return self.send(mock.status, {})
            if self.headers.get("Authorization") != "Bearer secret":
                return self.send(401, {}, {"WWW-Authenticate": f'Bearer realm="{mock.realm}",service="s",scope="x"'})
            if path in mock.moved:
                return self.send(307, {}, {"Location": mock.moved[path]})
            document = mock.documents.get(path)
            found = {"Docker-Content-Digest": mock.digests[path]} if path in mock.digests else {}
            self.send(404 if document is None else 200, document, {**found, **mock.headers})

        def send(self, status: int, document: Any, headers: dict[str, str] | None = None) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def transport(request: Request) -> Response:
        host, _, path = request.url.removeprefix("https://").partition("/")
        if not host.endswith((".test", "docker.io")):
            raise Unreachable("not a public address")
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=2)
        try:
            connection.request(request.method, f"/{path}", headers=dict(request.headers))
            answer = connection.getresponse()
            return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    yield Registry(SETTINGS, transport, lambda: mock.now)
    server.shutdown()
    server.server_close()


def test_from_the_token_to_the_layers(registry: Registry, mock: Mock) -> None:
    found = registry.look_up("registry.test/team/app:1")
    assert found is not None
    assert (found.basis, found.n_layers, found.date, found.suite) == ("registry", 2, "2026-10-01", "trixie")
    assert found.compressed == (42_000_000,) * 3
    assert found.layers == ((digest("1"), 30_000_000), (digest("2"), 12_000_000))
    assert found.unpacked[0] < 42_000_000 * 2.6 < found.unpacked[2]
    assert mock.asked[:3] == ["HEAD /v2/team/app/manifests/1", "GET /token", "HEAD /v2/team/app/manifests/1"]


def test_what_was_asked_is_remembered_for_a_day(registry: Registry, mock: Mock) -> None:
    first = registry.look_up("registry.test/team/app:1")
    count = len(mock.asked)
    assert registry.look_up("registry.test/team/app:1") == first and len(mock.asked) == count
    mock.now += 90_000
    assert registry.look_up("registry.test/team/app:1") == first
    assert [line for line in mock.asked[count:] if line.startswith("GET /v2")] == []


def test_a_digest_that_the_catalogue_has_costs_one_head(registry: Registry, mock: Mock) -> None:
    row = catalogue().by_ref["node:24-slim"].row
    mock.digests["/v2/library/node/manifests/24-slim"] = row["index_digest"]
    mock.documents["/v2/library/node/manifests/24-slim"] = {}
    mock.realm = "https://auth.docker.io/token"
    found = registry.look_up("node:24-slim")
    assert found is not None
    assert found.compressed[1] == row["compressed_bytes"] and "the registry has this digest" in found.note
    assert not [line for line in mock.asked if line.startswith("GET /v2")]


def test_a_build_that_the_catalogue_has_needs_no_manifest(registry: Registry, mock: Mock) -> None:
    row = catalogue().by_ref["node:24-slim"].row
    mock.documents["/v2/team/app/manifests/1"] = {
        "manifests": [{"digest": row["digest"], "platform": {"os": "linux", "architecture": "amd64"}}]
    }
    mock.documents[f"/v2/team/app/manifests/{digest('a')}"] = mock.documents["/v2/team/app/manifests/1"]
    found = registry.look_up("registry.test/team/app:1")
    assert found is not None and found.compressed[1] == row["compressed_bytes"]
    assert len([line for line in mock.asked if line.startswith("GET /v2")]) == 1


def test_without_its_history_an_image_is_only_less_well_known(registry: Registry, mock: Mock) -> None:
    del mock.documents[f"/v2/team/app/blobs/{digest('c')}"]
    found = registry.look_up("registry.test/team/app:1")
    assert found is not None and found.compressed[1] == 42_000_000 and found.date == ""


@pytest.mark.parametrize("created", ["\u00b3\u00b3\u00b3\u00b3-01-01", "soon", 5, None, ["x"], "9" * 5_000])
def test_a_creation_date_of_any_shape_is_survived(registry: Registry, mock: Mock, created: Any) -> None:
    mock.documents[f"/v2/team/app/blobs/{digest('c')}"] = {"created": created, "history": [3, {"created_by": 4}, {"created_by": "x"}]}
    found = registry.look_up("registry.test/team/app:1")
    assert found is not None and found.compressed[1] == 42_000_000


def test_blobs_may_lie_elsewhere_but_not_at_private_addresses(registry: Registry, mock: Mock) -> None:
    blob = f"/v2/team/app/blobs/{digest('c')}"
    mock.documents["/elsewhere"] = CONFIG
    mock.moved[blob] = "https://cdn.test/elsewhere"
    assert registry.look_up("registry.test/team/app:1") is not None
    assert "GET /elsewhere" in mock.asked


@pytest.mark.parametrize("location", ["http://cdn.test/x", "https://127.0.0.1/x", "https://[::1/x", "//cdn.test/x", "file:///etc/passwd", ""])
def test_a_redirect_of_a_manifest_to_such_places_is_no_answer(registry: Registry, mock: Mock, location: str) -> None:
    mock.moved[f"/v2/team/app/manifests/{digest('a')}"] = location
    assert registry.look_up("registry.test/team/app:1") is None


@pytest.mark.parametrize(
    "realm",
    ["http://auth.registry.test/token", "https://evil.example/token", "https://auth.registry.test@evil.example/token", "https://test/token", "", "https://[x/"],
)
def test_tokens_are_asked_only_of_the_registry_s_own_kind(registry: Registry, mock: Mock, realm: str) -> None:
    mock.realm = realm
    assert registry.look_up("registry.test/team/app:1") is None
    assert "GET /token" not in mock.asked


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, {}, None),
        (200, {"ratelimit-remaining": "76;w=21600"}, None),
        (200, {"ratelimit-remaining": "0;w=60"}, 60.0),
        (200, {"ratelimit-remaining": "0"}, 21_600.0),
        (429, {"retry-after": "30"}, 30.0),
        (429, {"retry-after": "\u00b3"}, 3_600.0),
        (429, {"retry-after": "9" * 40}, 3_600.0),
    ],
)
def test_how_long_a_registry_is_left_alone(status: int, headers: dict[str, str], expected: float | None) -> None:
    assert limited(Response(status, headers)) == expected


def test_a_registry_that_wants_no_more_is_left_alone_for_its_window(registry: Registry, mock: Mock) -> None:
    mock.status, mock.headers = 429, {}
    assert registry.look_up("registry.test/team/app:1") is None
    count = len(mock.asked)
    assert registry.look_up("registry.test/team/app:2") is None and len(mock.asked) == count
    mock.now, mock.status = mock.now + 3_601, 200
    assert registry.look_up("registry.test/team/app:1") is not None


def test_nothing_remaining_stops_before_it_counts(registry: Registry, mock: Mock) -> None:
    mock.headers = {"RateLimit-Remaining": "0;w=21600", "Retry-After": "\u00b3"}
    assert registry.look_up("registry.test/team/app:1") is None
    assert not [line for line in mock.asked if line.startswith("GET /v2")]


@pytest.mark.parametrize("document", [None, [], {"layers": "x"}, {"layers": [{"size": -1, "digest": "d"}]}, {"manifests": [3, {"platform": 1}]}, "x"])
def test_documents_of_another_shape_are_no_answer(registry: Registry, mock: Mock, document: Any) -> None:
    mock.documents[f"/v2/team/app/manifests/{digest('a')}"] = document
    assert registry.look_up("registry.test/team/app:1") is None


@pytest.mark.parametrize(
    "reference", ["other.test/a:1", "scratch", "$BASE", "registry.test/a/../b:1", "registry.test/a@sha256:1", "registry.test/a b:1", "", "a/", ":1"]
)
def test_what_is_not_asked(registry: Registry, mock: Mock, reference: str) -> None:
    assert registry.look_up(reference) is None
    assert mock.asked == []


def test_time_and_requests_are_bounded(mock: Mock) -> None:
    calls: list[Request] = []

    def slow(request: Request) -> Response:
        calls.append(request)
        mock.now += 2
        return Response(200, {}, json.dumps(INDEX if len(calls) < 9 else {}).encode())

    slow_one = Registry(SETTINGS, slow, lambda: mock.now)
    assert slow_one.look_up("registry.test/a:1") is None
    assert len(calls) == 2 and calls[0].seconds == 3.0 and calls[1].seconds == 1.0
    spent = Registry(Settings(True, SETTINGS.hosts, requests=1), slow, lambda: 0.0)
    calls.clear()
    assert spent.look_up("registry.test/a:1") is None
    assert [call.method for call in calls] == ["HEAD", "GET"]


def test_the_catalogue_answers_where_the_registry_does_not(mock: Mock) -> None:
    def silent(_: Request) -> Response:
        mock.asked.append("x")
        raise Unreachable("no")

    sized = sizes_of(SETTINGS, Registry(SETTINGS, silent, lambda: 0.0))
    found = sized("python:3.12-slim")
    assert found.unpacked == image_size("python:3.12-slim").unpacked and found.note.endswith("the registry did not answer")
    assert sized("python:3.12-slim") is found
    assert sized("scratch") == image_size("scratch")
    for number in range(20):
        sized(f"registry.test/a:{number}")
    assert len(mock.asked) <= SETTINGS.images
    assert sizes_of(Settings()) is image_size


def test_settings_come_from_the_environment() -> None:
    found = Settings.from_environment({"RESTAGE_REGISTRY": "1", "RESTAGE_REGISTRY_HOSTS": "r.example.com:5000", "RESTAGE_REGISTRY_SECONDS": "2"})
    assert found.enabled and found.seconds == 2.0 and {"r.example.com:5000", HUB} <= found.hosts
    assert not Settings.from_environment({}).enabled
    for wrong in ({"RESTAGE_REGISTRY_SECONDS": "-1"}, {"RESTAGE_REGISTRY_REQUESTS": "x"}, {"RESTAGE_REGISTRY_HOSTS": "a/b"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Settings.from_environment(wrong)
