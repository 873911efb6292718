"""Generators of static sites that are programs of their own (hugo, zola, mdbook): everything in the project is compiled in."""

from __future__ import annotations

import posixpath

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import here, option
from service.image.effects import Phase

_VALUED = frozenset(
    {"-s", "--source", "-d", "--destination", "-b", "--baseURL", "-e", "--environment", "-o", "--output-dir", "--dest-dir", "-c", "--config"}
)


def _published(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`--destination`, else public, both below the folder that `--source` names (gohugo.io/commands/hugo)."""
    source, named = arguments.value("-s", "--source"), arguments.values("-d", "--destination")
    if None in arguments.values("-s", "--source") or None in named:
        return None
    return (invocation.path(posixpath.join(source or ".", (named[-1] if named else None) or "public")),)


def _left(invocation: Invocation, arguments: Arguments) -> tuple[str, ...]:
    """Its lock, and the folder of what it makes of styles and images to take it from there the next time."""
    source = arguments.value("-s", "--source") or "."
    return tuple(invocation.path(posixpath.join(source, name)) for name in (".hugo_build.lock", "resources/_gen"))


ECOSYSTEM = Ecosystem(
    name="sites",
    summary="Static sites (hugo, zola, mdbook)",
    sources=("**",),
    compiled=True,
    development=("hugo server", "hugo serve", "zola serve", "mdbook serve"),
    build_env=("HUGO_*",),
    toolchain=("hugo",),
    steps=(
        Step(
            "hugo",
            Phase.BUILD,
            writes=_published,
            scratch=_left,
            caches=here("~/.cache/hugo_cache"),
            valued=_VALUED,
            source="gohugo.io/commands/hugo",
        ),
        Step("hugo version|env|config|list", Phase.CHECK, valued=_VALUED, source="gohugo.io/commands"),
        Step(
            "zola build",
            Phase.BUILD,
            writes=option("-o", "--output-dir", otherwise=here("public")),
            valued=_VALUED,
            source="getzola.org/documentation",
        ),
        Step(
            "mdbook build",
            Phase.BUILD,
            writes=option("-d", "--dest-dir", otherwise=here("book")),
            valued=_VALUED,
            source="rust-lang.github.io/mdBook",
        ),
    ),
)
