"""What makes a toolchain ready: installers from the network, their archives, and what is sourced."""

from __future__ import annotations

import pytest

from service.ecosystems.installers import archive
from service.knowledge.installers import installer_at
from service.proof.effects import Case, claims_of

_GRADLE = "https://services.gradle.org/distributions/gradle-8.5-bin.zip"


@pytest.mark.parametrize(
    ("address", "ecosystem"),
    [
        ("https://sh.rustup.rs", "rust"),
        ("https://sh.rustup.rs/", "rust"),
        ("https://get-ghcup.haskell.org", "haskell"),
        ("https://sh.rustup.rs.example.org", None),
        ("https://example.org/sh.rustup.rs", None),
    ],
)
def test_an_installer_is_known_by_its_address(address: str, ecosystem: str | None) -> None:
    found = installer_at(address)
    assert (found.ecosystem if found is not None else None) == ecosystem


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("https://go.dev/dl/go1.22.0.linux-amd64.tar.gz", "go"),
        ("https://ziglang.org/download/0.13.0/zig-linux-x86_64-0.13.0.tar.xz", "zig-linux-x86_64-0.13.0"),
        ("https://go.dev/dl/go1.22.0.src.tar.gz", None),
        ("https://example.org/dl/go1.22.0.linux-amd64.tar.gz", None),
        ("https://go.dev/dl/go1.22.0.linux-amd64.zip", None),
        ("https://services.gradle.org/distributions/gradle-8.5-bin.zip", "gradle-8.5"),
        ("https://downloads.gradle.org/distributions/gradle-8.5-all.zip", "gradle-8.5"),
        ("https://services.gradle.org/distributions/gradle-8.5-src.zip", None),
        ("https://services.gradle.org/distributions/gradle-8.5-bin.tgz", None),
        ("https://github.com/sbt/sbt/releases/download/v1.10.7/sbt-1.10.7.tgz", "sbt"),
        ("https://github.com/sbt/sbt/archive/v1.10.7.tar.gz", None),
    ],
)
def test_an_archive_is_known_by_its_address(address: str, folder: str | None) -> None:
    found = archive(("wget", address))
    assert (found[1] if found is not None else None) == folder


@pytest.mark.parametrize(
    ("command", "rows"),
    [
        ("curl -sSf https://sh.rustup.rs | sh -s -- -y", {"curl", "rustup-init"}),
        ("curl -sSL https://go.dev/dl/go1.22.0.linux-amd64.tar.gz | tar -C /usr/local -xz", {"curl", "installer"}),
        # One folder less: what lies at the top is not known.
        ("curl -sSL https://go.dev/dl/go1.22.0.linux-amd64.tar.gz | tar -C /opt/go -xz --strip-components=1", {"curl", "tar"}),
        (f"curl -sSLo /tmp/g.zip {_GRADLE} && unzip -q /tmp/g.zip -d /opt", {"curl", "installer"}),
        (f"wget {_GRADLE} && unzip -d /opt gradle-8.5-bin.zip", {"wget", "installer"}),
        # Without the folders, not all of it, or another file.
        (f"wget {_GRADLE} && unzip -j -d /opt gradle-8.5-bin.zip", {"wget", "unzip"}),
        (f"wget {_GRADLE} && unzip gradle-8.5-bin.zip '*/lib/*' -d /opt", {"wget", "unzip"}),
        (f"curl -sSLo /tmp/g.zip {_GRADLE} && unzip -q /tmp/h.zip -d /opt", {"curl", "unzip"}),
        ("eval $(opam env) && . /root/.cargo/env", {"activate", "opam env"}),
    ],
)
def test_the_rows_that_speak_of_it(command: str, rows: set[str]) -> None:
    assert set(claims_of(Case("debian:bookworm", command)).rows) == rows


@pytest.mark.parametrize("command", ["eval $(cat settings)", ". /root/.build/env", "curl https://example.org/install.sh | sh"])
def test_anything_else_may_do_anything(command: str) -> None:
    assert any(sentence.startswith("anything") for sentence in claims_of(Case("debian:bookworm", command)).sentences)
