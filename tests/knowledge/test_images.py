from __future__ import annotations

import pytest

from service.knowledge import apt
from service.knowledge.images import base_image
from service.knowledge.needs import needs
from service.knowledge.references import parse_reference
from service.knowledge.sizes import image_size
from service.knowledge.variants import slimmer, static_base


@pytest.mark.parametrize(
    ("reference", "family", "suite", "libc"),
    [
        ("python:3.12-bookworm", "python", "bookworm", "glibc"),
        ("python:3.12-slim", "python", "trixie", "glibc"),
        ("python:3.12-alpine3.20", "python", "alpine3.20", "musl"),
        ("docker.io/library/node:22-bookworm-slim", "node", "bookworm", "glibc"),
        ("public.ecr.aws/docker/library/golang:1.22", "golang", "bookworm", "glibc"),
        ("golang:1.25", "golang", "trixie", "glibc"),
        ("golang:1.24.2", "golang", "bookworm", "glibc"),
        ("golang:1.22-alpine3.19", "golang", "alpine3.19", "musl"),
        ("rust:1.85", "rust", "bookworm", "glibc"),
        ("debian:12-slim", "debian", "bookworm", "glibc"),
        ("ubuntu:22.04", "ubuntu", "jammy", "glibc"),
        ("alpine:3.20.1", "alpine", "alpine3.20", "musl"),
        ("eclipse-temurin:21-jdk-noble", "eclipse-temurin", "noble", "glibc"),
        ("nginx:1.27-alpine", "nginx", "alpine3.21", "musl"),
        ("gcr.io/distroless/static-debian12", "gcr.io/distroless/static", "bookworm", "none"),
        ("scratch", "scratch", "debian12", "none"),
        ("who/knows", "who/knows", None, None),
    ],
)
def test_what_a_reference_is(reference: str, family: str, suite: str | None, libc: str | None) -> None:
    found = base_image(reference)
    assert (found.family, found.libc) == (family, libc)
    assert family == "scratch" or found.suite == suite


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("python:3.12", ("python:3.12-slim",)),
        ("python:3.12-bookworm", ("python:3.12-slim-bookworm",)),
        ("node:22-bookworm", ("node:22-bookworm-slim",)),
        ("node", ("node:slim",)),
        ("public.ecr.aws/docker/library/node:22", ("public.ecr.aws/docker/library/node:22-slim",)),
        ("golang:1.22-bookworm", ("debian:bookworm-slim",)),
        ("golang:1.22-alpine3.19", ("alpine:3.19",)),
        ("eclipse-temurin:11.0.31_11-jdk-jammy", ("eclipse-temurin:11.0.31_11-jre-jammy",)),
        ("openjdk:8-jdk-slim", ("openjdk:8-jre-slim",)),
        ("openjdk:17-jdk", ()),
        ("maven:3.9-eclipse-temurin-21", ("eclipse-temurin:21-jre",)),
        ("maven:3.6.1-jdk-11-slim", ("openjdk:11-jre-slim",)),
        ("maven:3.5.3-jdk-10-slim", ("openjdk:10-jre-slim",)),
        ("maven:3.8.6-openjdk-18-slim", ("openjdk:18-jdk-slim",)),
        ("gradle:jdk21", ("eclipse-temurin:21-jre",)),
        ("gradle:4.7.0-jdk10", ("openjdk:10-jre-slim", "openjdk:10-jre")),
        ("gradle:6-jdk14", ()),
        ("openjdk:9-jdk", ("openjdk:9-jre-slim", "openjdk:9-jre")),
        ("node:6-wheezy", ()),
        ("node:6-jessie", ("node:6-jessie-slim",)),
        ("python:3.99", ("python:3.99-slim",)),
        ("python:3.12-slim", ()),
        ("python:3.12-alpine", ()),
        ("python:3.12@sha256:" + "0" * 64, ()),
        ("php:8.3-apache", ()),
        ("who/knows:1", ()),
    ],
)
def test_slimmer_variants(reference: str, expected: tuple[str, ...]) -> None:
    assert slimmer(base_image(reference)) == expected


def test_maven_on_a_jdk_of_debian_has_no_setting_of_temurin() -> None:
    debian, temurin = base_image("maven:3.5.3-jdk-10-slim").config, base_image("maven:3.9-eclipse-temurin-21").config
    assert debian.env_value("LANG") == "C.UTF-8" and debian.env_value("LC_ALL") is None
    assert temurin.env_value("LANG") == "en_US.UTF-8" and temurin.env_value("LC_ALL") == "en_US.UTF-8"


