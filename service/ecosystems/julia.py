"""Julia: Pkg."""

from __future__ import annotations

import re

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Manifest, Step
from service.ecosystems.rules import here
from service.image.effects import Phase

_PKG = "pkgdocs.julialang.org/v1/api"
_VALUED = frozenset({"-e", "--eval", "-E", "-t", "--threads", "-p", "-C", "--cpu-target", "-J", "--sysimage", "-L"})
_USING = re.compile(r"^(?:using|import)\s{1,9}[A-Za-z][A-Za-z0-9_, ]{0,200}$")
_CALL = re.compile(
    r"^Pkg\.(?:instantiate|precompile|add|resolve|build|status|update|activate|develop|gc|Registry\.add|Registry\.update)\([^()`;]{0,1000}\)$"
)


def _packages_only(arguments: Arguments) -> bool:
    """Whether a program is nothing but calls of Pkg: what a package's own code does when it is loaded is not asked."""
    texts = arguments.values("-e", "--eval")
    parts = [part.strip() for text in texts if text is not None for part in re.split(r"[;\n]", text) if part.strip()]
    pkg = bool(texts) and None not in texts and all(_CALL.match(part) or (_USING.match(part) and "Pkg" in part) for part in parts)
    return pkg and not arguments.positionals


def _depot(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """The depot, with packages, registries and what is precompiled, and Manifest.toml in the project (docs.julialang.org, JULIA_DEPOT_PATH)."""
    depot = (invocation.env.get("JULIA_DEPOT_PATH") or "~/.julia").split(":")[0] or "~/.julia"
    project = (".",) if invocation.cwd != "/" else ("Manifest.toml", "Project.toml")
    return here(depot, *project)(invocation, arguments)


ECOSYSTEM = Ecosystem(
    name="julia",
    summary="Julia packages",
    images=("julia",),
    manifests=(Manifest(("Project.toml",), ("Project.toml", "Manifest.toml"), runtime=True),),
    interpreters=("julia",),
    runners=("julia",),
    build_env=("JULIA_CPU_TARGET", "JULIA_PKG_*"),
    steps=(
        Step("julia", Phase.INSTALL, _depot, valued=_VALUED, when=_packages_only, source=_PKG),
        Step("julia --version|-v", Phase.CHECK, source="docs.julialang.org/en/v1/manual/command-line-interface"),
    ),
    source_endings=(".jl",),
)
