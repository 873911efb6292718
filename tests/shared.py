"""The evaluation data beside the repository; tests that need it are skipped by name where it is absent."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[2] / "shared"
needs_corpus = pytest.mark.skipif(not (SHARED / "corpus").is_dir(), reason="shared/corpus is absent")
needs_buildkit = pytest.mark.skipif(not (SHARED / "buildkit").is_dir(), reason="shared/buildkit is absent")


def rows(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(SHARED / "corpus" / name, "rt") as lines:
        for line in lines:
            yield json.loads(line)


def context_of(row: dict[str, Any]) -> dict[str, Any]:
    """What the corpus knows of a row's build context: files (None: not sent) and whether that is all of them."""
    tree = row.get("context_tree") or []
    files: dict[str, str | None] = {**dict.fromkeys(tree), **(row.get("manifests") or {})}
    return {"files": files, "complete": bool(tree) and row.get("context_files_total") == len(tree)}
