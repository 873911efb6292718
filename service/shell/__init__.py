"""Shell text to commands with exact spans."""

from __future__ import annotations

from service.shell.model import Command, Redirect, Script, Word
from service.shell.reader import read

__all__ = ["Command", "Redirect", "Script", "Word", "read"]
