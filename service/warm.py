"""Everything that a first request would wait for, done before: for services that fork workers."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor

from service.context import BuildContext
from service.knowledge import apt, npm, pip, tags
from service.refactoring.refactor import refactor
from service.report.result import as_json

_THRESHOLDS = 10_000, 10, 10
"""Collections per new objects: a request makes tens of thousands, and next to none in circles. Python's own 700 looks at them all the time, and
at the tables' rows, which live on, every few requests."""
_TYPICAL = """\
FROM node:20
WORKDIR /app
COPY package.json package-lock.json ./
RUN apt-get update && apt-get install -y build-essential python3 && npm ci
COPY . .
RUN npm run build
EXPOSE 3000
CMD ["node", "dist/server.js"]
"""


def warm() -> None:
    """Reads the bundled tables, answers once, and leaves what is there by then out of every garbage collection, so that forked workers share it."""
    # Unpacking leaves the interpreter alone, so two processors share it.
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(apt.minbase, (*apt.SUITES, *apt.UBUNTU)))
    npm.table()
    pip.distribution("flask")
    tags.listed("node")
    as_json(refactor(_TYPICAL), BuildContext.unknown())
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
