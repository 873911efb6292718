"""Generators of static sites that are programs of their own (hugo, zola, mdbook): everything in the project is compiled in."""

from __future__ import annotations

from service.ecosystems.model import Ecosystem, Step
from service.ecosystems.rules import here, option
from service.image.effects import Phase

_VALUED = frozenset(
    {"-s", "--source", "-d", "--destination", "-b", "--baseURL", "-e", "--environment", "-o", "--output-dir", "--dest-dir", "-c", "--config"}
)

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
            writes=option("-d", "--destination", otherwise=here("public")),
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
