"""Sizes of base images: the tag itself, its other names, a digest, neighbours, classes, nothing."""

from __future__ import annotations

import pytest

from service.knowledge.catalogue import catalogue, find, kind
from service.knowledge.sizes import image_size, shared, with_overlay
from service.knowledge.unpacking import drift, years

INDEX = "sha256:cd84903a12dbd26b46f1f3b8144a2568c41c5d37ddd0c7a80a34c7a19786b35f"
BUILD = "sha256:9a81c173b244297fb9c8aabf38234786adbd3e698240dbb00cc241a2cc085cc8"


@pytest.mark.parametrize(
    ("reference", "how", "row"),
    [
        ("python:3.12-slim", "tag", "python:3.12-slim"),
        ("docker.io/library/python:3.12-slim", "tag", "python:3.12-slim"),
        ("python:3.12.7", "alias", "python:3.12"),
        ("golang:1.25.5-alpine3.22", "alias", "golang:1.25-alpine"),
        ("python", "alias", "python:3.14"),
        ("node:latest", "alias", "node:24"),
        ("node:lts-alpine", "alias", "node:24-alpine"),
        ("debian:12-slim", "alias", "debian:bookworm-slim"),
        ("python:3.12.7-slim-bookworm", "near", "python:3.12-slim"),
        ("golang:1.21-alpine", "near", "golang:1.22-alpine"),
        ("postgres:15", "near", "postgres:17"),
        ("elixir:1.17", "near", "elixir:1.18"),
        ("nginx:1.27", "near", "nginx:latest"),
        ("amazoncorretto:17", "alias", "amazoncorretto:17-al2023"),
        ("rust:alpine", "alias", "rust:1-alpine3.24"),
        ("gcr.io/distroless/nodejs20-debian12", "alias", "gcr.io/distroless/nodejs22-debian12"),
        (f"node@{INDEX}", "digest", "node:24-slim"),
        (f"node:18@{BUILD}", "digest", "node:24-slim"),
        ("python:3.12@sha256:" + "0" * 64, "pinned", "python:3.12"),
    ],
)
def test_which_row_a_reference_is_described_by(reference: str, how: str, row: str) -> None:
    found = find(reference)
    assert found is not None
    assert (found.how, found.entry.row["ref"]) == (how, row)


def test_a_family_without_rows_has_none() -> None:
    assert find("who/knows:1") is None


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (f"node@{BUILD}", "node:24-slim"),
        ("node:24-slim", "node:24-slim@sha256:" + "0" * 64),
        ("python:3.12", "python:3.12.7"),
        ("golang:1.25", "golang:1.22"),
        ("eclipse-temurin:21-jdk", "eclipse-temurin:25-jdk-alpine"),
        ("nginx:latest", "nginx:1.18"),
        ("postgres:16-alpine", "who/knows:1-alpine"),
        ("who/knows:alpine", "who/knows"),
    ],
)
def test_what_is_known_worse_has_a_wider_range(better: str, worse: str) -> None:
    one, other = image_size(better), image_size(worse)
    assert _width(one.compressed) < _width(other.compressed)
    for size in (one, other):
        for low, middle, high in (size.unpacked, size.compressed):
            assert 0 < low <= middle <= high


def _width(size: tuple[int, int, int]) -> float:
    return size[2] / max(1, size[0])


def test_a_digest_that_a_row_has_is_exact() -> None:
    found = image_size(f"node@{INDEX}")
    assert found.compressed == (80_451_137,) * 3
    assert sum(size for _, size in found.layers) == 80_451_137
    assert found.digest == BUILD and found.suite == "bookworm" and found.basis == "ratio"


def test_unpacked_bytes_are_measured_where_the_row_has_them() -> None:
    found = image_size("node:22-alpine")
    assert (found.unpacked[1], found.basis) == (167_350_000, "catalogue")
    guessed = image_size("debian:bookworm")
    assert guessed.basis == "ratio" and "by ratio" in guessed.note
    assert guessed.unpacked[0] < guessed.compressed[1] * 2.37 < guessed.unpacked[2]


def test_an_old_row_of_a_tag_that_moves_is_wider_and_says_so() -> None:
    """The list of official images had `mysql:5.7` for years after its row, and `python:3.6-slim` for one."""
    moving, still = image_size("mysql:5.7"), image_size("python:3.6-slim")
    assert _width(moving.compressed) > _width(still.compressed) > _width(image_size("mysql:8.4").compressed)
    assert "2020-10" in moving.note and "2020-10" in still.note
    assert years({"ref": "mysql:5.7", "date": "2020-10"}, "5.7", catalogue().date) > 2
    assert drift(0.4) < drift(1.0) < drift(3.0) <= 0.5


def test_neighbours_give_no_layers() -> None:
    assert image_size("golang:1.21-alpine").layers == ()
    assert image_size("golang:1.25-alpine").n_layers == len(image_size("golang:1.25-alpine").layers) == 5


def test_images_of_the_same_base() -> None:
    layers, size, why = shared("ruby:3.4", "rust:1")
    assert (layers, why) == (4, "same digests") and size > 300_000_000
    assert shared("golang:1.26", "python:3.12")[::2] == (3, "same lineage")
    assert shared("node:24", "node:22-alpine") == (0, 0, "")
    assert shared("who/knows", "node:24") == (0, 0, "")


def test_an_overlay_goes_first_and_is_exact() -> None:
    sized = with_overlay({"stand-in:1": {"uncompressed_bytes": 1_000_000, "compressed_bytes": 400_000, "n_layers": 2, "source": "measured"}})
    found = sized("stand-in:1")
    assert found.compressed == (400_000,) * 3 and found.unpacked[1] == 1_000_000 and found.n_layers == 2 and found.source == "measured"
    assert found.unpacked[2] - found.unpacked[0] == 10_000
    assert with_overlay({"a": {"uncompressed_bytes": 1_234_567, "compressed_bytes": 500_001}})("a").unpacked == (1_234_567,) * 3
    assert sized("python:3.12") == image_size("python:3.12")
    assert image_size("stand-in:1").basis == "default"


def test_every_row_is_found_by_its_own_name_or_a_newer_one() -> None:
    known = catalogue()
    for entry in known.by_ref.values():
        found = find(entry.row["ref"])
        assert found is not None and found.how in ("tag", "alias")
        assert found.entry.row["date"][:4] >= entry.row["date"][:4]
        assert sum(layer["compressed_bytes"] for layer in entry.row["layers"]) in (0, entry.row["compressed_bytes"])
        assert entry.row["source"] and entry.row["date"]


@pytest.mark.parametrize(
    "reference",
    ["", ":", "@", "a:" + "1." * 2_000, "x" * 5_000, "$BASE", "python:${V}", "ubuntu:" + "9" * 4_000, "a/" * 3_000, "python:é", "python:³"],
    ids=lambda text: text[:12],
)
def test_hostile_references_are_answered(reference: str) -> None:
    assert image_size(reference).unpacked[2] >= 0


def test_what_a_tag_says() -> None:
    found = kind("3.9-eclipse-temurin-17-alpine3.20")
    assert (found.version, found.java, found.words) == ((3, 9), "17", {"alpine"})
    assert kind("8u292-jdk").version == (8,)
    assert kind("24-bookworm-slim").suite == "bookworm"
