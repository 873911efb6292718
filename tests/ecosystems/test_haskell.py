"""Haskell's manifests, and which base its programs end on."""

from __future__ import annotations

import pytest

from service import BuildContext, Options, refactor
from service.ecosystems.haskell import local_references, packages_of

DESCRIPTION = """cabal-version: 2.4
name:          hello
build-type:    Simple

common shared
  build-depends: base >=4.18 && <5
               , text
               , postgresql-simple ^>=0.7

executable hello
  import:        shared
  main-is:       Main.hs
  build-depends: warp, wai
  ghc-options:   -threaded
"""


def test_packages_of_a_description() -> None:
    found = packages_of("hello.cabal", DESCRIPTION)
    assert found is not None
    assert set(found) == {"base", "text", "postgresql-simple", "warp", "wai"}


def test_packages_of_package_yaml_and_of_a_freeze_file() -> None:
    assert set(packages_of("package.yaml", "name: x\ndependencies:\n- base >= 4\n- hasql\n") or ()) == {"base", "hasql"}
    assert "HsOpenSSL" in (packages_of("cabal.project.freeze", "constraints: any.base ==4.18.2.1,\n             any.HsOpenSSL ==0.11\n") or ())


def test_a_custom_setup_reads_sources() -> None:
    assert local_references("x.cabal", "build-type: Custom\n") is None
    assert local_references("x.cabal", DESCRIPTION) == ()


@pytest.mark.parametrize(
    ("base", "runtime"),
    [
        ("haskell:9.10-bookworm", "debian:bookworm-slim"),
        ("haskell:9.10-slim-bookworm", "debian:bookworm-slim"),
        ("haskell:9.6-slim", "debian:bullseye-slim"),
        # Buster's packages cannot be installed any more, and no table says what they are called.
        ("haskell:8.10.7", "haskell:8.10.7"),
        ("haskell@sha256:" + "0" * 64, "haskell@sha256:" + "0" * 64),
        ("example.org/haskell:9", "example.org/haskell:9"),
    ],
)
def test_the_base_of_the_runtime_stage(base: str, runtime: str) -> None:
    text = f"FROM {base}\nWORKDIR /app\nCOPY . .\nRUN cabal update && cabal build && cp $(cabal list-bin hello) /usr/local/bin/\nCMD [\"hello\"]\n"
    found = refactor(text, BuildContext({"hello.cabal": DESCRIPTION, "Main.hs": None}, complete=True), Options())
    assert [found.outcome, found.stages[-1].base] == ["split", runtime]
