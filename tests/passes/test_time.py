"""Files made to be slow: each pass ends within seconds."""

from __future__ import annotations

import time

import pytest

from service import BuildContext, Options, refactor
from service.passes import PASSES

CONTEXT = BuildContext({"requirements.txt": "flask", "app.py": ""}, complete=True)
HEAD, TAIL = "FROM python:3.12-slim\nWORKDIR /app\n", 'EXPOSE 8000\nCMD ["python", "app.py"]\n'
FILES = {
    "copies": "COPY a /app/a\n" * 4_000,
    "adds": "ADD a.txt /app/a\n" * 4_000,
    "owners": "COPY a /app/a\nRUN chown -R root:root /app/a\n" * 1_500,
    "lists": "RUN apt-get update\nRUN apt-get install -y curl gcc\n" * 1_500,
    "cleanups": "RUN rm -rf /var/lib/apt/lists/*\n" * 2_000,
    "packages": "COPY . .\nRUN apt-get update && apt-get install -y curl gcc\n" * 1_500,
    "secrets": "ENV A_TOKEN=x\n" * 4_000,
    "logins": "RUN echo " + "://a:" * 30_000 + "\n",
    "hadolint": "# hadolint ignore=DL3008\n" * 4_000 + "RUN apt-get update\n" + "# hadolint ignore=DL3009\n" * 4_000 + "RUN apt-get install -y curl\n",
}


@pytest.mark.parametrize("name", FILES)
def test_it_ends(name: str) -> None:
    start = time.process_time()
    refactor(HEAD + FILES[name] + TAIL, CONTEXT, Options(also=tuple(one.name for one in PASSES if one.opt_in)))
    assert time.process_time() - start < 30
