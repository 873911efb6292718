"""Deno: cached modules, tasks and executables."""

from __future__ import annotations

import posixpath

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import both, here, option
from service.image.effects import LanguageInstall, Phase

_DENO = "docs.deno.com/runtime/reference/cli"
_VALUED = frozenset(
    {
        "-c",
        "--config",
        "-o",
        "--output",
        "--outdir",
        "--import-map",
        "--lock",
        "--cert",
        "-r",
        "--target",
        "--include",
        "--exclude",
        "--root",
        "-n",
        "--name",
        "--entrypoint",
        "-e",
        "--cwd",
        "-f",
        "--filter",
        "--icon",
        "--seed",
        "--log-level",
        "-L",
        "--env-file",
        "--unstable=",
    }
)
_SETTINGS = ("deno.json", "deno.jsonc", "deno.lock", "package.json", "import_map.json")


def _store(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """DENO_DIR, which the public images set: the program reads its modules there (docs.deno.com/runtime/fundamentals/modules)."""
    return here("${DENO_DIR:-~/.cache/deno}")(invocation, arguments)


def _cached(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The store, node_modules and deno.lock in the working directory."""
    inside = here(".") if invocation.cwd != "/" else here("node_modules", "deno.lock")
    return both(_store, inside)(invocation, arguments)


def _installed(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """Programs for the user (`--global`, or a module's address as Deno 1 had it) lie in DENO_INSTALL_ROOT; else the project's dependencies."""
    addressed = any(word and ("://" in word or word.startswith(("jsr:", "npm:"))) for word in arguments.positionals)
    if not arguments.has("-g", "--global") and not addressed:
        return _cached(invocation, arguments)
    root = arguments.value("--root") or invocation.env.get("DENO_INSTALL_ROOT") or "~/.deno"
    return (posixpath.join(invocation.path(root), "bin"), *(_store(invocation, arguments) or ()))


def _compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-o`, else a name made of the script's, in the working directory."""
    return option("-o", "--output", otherwise=here("."))(invocation, arguments)


def _install(invocation: Invocation, arguments: Arguments) -> LanguageInstall | None:
    files = tuple(invocation.path(name) for name in _SETTINGS)
    return LanguageInstall("deno install", "deno", (), files, invocation.path("node_modules"), cache=None)


ECOSYSTEM = Ecosystem(
    name="deno",
    summary="Deno modules, tasks and executables",
    images=("denoland/deno",),
    manifests=(Manifest(("deno.json", "deno.jsonc"), _SETTINGS, runtime=True),),
    sources=("*.ts", "*.tsx", "*.mts", *_SETTINGS),
    interpreters=("deno",),
    runners=("deno",),
    compiled=True,
    development=("deno task dev", "deno test", "deno repl", "deno lint", "deno fmt", "deno compile", "deno bundle"),
    build_env=("DENO_DIR", "DENO_INSTALL_ROOT", "DENO_VERSION", "DENO_NO_*"),
    steps=(
        Step("deno cache", Phase.BUILD, _cached, valued=_VALUED, source=f"{_DENO}/cache"),
        Step(
            "deno install|i|add|remove|uninstall",
            Phase.INSTALL,
            _installed,
            valued=_VALUED - {"--entrypoint", "-e"},
            install=_install,
            source=f"{_DENO}/install",
        ),
        Step("deno compile", Phase.BUILD, _compiled, scratch=_store, valued=_VALUED, source=f"{_DENO}/compile: runtime and modules are in it"),
        Step(
            "deno bundle",
            Phase.BUILD,
            both(_store, option("-o", "--output", "--outdir", otherwise=here("."))),
            valued=_VALUED,
            source=f"{_DENO}/bundle",
        ),
        Step("deno task", Phase.BUILD, _cached, valued=_VALUED, source=f"{_DENO}/task: in the folder of deno.json"),
        Step("deno run", Phase.BUILD, _cached, valued=_VALUED, source=f"{_DENO}/run"),
        Step("deno check|lint|fmt|test|info|doc|types|eval", Phase.BUILD, scratch=_store, valued=_VALUED, source=_DENO),
        Step("deno --version|-V|--help", Phase.CHECK, source=_DENO),
    ),
    packages_of=lambda name, content: (),
    local_references=lambda name, content: None,
    source_endings=(".ts", ".js", ".mjs"),
)