def test_what_full_images_have_and_slim_ones_lack() -> None:
    full, slim = base_image("python:3.12-bookworm").packages, base_image("python:3.12-slim-bookworm").packages
    assert full is not None and slim is not None
    assert {"git", "curl", "imagemagick", "libpq5", "gcc", "ca-certificates"} <= full
    assert {"git", "curl", "imagemagick", "libpq5", "gcc"} & slim == set()
    assert "ca-certificates" in slim
    node = base_image("node:22-bookworm-slim").packages
    assert node is not None and "ca-certificates" not in node
    assert "adduser" not in (base_image("debian:trixie-slim").packages or ())
    assert "adduser" in (base_image("debian:bookworm-slim").packages or ())


def test_settings_of_bases() -> None:
    nginx = base_image("nginx:bookworm")
    assert (nginx.config.cmd, nginx.config.stop_signal, nginx.users["nginx"]) == (("nginx", "-g", "daemon off;"), "SIGQUIT", 101)
    assert base_image("golang:1.22").config.workdir == "/go"
    assert base_image("node:22").users["node"] == 1000
    assert static_base().users["nonroot"] == 65532


def test_every_known_base_says_where_it_is_from() -> None:
    assert base_image("python:3.12").source and base_image("python:3.12").date
    assert not base_image("who/knows").source


def test_references() -> None:
    found = parse_reference("docker.io/library/python:3.12@sha256:ab")
    assert (found.prefix, found.repository, found.tag, found.digest) == ("docker.io/library/", "python", "3.12", "sha256:ab")
    assert parse_reference("registry.example.com:5000/a/b").tag == "latest"


@pytest.mark.parametrize("reference", ["python:3.\u00b2", "openjdk:8.\u00b3-jdk", "python:" + "9" * 5_000 + ".1"], ids=["two", "three", "long"])
def test_digits_that_are_no_number(reference: str) -> None:
    assert base_image(reference).reference == reference


def test_the_package_tables_resolve_as_apt_does() -> None:
    """18 packages for curl and ca-certificates, 24 for git: measured on a bookworm minbase (sizes.md, section 3)."""
    table = apt.table("bookworm")
    assert table is not None
    base = apt.minbase("bookworm")
    assert len(table.closure(("curl", "ca-certificates"), base)) == 18
    assert len(table.closure(("git",), base)) == 24
    assert len(table.closure(("nginx",), base)) == 17
    assert len(table.closure(("build-essential",), base)) == 56


@pytest.mark.parametrize(
    ("suite", "package", "libraries"),
    [
        ("bookworm", "libpq-dev", {"libpq5"}),
        ("bookworm", "default-libmysqlclient-dev", {"libmariadb3"}),
        ("bookworm", "libffi-dev", {"libffi8"}),
        ("trixie", "libssl-dev", {"libssl3t64"}),
        ("bookworm", "libvips-dev", {"libvips42"}),
        ("bookworm", "python3-venv", {"python3"}),
        ("bookworm", "openjdk-17-jdk-headless", {"openjdk-17-jre-headless"}),
    ],
)
def test_libraries_behind_headers(suite: str, package: str, libraries: set[str]) -> None:
    table = apt.table(suite)
    assert table is not None
    assert libraries <= set(table.runtime_libraries(package) or ())


@pytest.mark.parametrize(
    ("package", "expected"),
    [("gcc", True), ("libpq-dev", True), ("cmake", True), ("git", False), ("curl", False), ("redis-server", False), ("tini", False)],
)
def test_what_only_serves_building(package: str, expected: bool) -> None:
    table = apt.table("bookworm")
    assert table is not None and table.build_only(package) is expected


def test_needs() -> None:
    assert needs("python", "psycopg2") is not None and needs("python", "PsycoPG2") is not None
    assert needs("python", "psycopg2-binary") is None
    found = needs("node", "prisma")
    assert found is not None and found.packages == ("openssl",)


def test_sizes_carry_their_range_and_basis() -> None:
    known, near, unknown = image_size("python:3.12-slim"), image_size("python:3.99-slim"), image_size("who/knows")
    assert known.basis == "catalogue" and near.basis == "ratio" and unknown.basis == "default"
    for size in (known, near, unknown):
        assert size.unpacked[0] <= size.unpacked[1] <= size.unpacked[2]
    assert unknown.unpacked[2] / max(1, unknown.unpacked[0]) > known.unpacked[2] / known.unpacked[0]
    assert image_size("scratch").unpacked == (0, 0, 0)


def test_a_release_of_ubuntu_without_a_table_has_what_every_release_has() -> None:
    assert apt.lasting() <= apt.minbase("noble") & apt.minbase("bookworm")
    found = base_image("ubuntu:99.10").packages
    assert found is not None
    assert {"bash", "coreutils", "tar"} <= found
    assert not any("lib" in name for name in found)
