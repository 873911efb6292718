"""multipart/form-data: what curl, browsers and libraries send."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from service.http import Settings, create_app
from service.http.multipart import Form, read_form
from service.http.problems import Problem
from service.http.requests import FORM_FIELDS
from tests.http.archives import GO

BOUNDARY = "------------------------d74496d66958873e"
NODE = 'FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\nCMD ["node", "dist/a.js"]\n'


def part(name: str | None, content: bytes | str, filename: str | None = None, **headers: str) -> bytes:
    said = (f'; name="{name}"' if name is not None else "") + (f'; filename="{filename}"' if filename is not None else "")
    more = "".join(f"\r\n{key.replace('_', '-')}: {value}" for key, value in headers.items())
    body = content.encode() if isinstance(content, str) else content
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data{said}{more}\r\n\r\n".encode() + body + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def read(*parts: bytes, path: str = "Dockerfile", **limits: int) -> Form:
    body = form(*parts)
    return read_form((body[start : start + 50] for start in range(0, len(body), 50)), BOUNDARY, FORM_FIELDS, path, Settings(**limits))


def post(client: FlaskClient, *parts: bytes, route: str = "/v1/refactor", **headers: str) -> TestResponse:
    return client.post(route, data=form(*parts), content_type=f"multipart/form-data; boundary={BOUNDARY}", headers=headers)


def problem(reply: TestResponse, status: int) -> dict[str, Any]:
    assert (reply.status_code, reply.content_type) == (status, "application/problem+json"), reply.text
    body: dict[str, Any] = reply.get_json()
    return body


DOCKERFILE = part("dockerfile", GO, "Dockerfile", Content_Type="application/octet-stream")


def test_a_form_means_what_json_means(client: FlaskClient) -> None:
    files = {"go.mod": "module x\n\ngo 1.22\n", "src/main.go": "package main\n"}
    document = {
        "dockerfile": GO,
        "context": {"files": files, "sizes": {path: len(text) for path, text in files.items()}},
        "options": {"runtime": "slim", "build_args": {"A": "b=c", "D": ""}, "skip": ["mount_caches", "sudo"]},
    }
    sent = [part(path, text, path.rsplit("/")[-1]) for path, text in files.items()]
    options = [part("runtime", "slim"), part("build_arg", "A=b=c"), part("build_arg", "D="), part("skip", "mount_caches,sudo")]
    wanted = client.post("/v1/refactor", json=document).headers["Restage-Result"]
    assert post(client, DOCKERFILE, *sent, *options).headers["Restage-Result"] == wanted
    queried = post(client, DOCKERFILE, *sent, route="/v1/refactor?runtime=slim&build_arg=A=b=c&build_arg=D=&skip=mount_caches,sudo")
    assert queried.headers["Restage-Result"] == wanted


def test_the_answer_is_the_dockerfile_unless_accept_says_otherwise(client: FlaskClient) -> None:
    assert post(client, DOCKERFILE).mimetype == "text/plain"
    assert post(client, DOCKERFILE, Accept="application/json").get_json()["outcome"] == "split"


def test_analysis_takes_forms(client: FlaskClient) -> None:
    reply = post(client, DOCKERFILE, part("big", b"x" * 9_000, "big.bin"), part("complete", "true"), part("target", "0"), route="/v1/analyze")
    layers = reply.get_json()["images"][0]["report"]["layers"]
    assert next(layer for layer in layers if layer["instruction"].startswith("COPY"))["bytes"] >= 9_000


def test_context_files_are_used(client: FlaskClient) -> None:
    lock = part("package-lock.json", '{"lockfileVersion": 3}', "package-lock.json")
    missing = post(client, part("dockerfile", NODE, "Dockerfile"), Accept="application/json").get_json()["missing_context"]
    manifest = part("package.json", "{}", "package.json")
    sent = post(client, part("dockerfile", NODE, "Dockerfile"), manifest, lock, Accept="application/json").get_json()["missing_context"]
    assert "package.json" in missing and "package.json" not in sent


@pytest.mark.parametrize(
    ("name", "filename", "path"),
    [
        # curl -F 'package.json=@package.json', -F 'src/a.js=@src/a.js', -F 'file=@x;filename=src/x', -F 'file=@go.mod'
        ("package.json", "package.json", "package.json"),
        ("src/a.js", "a.js", "src/a.js"),
        ("file", "src/x", "src/x"),
        ("file", "go.mod", "go.mod"),
        # requests' files={'package.json': open('/tmp/p1')}; new FormData().append('Makefile', new Blob([...]))
        ("package.json", "p1", "package.json"),
        ("Makefile", "blob", "Makefile"),
        ("Makefile", "Makefile", "Makefile"),
        # A folder chosen in a browser; frameworks that number their fields.
        ("files", "app/src/a.js", "app/src/a.js"),
        ("files[0].file", "go.mod", "go.mod"),
        ("./a/../b.txt", "b.txt", None),
        ("a//b.txt", "b.txt", "a/b.txt"),
    ],
)
def test_a_file_is_named_by_its_path(name: str, filename: str, path: str | None) -> None:
    if path is None:
        with pytest.raises(Problem):
            read(DOCKERFILE, part(name, "x", filename))
    else:
        assert dict(read(DOCKERFILE, part(name, "x", filename)).context.files) == {path: "x"}


@pytest.mark.parametrize("size", range(1, 120))
def test_content_is_the_same_however_it_arrives(size: int) -> None:
    body = form(DOCKERFILE, part("a.txt", "x\r\n--\r\n"), part("b.txt", "\r"), part("c.txt", ""))
    found = read_form((body[start : start + size] for start in range(0, len(body), size)), BOUNDARY, FORM_FIELDS, "Dockerfile", Settings())
    assert found.dockerfile == GO.encode()
    assert dict(found.context.files) == {"a.txt": "x\r\n--\r\n", "b.txt": "\r", "c.txt": ""}


def test_a_field_may_be_a_file() -> None:
    found = read(part("dockerfile", GO), part("package.json", "{}"), part("strict", "true"))
    assert (found.dockerfile.decode(), dict(found.context.files), found.fields) == (GO, {"package.json": "{}"}, {"strict": ["true"]})


def test_a_file_called_dockerfile_is_one() -> None:
    assert read(part("file", GO, "Dockerfile")).dockerfile == GO.encode()
    assert read(part("file", GO, "docker/api.Dockerfile"), path="docker/api.Dockerfile").filename == "docker/api.Dockerfile"


def test_the_diff_has_the_name_of_the_file(client: FlaskClient) -> None:
    sent = part("dockerfile", GO, "api.Dockerfile")
    assert post(client, sent, Accept="text/x-diff").text.startswith("--- a/api.Dockerfile\n")
    assert post(client, sent, part("filename", "b"), Accept="text/x-diff").text.startswith("--- a/b\n")
    assert post(client, part("dockerfile", GO, "../../x\ty"), Accept="text/x-diff").text.startswith("--- a/Dockerfile\n")


def test_large_files_and_other_than_text_are_named_only() -> None:
    found = read(DOCKERFILE, part("a", b"\0", "a.bin"), part("b", b"x" * 600, "b.txt"), part("c", b"\xff", "c.txt"), manifest_bytes=500).context
    assert dict(found.files) == {"a.bin": None, "b.txt": None, "c.txt": None}
    assert dict(found.sizes) == {"a.bin": 1, "b.txt": 600, "c.txt": 1}
    assert not found.complete


def test_what_is_ignored_is_not_there(client: FlaskClient) -> None:
    files = [part("file", "{}", "package.json"), part("file", "package.json\n", ".dockerignore"), part("complete", "true")]
    reply = post(client, part("dockerfile", "FROM alpine\nCOPY package.json /\n", "Dockerfile"), *files, Accept="application/json")
    seen = post(client, part("dockerfile", "FROM alpine\nCOPY package.json /\n", "Dockerfile"), *files[:1], files[2], Accept="application/json")
    assert reply.get_json()["report"]["before"]["layers"][-1]["bytes"] != seen.get_json()["report"]["before"]["layers"][-1]["bytes"]


def test_a_file_input_that_was_left_empty_is_nothing() -> None:
    assert dict(read(DOCKERFILE, part("file", b"", "")).context.files) == {}


@pytest.mark.parametrize(
    ("parts", "parameter"),
    [
        ([], "dockerfile"),
        ([part("x.txt", "x", "x.txt")], "dockerfile"),
        ([DOCKERFILE, DOCKERFILE], "dockerfile"),
        ([DOCKERFILE, part("nope", "1")], "nope"),
        ([DOCKERFILE, part("runtime", "floppy")], "runtime"),
        ([DOCKERFILE, part("build_arg", "A")], "build_arg"),
        ([DOCKERFILE, part("runtime", b"\xff")], "runtime"),
        ([DOCKERFILE, part("complete", "maybe")], "complete"),
        ([DOCKERFILE, part("file", "1", "a.txt"), part("file", "2", "a.txt")], "file"),
    ],
)
def test_what_is_wrong_is_named(client: FlaskClient, parts: list[bytes], parameter: str) -> None:
    assert parameter in [error.get("parameter") for error in problem(post(client, *parts), 422)["errors"]]


@pytest.mark.parametrize("filename", ["/etc/passwd", "a/../../b", "../x"])
def test_no_file_leads_out(client: FlaskClient, filename: str) -> None:
    found = problem(post(client, DOCKERFILE, part("file", "x", filename)), 422)
    assert found["errors"][0]["pointer"].startswith("/context/files/")


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'b' * 71}"])
def test_a_boundary_is_needed(client: FlaskClient, kind: str) -> None:
    problem(client.post("/v1/refactor", data=form(DOCKERFILE), content_type=kind), 400)


@pytest.mark.parametrize(
    "body",
    [
        b"\r\n",
        b"FROM alpine\n",
        form(DOCKERFILE)[:60],
        form(DOCKERFILE)[:-10],
        f"--{BOUNDARY}\r\nX: y\r\n\r\nz\r\n".encode(),
        f"--{BOUNDARY}x\r\nContent-Disposition: form-data\r\n\r\nz\r\n".encode(),
        form(part("dockerfile" + "; a=b" * 40, GO)),
        form(part("x" * 9_000, GO)),
    ],
)
def test_what_is_no_form_is_a_bad_request(client: FlaskClient, body: bytes) -> None:
    found = client.post("/v1/refactor", data=body, content_type=f"multipart/form-data; boundary={BOUNDARY}")
    assert problem(found, 400)["type"] == "urn:restage:problem:malformed-multipart"


def test_the_limits(small_client: FlaskClient) -> None:
    few = create_app(Settings(context_paths=3)).test_client()
    files = [part("file", "x", f"f{number}") for number in range(4)]
    assert post(few, DOCKERFILE, *files[:3]).status_code == 200
    assert problem(post(few, DOCKERFILE, *files), 413)["errors"][0]["pointer"] == "/context/files"
    assert problem(post(few, DOCKERFILE, *[part("only", "split_stages")] * 1_100), 413)
    assert problem(post(small_client, part("dockerfile", "#" * 401)), 413)["errors"][0]["pointer"] == "/dockerfile"
    assert problem(post(small_client, DOCKERFILE, part("f", "x" * 5_000, "f")), 413)


def test_a_header_without_end_is_refused() -> None:
    body = f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode() + b"a=b; " * 100_000
    with pytest.raises(Problem):
        read_form(iter([body[start : start + 65_536] for start in range(0, len(body), 65_536)]), BOUNDARY, FORM_FIELDS, "Dockerfile", Settings())


def test_a_large_file_takes_little_memory() -> None:
    head, tail = part("x", "", "large.bin")[:-2], form(DOCKERFILE)
    chunks = (head, *(bytes(60_000) for _ in range(200)), b"\r\n", tail)
    tracemalloc.start()
    found = read_form(iter(chunks), BOUNDARY, FORM_FIELDS, "Dockerfile", Settings())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.context.sizes["large.bin"] == 12_000_000
    assert peak < 4_000_000


WORDS = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["dockerfile", "runtime", "complete", "../x", "a/b", "file", "Dockerfile"]))


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    parts = [part(draw(WORDS), draw(st.binary(max_size=80)), draw(WORDS), **draw(st.sampled_from([{}, {"Content_Type": "text/plain; charset=x"}])))]
    parts += draw(st.lists(st.builds(part, WORDS, st.binary(max_size=60), WORDS), max_size=3))
    body = bytearray(form(*parts, *draw(st.sampled_from([[], [DOCKERFILE]]))))
    for place, value in draw(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), max_size=4)):
        if place < len(body):
            body[place] = value
    return bytes(body[: draw(st.sampled_from([len(body), len(body) // 2]))])


@settings(max_examples=400, deadline=None)
@given(bodies(), st.integers(1, 300))
def test_any_form_is_read_or_refused(body: bytes, size: int) -> None:
    stream = io.BytesIO(body)
    try:
        found = read_form(iter(lambda: stream.read(size), b""), BOUNDARY, FORM_FIELDS, "Dockerfile", Settings())
    except Problem as refused:
        assert refused.status in (400, 413, 422)
        return
    assert all(path and not path.startswith("/") and ".." not in path.split("/") for path in found.context.files)
