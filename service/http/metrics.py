"""What the service counts, for Prometheus, and `GET /metrics`.

Under gunicorn every process counts into files of its own in `PROMETHEUS_MULTIPROC_DIR`, and whichever is asked adds them up. `service.http.server`
sets that variable before this module is loaded; without it (tests, one process) the counts are in memory.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app
from flask_smorest import Blueprint
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from service.http import draining
from service.http.engine import ENGINE
from service.http.metrics_folder import VARIABLE

blueprint = Blueprint("metrics", __name__, description="Running the service")
# A collector gives metrics at the time of asking, as the depth of a queue: `app.config["RESTAGE_COLLECTORS"].append(collector)`.
Collect = Callable[[], Iterable[Metric]]

_IN_PROCESS = CollectorRegistry()
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter("restage_requests", "Requests answered.", ("method", "route", "status"), registry=_IN_PROCESS)
SECONDS = Histogram("restage_request_seconds", "From a request's start to its answer's end.", ("route",), buckets=_SECONDS, registry=_IN_PROCESS)
IN_FLIGHT = Gauge("restage_requests_in_flight", "Requests being answered.", registry=_IN_PROCESS, multiprocess_mode="livesum")
PROBLEMS = Counter("restage_problems", "Answers that are problem documents, by the end of their type.", ("type",), registry=_IN_PROCESS)
OUTCOMES = Counter("restage_outcomes", "Refactorings, by outcome and verdict.", ("outcome", "verdict"), registry=_IN_PROCESS)
PASSES = Counter("restage_passes_applied", "Refactorings that a pass changed.", ("name",), registry=_IN_PROCESS)
DECLINES = Counter("restage_declines", "Edits that were considered and declined, by the remark's code.", ("code",), registry=_IN_PROCESS)
SAVED = Counter("restage_saved_bytes", "Unpacked bytes that refactorings are estimated to save.", registry=_IN_PROCESS)
RATE_LIMIT_STORE_DOWN = Gauge(
    "restage_rate_limit_store_down", "1 while RATE_LIMIT_URL cannot be reached.", registry=_IN_PROCESS, multiprocess_mode="livemax"
)


def observe(document: Mapping[str, Any]) -> None:
    """Counts one refactoring, from the document of `service.report.result.as_json`: a request's, or an item's of a batch or job."""
    OUTCOMES.labels(document["outcome"], document["verdict"]["level"]).inc()
    for name in {remark["pass"] for remark in document["remarks"] if remark["kind"] == "passed"}:
        PASSES.labels(name).inc()
    for code in {remark["code"] for remark in document["remarks"] if remark["kind"] == "missed"}:
        DECLINES.labels(code).inc()
    SAVED.inc(max(0, document["report"]["savings"]["bytes"]))


@blueprint.route("/metrics")
@blueprint.response(200, {"type": "string"}, content_type="text/plain", description="Prometheus' text format.", example="restage_draining 0.0\n")
def metrics() -> Response:
    """Say what was counted, in Prometheus' text format.

    Where access control is on it needs the scope `metrics`, unless it is asked from this machine and not through a proxy.
    """
    return Response(text(current_app), content_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"})


def text(app: Flask) -> bytes:
    folder = os.environ.get(VARIABLE)
    registry = CollectorRegistry() if folder else _IN_PROCESS
    with _shared(folder):
        if folder:
            MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        counted = generate_latest(registry)
    asked = CollectorRegistry()
    for collect in (_state, *app.config["RESTAGE_COLLECTORS"]):
        asked.register(_Asked(collect))
    return counted + generate_latest(asked)


class _Asked:
    """A function as prometheus_client wants it."""

    def __init__(self, collect: Collect) -> None:
        self.collect = collect

    def describe(self) -> list[Metric]:
        """Nothing: a registry that asks when it registers would ask twice."""
        return []


def _state() -> Iterator[Metric]:
    yield InfoMetricFamily("restage_engine", "The engine, and the date of its figures.", value=dict(ENGINE))
    yield GaugeMetricFamily("restage_draining", "1 while the service is about to stop.", value=float(draining.on()))


def bury(process: int) -> None:
    """Adds what a worker that ended has counted to the counts of all that ended. Workers end often (`max_requests`): one file each would fill the
    memory and slow every look at it down. Runs in the arbiter, so never twice at once."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return
    with _shared(folder, fcntl.LOCK_EX):
        mark_process_dead(process, folder)  # type: ignore[no-untyped-call]
        for kind in ("counter", "histogram"):
            left = Path(folder, f"{kind}_{process}.db")
            if left.exists():
                _add(left, Path(folder, f"{kind}_ended.db"))
                left.unlink()


def _add(left: Path, total: Path) -> None:
    sums = MmapedDict(str(total))  # type: ignore[no-untyped-call]
    try:
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(left)):  # type: ignore[no-untyped-call]
            sums.write_value(key, sums.read_value(key)[0] + value, 0.0)  # type: ignore[no-untyped-call]
    finally:
        sums.close()  # type: ignore[no-untyped-call]


@contextmanager
def _shared(folder: str | None, kind: int = fcntl.LOCK_SH) -> Iterator[None]:
    """Nobody looks while a worker's counts move from one file to another: they would be there twice, or not at all."""
    if not folder:
        yield
        return
    with open(Path(folder, "lock"), "a") as lock:
        fcntl.flock(lock, kind)
        yield
