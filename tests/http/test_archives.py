"""A build context as a tar archive."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import tarfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from service.cli.folder import read_folder
from service.http import Settings
from service.http.archive import read_archive
from service.http.inflate import inflated
from service.http.problems import Problem
from service.http.tar import ArchiveError
from tests.http.archives import GO, member, packed, tar

DOCKERFILE = {"Dockerfile": GO.encode()}
STYLES = [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT]


def chunks(body: bytes, size: int = 4096) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


def context(body: bytes, dockerfile: str = "Dockerfile", **limits: int) -> Any:
    return read_archive(chunks(body), dockerfile, Settings(**limits))[1]


def problem(body: bytes, dockerfile: str = "Dockerfile", **limits: int) -> Problem:
    with pytest.raises(Problem) as found:
        read_archive(chunks(body), dockerfile, Settings(**limits))
    return found.value


def post(client: FlaskClient, body: bytes, kind: str | None = "application/x-tar", query: str = "", **headers: str) -> TestResponse:
    return client.post(f"/v1/refactor{query}", data=body, content_type=kind, headers={name.replace("_", "-"): text for name, text in headers.items()})


@pytest.mark.parametrize(
    "kind",
    ["application/x-tar", "application/gzip", "application/x-gzip", "application/tar+gzip", "application/x-www-form-urlencoded", None],
)
@pytest.mark.parametrize("body", [tar(DOCKERFILE), packed(DOCKERFILE)], ids=["tar", "gzip"])
def test_an_archive_is_known_by_its_bytes(client: FlaskClient, kind: str | None, body: bytes) -> None:
    reply = post(client, body, kind)
    assert (reply.status_code, reply.mimetype) == (200, "text/plain")
    assert reply.text.startswith("FROM golang:1.22")


def test_an_archive_means_what_the_same_context_in_json_means(client: FlaskClient) -> None:
    files = {"Dockerfile": GO, "go.mod": "module x\n\ngo 1.22\n", "main.go": "package main\n"}
    sizes = {path: len(text) for path, text in files.items()}
    document = {"dockerfile": GO, "context": {"files": files, "complete": True, "sizes": sizes}}
    one = client.post("/v1/refactor", json=document).headers["Restage-Result"]
    two = post(client, packed({f"./{path}": text.encode() for path, text in files.items()})).headers["Restage-Result"]
    assert one == two


def test_analysis_takes_archives(client: FlaskClient) -> None:
    reply = client.post("/v1/analyze", data=tar({**DOCKERFILE, "big": b"x" * 5_000}), content_type="application/x-tar")
    layers = reply.get_json()["images"][0]["report"]["layers"]
    assert next(layer for layer in layers if layer["instruction"].startswith("COPY"))["bytes"] >= 5_000


@pytest.mark.parametrize("style", STYLES)
def test_names_of_every_format(style: int) -> None:
    long = "/".join(["folder" * 6] * 3) + "/" + "n" * 90
    found = context(tar({**DOCKERFILE, "./a/./b.txt": b"b", "/etc/x": b"x", "c/../d": b"d", long: b"long"}, style))
    assert dict(found.files) == {"Dockerfile": GO, "a/b.txt": "b", "etc/x": "x", "d": "d", long: "long"}
    assert found.complete
    assert found.sizes[long] == 4


@pytest.mark.parametrize("style", STYLES[:2])
def test_names_beyond_ustar(style: int) -> None:
    name = "é" * 200
    assert context(tar({**DOCKERFILE, name: b"1"}, style)).files[name] == "1"


@pytest.mark.parametrize("name", ["../x", "a/../../x", "..", "/../x", "./.."])
def test_no_name_leads_out(client: FlaskClient, name: str) -> None:
    reply = post(client, tar({**DOCKERFILE, name: b"x"}))
    assert reply.status_code == 422
    assert reply.get_json()["type"] == "urn:restage:problem:invalid-archive"
    assert ".." in reply.get_json()["detail"]


def test_links_are_paths_and_devices_are_nothing() -> None:
    body = tar(
        {
            **DOCKERFILE,
            "passwd": member(tarfile.SYMTYPE, "/etc/passwd"),
            "hard": member(tarfile.LNKTYPE, "Dockerfile"),
            "folder": member(tarfile.DIRTYPE),
            "pipe": member(tarfile.FIFOTYPE),
            "sda": member(tarfile.BLKTYPE),
            "tty": member(tarfile.CHRTYPE),
        }
    )
    found = context(body)
    assert dict(found.files) == {"Dockerfile": GO, "passwd": None, "hard": None}
    assert dict(found.sizes) == {"Dockerfile": len(GO), "passwd": len("/etc/passwd")}


def test_the_later_of_two_entries_stays() -> None:
    both = tar({"a": b"old"})[:-10_240 + 1024 or None][:1024] + tar({**DOCKERFILE, "a": b"new!"})
    found = context(both)
    assert (found.files["a"], found.sizes["a"]) == ("new!", 4)
    gone = tar({"a": b"old"})[:1024] + tar({**DOCKERFILE, "a": member(tarfile.SYMTYPE, "b")})
    assert context(gone).files["a"] is None


def test_what_is_no_text_or_large_is_named_only() -> None:
    found = context(tar({**DOCKERFILE, "logo": b"\x89PNG\0", "latin": b"\xe9", "fits": b"x" * 500, "large": b"x" * 501}), manifest_bytes=500)
    assert {path: found.files[path] is None for path in ("logo", "latin", "fits", "large")} == {
        "logo": True,
        "latin": True,
        "fits": False,
        "large": True,
    }
    assert found.sizes["large"] == 501


def test_a_dockerfile_may_be_larger_than_a_manifest() -> None:
    text = "#" + "x" * 600 + "\n" + GO
    dockerfile, found = read_archive(chunks(tar({"Dockerfile": text.encode()})), "Dockerfile", Settings(manifest_bytes=500))
    assert dockerfile.decode() == text
    assert dict(found.files) == {"Dockerfile": None}


def test_a_dockerfile_elsewhere(client: FlaskClient) -> None:
    ignores = {"docker/api.Dockerfile.dockerignore": b"*.md\n", ".dockerignore": b"*.go\n"}
    body = tar({"docker/api.Dockerfile": GO.encode(), **ignores, "a.md": b"", "b.go": b""})
    reply = post(client, body, query="?dockerfile=./docker/api.Dockerfile", Accept="text/x-diff")
    assert reply.text.startswith("--- a/docker/api.Dockerfile\n")
    found = context(body, "docker/api.Dockerfile")
    assert "b.go" in found.files and "a.md" not in found.files
    assert found.files[".dockerignore"] == "*.md\n"


def test_a_missing_dockerfile_says_what_there_is(client: FlaskClient) -> None:
    reply = post(client, tar({"app/Dockerfile": GO.encode(), "app/main.go": b""}))
    assert reply.status_code == 422
    assert "app/Dockerfile" in reply.get_json()["detail"]
    assert reply.get_json()["errors"][0]["parameter"] == "dockerfile"
    linked = post(client, tar({"Dockerfile": member(tarfile.SYMTYPE, "docker/Dockerfile"), "docker/Dockerfile": GO.encode()}))
    assert linked.status_code == 422 and "link" in linked.get_json()["detail"]
    assert post(client, tar({})).status_code == 422


def test_a_path_without_an_archive_is_a_name(client: FlaskClient) -> None:
    reply = post(client, GO.encode(), "text/plain", "?dockerfile=docker/Dockerfile", Accept="text/x-diff")
    assert reply.text.startswith("--- a/docker/Dockerfile\n")
    assert post(client, tar(DOCKERFILE), query="?dockerfile=../x").status_code == 422


def test_history_is_one_path() -> None:
    found = context(tar({**DOCKERFILE, ".git/HEAD": b"ref", ".git/objects/aa": b"12345", "sub/.git/x": b"y"}))
    assert (found.files[".git/HEAD"], found.sizes[".git/HEAD"]) == (None, 8)
    assert ".git/objects/aa" not in found.files and "sub/.git/x" in found.files


def test_a_sparse_file_is_as_large_as_it_reads(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(GO)
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(3_000_000)
        file.seek(2_000_000)
        file.write(b"x" * 10)
    for style in ("gnu", "posix"):
        body = subprocess.run(["tar", "--sparse", f"--format={style}", "-c", "."], cwd=tmp_path, capture_output=True, check=True).stdout
        found = context(body)
        assert found.files["Dockerfile"] == GO, style
        assert (found.files["hole"], found.sizes["hole"]) == (None, 3_000_000), style


def test_a_folder_and_its_archive_are_one_context(tmp_path: Path) -> None:
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / "node_modules" / "a").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    for name, content in {
        "Dockerfile": GO.encode(),
        ".dockerignore": b"node_modules\n*.log\n",
        "a.log": b"x",
        "node_modules/a/index.js": b"x",
        ".git/HEAD": b"ref",
        "src/deep/a.go": "é".encode(),
        "src/b.go": b"\0",
        "src/large": b"x" * 300_000,
    }.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "away").symlink_to("/etc/passwd")
    os.link(tmp_path / "src" / "b.go", tmp_path / "zz")
    body = subprocess.run(["tar", "cz", "."], cwd=tmp_path, capture_output=True, check=True).stdout
    found, there = context(body), read_folder(tmp_path, tmp_path / "Dockerfile")
    assert list(found.files.items()) == list(there.files.items())
    linked = {"src/b.go", "zz"}
    assert {path: size for path, size in found.sizes.items() if path not in linked} == {
        path: size for path, size in there.sizes.items() if path not in linked
    }
    assert found.complete == there.complete


@pytest.mark.parametrize("count", [1, 100, 511, 512, 513, 700, 1024, 1500])
def test_what_breaks_off_is_refused(client: FlaskClient, count: int) -> None:
    body = tar({**DOCKERFILE, "a": b"x" * 600})
    assert post(client, body[:count]).get_json()["type"] == "urn:restage:problem:invalid-archive"


def test_packed_bytes_that_break_off_are_refused(client: FlaskClient) -> None:
    body = packed({**DOCKERFILE, "a": os.urandom(3_000)})
    for count in range(2, len(body), 97):
        assert post(client, body[:count], "application/gzip").get_json()["type"] == "urn:restage:problem:invalid-archive"


@pytest.mark.parametrize("body", [b"", b"FROM alpine\n" * 100, gzip.compress(GO.encode()), b"\x1f\x8b" + b"x" * 600, b"PK\x03\x04" * 200])
def test_what_is_no_archive_is_refused(client: FlaskClient, body: bytes) -> None:
    reply = post(client, body)
    assert reply.status_code == 422
    assert reply.get_json()["type"] == "urn:restage:problem:invalid-archive"


def test_a_damaged_header_is_refused() -> None:
    body = bytearray(tar(DOCKERFILE))
    body[0] ^= 1
    assert "checksum" in problem(bytes(body)).detail


def test_several_gzip_members_and_padding() -> None:
    body = tar(DOCKERFILE)
    many = b"".join(gzip.compress(body[start : start + 700]) for start in range(0, len(body), 700)) + bytes(5_000)
    assert context(many).files["Dockerfile"] == GO


def test_the_limits(client: FlaskClient) -> None:
    bomb = gzip.compress(bytes(5_000_000))
    assert problem(gzip.compress(tar({**DOCKERFILE, "zeros": bytes(5_000_000)})), archive_bytes=1_000_000).status == 413
    assert len(bomb) < 6_000
    many: dict[str, Any] = {**DOCKERFILE, **{f"f{number}": b"" for number in range(60)}}
    assert problem(tar(many), context_paths=5).slug == "invalid-archive"
    assert problem(tar({"Dockerfile": b"#" * 500}), dockerfile_bytes=400).status == 413
    assert problem(tar({**DOCKERFILE, ".dockerignore": b"#" * 500}), manifest_bytes=400).status == 413
    assert problem(tar({**DOCKERFILE, "n" * 4_097: b""})).slug == "invalid-archive"
    assert problem(tar({**DOCKERFILE, **{f"{number}/{'n' * 2_000}": b"" for number in range(10)}}), body_bytes=9_000).status == 413
    assert problem(tar({**DOCKERFILE, "x": b"", **{f"x{number}": b"" for number in range(2_100)}, ".dockerignore": b"*?\n" * 2_000})).status == 413


def test_a_small_archive_does_not_become_a_large_one() -> None:
    """Below the limit for archives zeros may pack as well as they do."""
    packed = gzip.compress(tar({**DOCKERFILE, "zeros": bytes(3_000_000)}))
    assert "zeros" in context(packed, archive_bytes=4_000_000).files
    assert problem(packed, archive_bytes=1_000_000).status == 413


def test_a_long_list_is_cut_and_not_complete() -> None:
    found = context(tar({"deep/er/a": b"1", **DOCKERFILE, "b": b"2", "c": b"3"}), context_paths=3)
    assert (list(found.files), found.complete) == (["Dockerfile", "b", "c"], False)


def test_the_nearest_texts_are_kept_and_ignored_ones_go_first() -> None:
    files = {f"deep/er/{number}": b"x" * 900 for number in range(20)} | {f"near{number}": b"y" * 900 for number in range(5)}
    found = context(tar({**DOCKERFILE, **files}), body_bytes=10_000)
    assert all(found.files[f"near{number}"] for number in range(5))
    assert found.files["deep/er/9"] is None and found.sizes["deep/er/9"] == 900
    ignored = {"out/a": b"x" * 900} | {f"near{number}": b"x" * 900 for number in range(9)} | {"deep/er/0": b"z" * 900}
    kept = context(tar({**DOCKERFILE, ".dockerignore": b"near*\n", **ignored}), body_bytes=10_000)
    assert kept.files["deep/er/0"] and kept.files["out/a"]


def test_extended_headers_are_bounded() -> None:
    huge = member(tarfile.XHDTYPE)
    huge.size = 2 << 20
    body = huge.tobuf(tarfile.USTAR_FORMAT) + bytes(2 << 20) + tar(DOCKERFILE)
    assert "extended header" in problem(body).detail


@pytest.mark.parametrize("records", [b"5 path=x\n", b"999 path=x\n", b"9 path=x", b"path=x\n", b"-1 a=b\n", b"0 a=b\n", b"8 size=x\n", b"9" * 4_000])
def test_damaged_extended_headers_are_refused(records: bytes) -> None:
    header = member(tarfile.XHDTYPE)
    header.size = len(records)
    body = header.tobuf(tarfile.USTAR_FORMAT) + records + bytes(-len(records) % 512) + tar(DOCKERFILE)
    assert problem(body).slug == "invalid-archive"


def test_a_large_archive_takes_little_memory() -> None:
    """40 MB of files that nothing reads, as they would come from a socket."""

    def stream() -> Iterator[bytes]:
        large = tarfile.TarInfo("large.bin")
        large.size = 40_000_000
        yield large.tobuf(tarfile.GNU_FORMAT)
        yield from (bytes(50_000) for _ in range(800))
        yield bytes(-40_000_000 % 512)
        yield tar(DOCKERFILE)

    tracemalloc.start()
    found = read_archive(stream(), "Dockerfile", Settings())[1]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.sizes["large.bin"] == 40_000_000
    assert peak < 3_000_000


def test_a_bomb_unpacks_in_small_steps() -> None:
    bomb = gzip.compress(gzip.compress(bytes(50_000_000), 9), 9)
    inner = b"".join(inflated(iter([bomb])))
    tracemalloc.start()
    longest = max(len(chunk) for chunk in inflated(iter([inner])))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert longest <= 64 << 10 and peak < 1_000_000


NAMES = st.one_of(st.text(max_size=30), st.lists(st.sampled_from(["a", "..", ".", "", "Dockerfile", ".git"]), max_size=5).map("/".join))
KINDS = st.sampled_from([bytes([flag]) for flag in b"0\0123567SxgLKXDZ"])


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """Headers that say anything: names, types and sizes that fit what follows, and that do not; then a few bytes changed."""
    parts = []
    for _ in range(draw(st.integers(0, 5))):
        header = tarfile.TarInfo(draw(NAMES))
        header.type, header.linkname = draw(KINDS), draw(st.text(max_size=10))
        content = draw(st.binary(max_size=700))
        header.size = draw(st.one_of(st.just(len(content)), st.integers(0, 1 << 40)))
        style = draw(st.sampled_from(STYLES[:2]))
        parts += [header.tobuf(style, errors="surrogateescape"), content, bytes(-len(content) % 512)]
    body = bytearray(b"".join(parts) + draw(st.sampled_from([b"", tar(DOCKERFILE)])))
    for place, value in draw(st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 255)), max_size=3)):
        if place < len(body):
            body[place] = value
    return bytes(body)


@settings(max_examples=400, deadline=None)
@given(archives(), st.booleans(), st.integers(1, 5_000))
def test_any_archive_is_read_or_refused(body: bytes, packs: bool, size: int) -> None:
    try:
        _, found = read_archive(chunks(gzip.compress(body) if packs else body, size), "Dockerfile", Settings())
    except Problem as problem:
        assert problem.status in (413, 422)
        return
    assert all(path and not path.startswith("/") and ".." not in path.split("/") and "\0" not in path for path in found.files)
    assert set(found.sizes) <= set(found.files)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2_000))
def test_any_bytes_are_inflated_or_refused(body: bytes) -> None:
    try:
        assert isinstance(b"".join(inflated(chunks(b"\x1f\x8b" + body, 7))), bytes)
    except ArchiveError:
        return


def test_the_readers_agree_with_the_standard_library(tmp_path: Path) -> None:
    """What tarfile reads of an archive, name by name."""
    names = {f"{'d' * (number % 40 + 1)}/{'f' * number}": os.urandom(number * 7) for number in range(1, 150)}
    for style in STYLES[:2]:
        body = tar({**DOCKERFILE, **names}, style)
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            theirs = {one.name: one.size for one in archive}
        assert dict(context(body).sizes) == theirs
