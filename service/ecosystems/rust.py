"""Rust: Cargo, rustup, the registry's cache, target/ and the binaries in it."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from service.ecosystems.cargo import binaries, local_references, packages_of, project, settings, table, workspace
from service.ecosystems.model import Arguments, Ecosystem, Invocation, Lock, Manifest, Step
from service.ecosystems.rules import both, here, option
from service.image.effects import LanguageInstall, Phase

_CARGO = "doc.rust-lang.org/cargo (Build cache, Cargo home, cargo-build(1), cargo-install(1))"
_RUSTUP = "rust-lang.github.io/rustup"
_toolchains = here("${RUSTUP_HOME:-~/.rustup}/toolchains")
_SELECTING = ("--bin", "--example", "--test", "--bench", "--package", "-p", "--exclude", "--features", "-F", "--profile")
_PLACING = ("--target", "--target-dir", "--manifest-path", "--artifact-dir", "--out-dir", "--root", "--path", "--recipe-path", "-C")
_FETCHING = ("--git", "--branch", "--tag", "--rev", "--version", "--vers", "--index", "--registry")
_VALUED = frozenset(
    (*_SELECTING, *_PLACING, *_FETCHING, "--jobs", "-j", "--edition", "--name", "--vcs", "--color", "--config", "-Z", "--message-format")
)
_PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "ripgrep": ("rg",),
    "fd-find": ("fd",),
    "diesel_cli": ("diesel",),
    "mdbook": ("mdbook",),
    "sea-orm-cli": ("sea-orm-cli",),
    "zola": ("zola",),
    "simple-http-server": ("simple-http-server",),
    "static-web-server": ("static-web-server",),
    "miniserve": ("miniserve",),
}
"""What `cargo install CRATE` installs, by the [[bin]] names of the crate on crates.io; of other crates nobody can say."""
_BUILD_TOOLS = ("wasm-pack", "wasm-bindgen-cli", "trunk", "sccache")


# --- where a build writes


def _home(invocation: Invocation) -> str:
    """CARGO_HOME: the official images set it, a digest hides it (hub.docker.com/_/rust); else ~/.cargo."""
    return invocation.env.get("CARGO_HOME") or ("/usr/local/cargo" if invocation.base.family == "rust" else "~/.cargo")


def _stores(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """Nothing where an image that nobody described may have its own CARGO_HOME."""
    told = "CARGO_HOME" in invocation.env or invocation.base.family == "rust" or invocation.base.source
    return tuple(invocation.path(posixpath.join(_home(invocation), name)) for name in ("registry", "git")) if told else ()


def _target(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`--target-dir`, CARGO_TARGET_DIR, `build.target-dir` of .cargo/config.toml, else target/ in the workspace's root."""
    if arguments.has("--target-dir"):
        return option("--target-dir")(invocation, arguments)
    root = workspace(invocation, project(invocation, arguments))
    configured = table(settings(invocation, root), "build").get("target-dir")
    named = invocation.env.get("CARGO_TARGET_DIR") or invocation.env.get("CARGO_BUILD_TARGET_DIR") or configured
    return (invocation.path(named) if isinstance(named, str) else posixpath.join(root, "target"),)


