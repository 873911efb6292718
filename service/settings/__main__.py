"""Prints docs/configuration.md."""

import sys

from service.settings import as_markdown

sys.stdout.write(as_markdown())
