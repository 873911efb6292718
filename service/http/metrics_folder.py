"""Where the workers' counts lie. Apart from `metrics`, since prometheus_client looks at the variable when it is loaded, and this comes before."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def prepare(folder: str) -> str:
    """Makes the folder for the workers' counts, or takes away what an earlier service left in it. Before any worker starts."""
    if not folder:
        memory = Path("/dev/shm")
        return tempfile.mkdtemp(prefix="restage-metrics-", dir=memory if memory.is_dir() and os.access(memory, os.W_OK) else None)
    Path(folder).mkdir(parents=True, exist_ok=True)
    for file in Path(folder).glob("*.db"):
        file.unlink()
    return folder
