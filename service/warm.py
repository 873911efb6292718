"""Everything that a first request would wait for, done before: for services that fork workers."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

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


@contextmanager
def reading() -> Iterator[None]:
    """The bundled tables are read by other threads while what is inside goes on (loading libraries): unpacking leaves it the interpreter."""
    with ThreadPoolExecutor(2) as pool:
        # The largest come first.
        suites = [pool.submit(apt.minbase, suite) for suite in (*apt.SUITES, *apt.UBUNTU)]
        others: list[Future[Any]] = [pool.submit(tags.listed, "node"), pool.submit(npm.table), pool.submit(pip.distribution, "flask")]
        yield
        for read in (*suites, *others):
            read.result()


def warm() -> None:
    """Reads the bundled tables, answers once, and leaves what is there by then out of every garbage collection, so that forked workers share it."""
    # Two of a hundred objects of this are garbage: to look for them takes longer than to keep them.
    gc.disable()
    with reading():
        pass
    as_json(refactor(_TYPICAL), BuildContext.unknown())
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()
