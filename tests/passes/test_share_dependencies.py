"""Stage names as people write them: two more stages must not change what a COPY --from means."""

from __future__ import annotations

import pytest

from service import Options, refactor
from tests.passes.test_examples import CONTEXTS

FILE = """FROM node:22 AS {name}
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build
RUN npm prune --omit=dev

FROM node:22-slim
WORKDIR /app
COPY --from={source} /app /app
CMD ["node", "dist/server.js"]
"""


@pytest.mark.parametrize(
    ("name", "source", "outcome"),
    [("build", "build", "split"), ("Build", "build", "split"), ("build", "0", "unchanged"), ("Build", "Build", "unchanged")],
)
def test_a_stage_by_number_or_in_another_case_stays(name: str, source: str, outcome: str) -> None:
    text = FILE.format(name=name, source=source)
    found = refactor(text, CONTEXTS["share_dependencies"], Options(only=("share_dependencies",)))
    assert found.outcome == outcome
    assert (found.dockerfile == text) == (outcome == "unchanged")
