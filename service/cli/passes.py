"""Lists the passes in the order they run."""

from __future__ import annotations

import argparse

from service.passes import PASSES

SUMMARY = "list what can be changed"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Takes none."""


def run(namespace: argparse.Namespace) -> int:
    width = max((len(row.name) for row in PASSES), default=0)
    for row in PASSES:
        print(f"{row.name:<{width}}  {row.summary}{' (only when asked for: --also)' if row.opt_in else ''}")
    return 0
