"""Files made to be slow: the passes that edit single lines end within seconds."""

from __future__ import annotations

import time

import pytest

from service import BuildContext, Options, refactor
from service.passes import PASSES

CONTEXT = BuildContext({"requirements.txt": "flask", "app.py": ""}, complete=True)
MINE = ("add_to_copy", "combine_runs", "order_for_cache", "copy_with_owner", "point_out", *(one.name for one in PASSES if one.opt_in))
HEAD, TAIL = "FROM python:3.12-slim\nWORKDIR /app\n", 'EXPOSE 8000\nCMD ["python", "app.py"]\n'
FILES = {
    "copies": "COPY a /app/a\n" * 1_000,
    "adds": "ADD a.txt /app/a\n" * 1_000,
    "owners": "COPY a /app/a\nRUN chown -R root:root /app/a\n" * 400,
    "lists": "RUN apt-get update\nRUN apt-get install -y curl gcc\n" * 400,
    "cleanups": "RUN rm -rf /var/lib/apt/lists/*\n" * 600,
    "packages": "COPY . .\nRUN apt-get update && apt-get install -y curl gcc\n" * 400,
    "secrets": "ENV A_TOKEN=x\n" * 1_000,
    "logins": "RUN echo " + "://a:" * 12_000 + "\n",
    "hadolint": "# hadolint ignore=DL3008\n" * 1_000
    + "RUN apt-get update\n"
    + "# hadolint ignore=DL3009\n" * 1_000
    + "RUN apt-get install -y curl\n",
}


@pytest.mark.parametrize("name", FILES)
def test_it_ends(name: str) -> None:
    start = time.process_time()
    refactor(HEAD + FILES[name] + TAIL, CONTEXT, Options(only=MINE))
    assert time.process_time() - start < 30
