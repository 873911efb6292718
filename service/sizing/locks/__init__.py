"""What the lock files of npm, yarn, pnpm and bun install."""

from __future__ import annotations

from service.sizing.locks.bun import bun_lock
from service.sizing.locks.model import Locked, Wish
from service.sizing.locks.npm import npm_lock
from service.sizing.locks.pnpm import pnpm_lock
from service.sizing.locks.yarn import yarn_lock

__all__ = ["READERS", "Locked", "Wish"]

READERS = {
    "npm-shrinkwrap.json": npm_lock,
    "package-lock.json": npm_lock,
    "yarn.lock": yarn_lock,
    "pnpm-lock.yaml": pnpm_lock,
    "bun.lock": bun_lock,
}
"""By file name: text, package.json's text (or None) and the wish -> what is installed; None for a text that is no such lock file."""
