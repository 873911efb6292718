"""The language: reading Dockerfiles without losing a byte."""

from __future__ import annotations

from service.dockerfile.model import Dockerfile, DockerfileError, Flag, Heredoc, Instruction, Stage
from service.dockerfile.reader import read, read_fragment

__all__ = ["Dockerfile", "DockerfileError", "Flag", "Heredoc", "Instruction", "Stage", "read", "read_fragment"]