def _lock(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return (posixpath.join(workspace(invocation, project(invocation, arguments)), "Cargo.lock"),)


def _new_lock(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Building makes Cargo.lock where the context has none."""
    return tuple(path for path in _lock(invocation, arguments) or () if invocation.has(path) is False)


def _vendored(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return tuple(invocation.path(word or ".") for word in arguments.positionals[:1] or ("vendor",))


def _manifest(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return (posixpath.join(project(invocation, arguments), "Cargo.toml"),)


def _begun(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    return tuple(invocation.path(word or ".") for word in arguments.positionals[:1] or (".",))


def _cleaned(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """All of target/, or the part that an option names; of one package nothing is said (cargo-clean(1))."""
    targets = _target(invocation, arguments) or ()
    if arguments.has("-p", "--package", "--target", "--profile", "--dry-run", "-n"):
        return ()
    part = "release" if arguments.has("--release", "-r") else "doc" if arguments.has("--doc") else ""
    return tuple(posixpath.join(target, part) if part else target for target in targets)


def _own_target(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`cargo install` builds what it fetched in a temporary folder, and a package of the context in its own (cargo-install(1))."""
    return _target(invocation, arguments) if arguments.has("--path", "--target-dir") or not _crates(arguments) else ()


def _statically(invocation: Invocation, arguments: Arguments) -> bool:
    """For a musl target the C library is linked statically unless `-crt-static` is asked for (rustc reference, Static and dynamic C runtimes)."""
    target = arguments.value("--target") or invocation.env.get("CARGO_BUILD_TARGET") or ""
    root = workspace(invocation, project(invocation, arguments))
    flags = [*invocation.env.values(), str(settings(invocation, root))]
    unread = invocation.has(posixpath.join(root, ".cargo")) is not False and not settings(invocation, root)
    return target.endswith("-linux-musl") and not unread and not any("-crt-static" in text for text in flags)


# --- what cargo install brings


def _installed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The programs in `bin` below --root, CARGO_INSTALL_ROOT or CARGO_HOME; the folder where their names are not known."""
    root = arguments.value("--root") or invocation.env.get("CARGO_INSTALL_ROOT") or _home(invocation)
    folder = invocation.path(posixpath.join(root, "bin"))
    found: list[str] = []
    chosen = arguments.values("--bin")
    if chosen:
        found = [name for name in chosen if name]
    elif arguments.has("--path"):
        found = list(binaries(invocation, invocation.path(arguments.value("--path") or ".")) or ())
    elif not arguments.has("--git"):
        crates = _crates(arguments)
        found = [name for crate in crates for name in _PROGRAMS.get(crate, ())] if all(crate in _PROGRAMS for crate in crates) else []
    return tuple(posixpath.join(folder, name) for name in found) or (folder,)


def _crates(arguments: Arguments) -> tuple[str, ...]:
    return tuple(word.partition("@")[0] for word in arguments.positionals if word is not None and not word.startswith("+"))


def _only_tools(arguments: Arguments) -> bool:
    crates = _crates(arguments)
    return bool(crates) and not arguments.has("--path", "--git") and all(crate.startswith("cargo-") or crate in _BUILD_TOOLS for crate in crates)


def _tools(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    root = arguments.value("--root") or _home(invocation)
    return tuple(invocation.path(posixpath.join(root, "bin", crate)) for crate in _crates(arguments))


# --- which libraries its crates link


def _linked(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    """The crates of a project, by its lock file or its manifests; `cargo install CRATE` names them itself."""
    crates = () if arguments.has("--path") else _crates(arguments)
    dynamic = ("crt-dynamic",) if any("-crt-static" in value for value in invocation.env.values()) else ()
    if crates and "install" in invocation.words:
        return LanguageInstall("cargo install", "rust", packages=(*crates, *dynamic))
    own = project(invocation, arguments)
    root = workspace(invocation, own)
    names = (posixpath.join(root, "Cargo.lock"), posixpath.join(root, "Cargo.toml"), posixpath.join(own, "Cargo.toml"))
    return LanguageInstall("cargo build", "rust", packages=dynamic, manifests=tuple(dict.fromkeys(names)))


ECOSYSTEM = Ecosystem(
    name="rust",
    summary="Cargo and Rust binaries",
    images=("rust",),
    manifests=(Manifest(("Cargo.toml",), ("Cargo.toml", "Cargo.lock")),),
    sources=(
        *("*.rs", "Cargo.toml", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml", ".cargo/**", "target/**"),
        *("rustfmt.toml", ".rustfmt.toml", "clippy.toml", ".clippy.toml", "deny.toml", "recipe.json"),
    ),
    compiled=True,
    # bindgen loads it while it builds (rust-lang.github.io/rust-bindgen/requirements.html).
    toolchain=("libclang-dev", "libclang-*-dev"),
    source_endings=(".rs",),
    build_env=(
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "RUSTC_*",
        "RUSTUP_*",
        "CARGO_*",
        "SQLX_OFFLINE",
        "OPENSSL_STATIC",
        "OPENSSL_DIR",
        "PKG_CONFIG_*",
        "CC",
        "CXX",
    ),
    development=("cargo", "rustc", "rustup", "trunk", "wasm-pack", "bacon", "systemfd", "cargo-watch"),
    packages_of=packages_of,
    local_references=local_references,
    lock=Lock("Cargo.lock", presumed=("openssl-sys",)),
    steps=(
        Step(
            "cargo build|b|rustc",
            Phase.BUILD,
            option("--artifact-dir", "--out-dir"),
            scratch=both(_target, _new_lock),
            caches=_stores,
            valued=_VALUED,
            install=_linked,
            static=_statically,
            source=_CARGO,
        ),
        Step("cargo install|binstall", Phase.BUILD, scratch=_tools, caches=_stores, valued=_VALUED, tree=False, when=_only_tools, source=_CARGO),
        Step(
            "cargo install|binstall",
            Phase.BUILD,
            _installed,
            scratch=_own_target,
            caches=_stores,
            valued=_VALUED,
            install=_linked,
            static=_statically,
            source=_CARGO,
        ),
        Step(
            "cargo test|t|check|c|clippy|bench|doc|fix|audit|deny|nextest|hack",
            Phase.BUILD,
            scratch=both(_target, _new_lock),
            caches=_stores,
            valued=_VALUED,
            source=_CARGO,
        ),
        Step(
            "cargo chef",
            Phase.BUILD,
            scratch=both(_target, option("--recipe-path", otherwise=here("recipe.json"))),
            caches=_stores,
            valued=_VALUED,
            source="github.com/LukeMathWalker/cargo-chef",
        ),
        Step("cargo fetch|generate-lockfile|update|tree|metadata", Phase.BUILD, scratch=_lock, caches=_stores, valued=_VALUED, source=_CARGO),
        Step("cargo vendor", Phase.BUILD, scratch=both(_lock, _vendored), caches=_stores, valued=_VALUED, source=_CARGO),
        Step("cargo add|remove|rm", Phase.BUILD, scratch=both(_lock, _manifest), caches=_stores, valued=_VALUED, source=_CARGO),
        Step("cargo new|init", Phase.BUILD, scratch=_begun, valued=_VALUED - {"--bin"}, source=_CARGO),
        Step("cargo fmt", Phase.FETCH, source=_CARGO),
        Step("cargo version|search|locate-project|pkgid|verify-project|login|help", Phase.FETCH, source=_CARGO),
        Step("cargo clean", Phase.CLEAN, deletes=_cleaned, valued=_VALUED, source=_CARGO),
        Step("rustup default|install|update", Phase.INSTALL, scratch=_toolchains, tree=False, source=_RUSTUP),
        Step("rustup toolchain", Phase.INSTALL, scratch=_toolchains, tree=False, source=_RUSTUP),
        Step("rustup target", Phase.INSTALL, scratch=_toolchains, tree=False, source=_RUSTUP),
        Step("rustup component", Phase.INSTALL, scratch=_toolchains, tree=False, source=_RUSTUP),
        Step("rustup", Phase.FETCH, source=_RUSTUP),
        Step(
            "rustc",
            Phase.BUILD,
            option("-o", "--out-dir", otherwise=here(".")),
            valued=frozenset({"-o", "--out-dir", "-C", "--edition", "-L", "-l"}),
            source="rustc(1)",
        ),
    ),
)
