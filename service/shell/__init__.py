"""Shell text to commands with exact spans."""

from __future__ import annotations

from service.shell.environments import environment_run, posix_shell, shell_variables
from service.shell.model import Command, Redirect, Script, Word
from service.shell.reader import read

__all__ = ["Command", "Redirect", "Script", "Word", "environment_run", "posix_shell", "read", "shell_variables"]
