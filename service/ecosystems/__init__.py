"""The ecosystems: one module each, discovered; a module's `ECOSYSTEM` is a frozen value. No order matters: two may not claim one command."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from service.ecosystems.lookup import Catalogue, Match
from service.ecosystems.model import Arguments, Ecosystem, Invocation, Lock, Manifest, Prune, Step
from service.image.effects import Phase

ECOSYSTEMS: tuple[Ecosystem, ...] = tuple(
    module.ECOSYSTEM
    for module in (import_module(f"{__name__}.{info.name}") for info in sorted(iter_modules(__path__), key=lambda info: info.name))
    if hasattr(module, "ECOSYSTEM")
)
CATALOGUE = Catalogue(ECOSYSTEMS)

__all__ = ["CATALOGUE", "ECOSYSTEMS", "Arguments", "Catalogue", "Ecosystem", "Invocation", "Lock", "Manifest", "Match", "Phase", "Prune", "Step"]
