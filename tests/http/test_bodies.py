"""Every form in which a caller may have the Dockerfile at hand."""

from __future__ import annotations

import gzip

import pytest

from tests.http.conftest import PLAIN, Ask

RAW = (
    "text/plain",
    "text/plain; charset=UTF-8",
    "text/x-dockerfile",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    None,
)


@pytest.mark.parametrize("kind", RAW)
@pytest.mark.parametrize("text", [PLAIN, PLAIN.replace("\n", "\r\n"), PLAIN.rstrip("\n"), "\ufeff" + PLAIN, "# é & = %41 +\n" + PLAIN])
def test_a_raw_body_is_taken_byte_for_byte(ask: Ask, kind: str | None, text: str) -> None:
    reply = ask(text.encode(), kind)
    assert (reply.status_code, reply.data) == (200, text.encode())
    assert reply.content_type == "text/plain; charset=utf-8"


def test_json_is_answered_with_json(ask: Ask) -> None:
    reply = ask({"dockerfile": PLAIN})
    assert reply.status_code == 200
    assert reply.get_json()["outcome"] == "unchanged"
    assert reply.get_json()["dockerfile"] == PLAIN


def test_a_byte_order_mark_in_front_of_json_is_no_fault(ask: Ask) -> None:
    assert ask(b'\xef\xbb\xbf{"dockerfile": "FROM alpine"}', "application/json").status_code == 200


@pytest.mark.parametrize("body", ['FROM node:20WORKDIR /appCOPY . .CMD ["node", "a.js"]', "# syntax=docker/dockerfile:1FROM alpineRUN true"])
def test_lost_line_ends_are_recognised(ask: Ask, body: str) -> None:
    reply = ask(body, "application/x-www-form-urlencoded")
    assert reply.status_code == 422
    assert "--data-binary" in reply.get_json()["detail"]


def test_one_line_may_be_a_whole_dockerfile(ask: Ask) -> None:
    assert ask("FROM alpine:3.20", "application/x-www-form-urlencoded").status_code == 200


def test_a_wrong_file_of_several_lines_gets_no_hint_about_curl(ask: Ask) -> None:
    assert "--data-binary" not in ask("FROM alpine\nCOPPY . .\nRUN true\n").get_json()["detail"]


@pytest.mark.parametrize("kind", ["image/png", "application/xml", "application/vnd.api+json", "text/plain; charset=utf-16"])
def test_other_kinds_of_body_are_refused(ask: Ask, kind: str) -> None:
    assert ask(PLAIN, kind).status_code == 415


def test_a_compressed_body_is_refused(ask: Ask) -> None:
    reply = ask(gzip.compress(PLAIN.encode()), Content_Encoding="gzip")
    assert (reply.status_code, reply.headers["Accept-Encoding"]) == (415, "identity")


@pytest.mark.parametrize(
    "query",
    [
        "runtime=slim",
        "strict=true",
        "builder=any",
        "platform=linux/arm64",
        "filename=docker/api.Dockerfile",
        "build_arg=A=b&build_arg=C=",
        "skip=split_stages",
        "skip=split_stages,mount_caches",
        "only=split_stages&only=mount_caches",
    ],
)
def test_the_options_of_a_raw_body_are_in_the_query(ask: Ask, query: str) -> None:
    assert ask(PLAIN, query="?" + query).status_code == 200


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("runtime=floppy", "runtime"),
        ("strict=maybe", "strict"),
        ("build_arg=A", "build_arg"),
        ("platform=%00", "platform"),
        ("filename=../x", "filename"),
        ("filename=a%0A%2B%2B%2B b", "filename"),
        ("no_such=1", "no_such"),
    ],
)
def test_a_wrong_query_is_named(ask: Ask, query: str, name: str) -> None:
    reply = ask(PLAIN, query="?" + query)
    assert reply.status_code == 422
    assert [error["parameter"] for error in reply.get_json()["errors"]] == [name]


def test_the_body_and_the_query_mean_the_same(ask: Ask) -> None:
    options = {"runtime": "slim", "skip": ["split_stages"], "build_args": {"A": "b=c"}, "strict": True}
    raw = ask(PLAIN, query="?runtime=slim&skip=split_stages&build_arg=A=b=c&strict=true")
    assert raw.headers["Restage-Result"] == ask({"dockerfile": PLAIN, "options": options}).headers["Restage-Result"]
