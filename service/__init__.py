"""Restage: a single-stage Dockerfile in, a verified build and runtime stage out."""

from __future__ import annotations

from service.context import BuildContext
from service.dockerfile.model import DockerfileError
from service.refactoring.refactor import refactor
from service.refactoring.result import Options, Refactoring

__all__ = ["BuildContext", "DockerfileError", "Options", "Refactoring", "refactor"]
