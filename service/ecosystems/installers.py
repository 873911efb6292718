"""Toolchains that a script from the network installs (`curl https://sh.rustup.rs | sh`): what such a script leaves, by its address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Installer:
    """`address` is the script's, without the scheme; `scratch` the folders that it fills with a toolchain, which no program needs to run."""

    address: str
    ecosystem: str
    scratch: tuple[str, ...]
    source: str


INSTALLERS = (
    Installer(
        "sh.rustup.rs",
        "rust",
        ("${CARGO_HOME:-~/.cargo}", "${RUSTUP_HOME:-~/.rustup}", "~/.profile"),
        "rust-lang.github.io/rustup/installation",
    ),
    Installer("nim-lang.org/choosenim/init.sh", "nim", ("~/.choosenim", "~/.nimble"), "github.com/dom96/choosenim (README)"),
    Installer("get-ghcup.haskell.org", "haskell", ("~/.ghcup", "~/.cabal"), "haskell.org/ghcup/install"),
)


def installer(words: Iterable[str | None]) -> Installer | None:
    """The script that a download's words name; None for any other address."""
    addresses = {word.partition("://")[2].strip("/").partition("?")[0] for word in words if word and "://" in word}
    return next((one for one in INSTALLERS if addresses == {one.address}), None)
