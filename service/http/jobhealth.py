"""What operators see of jobs: the queue among the metrics, and the broker among what readiness asks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial

from flask import Flask
from prometheus_client.core import GaugeMetricFamily, Metric

from service.http.readiness import WAIT_SECONDS, Board, Check
from service.jobs.settings import JobSettings

_log = logging.getLogger("restage.jobs")


def install(app: Flask, settings: JobSettings) -> None:
    """Without a broker that answers, jobs are taken and wait, so it is not required."""
    app.config["RESTAGE_COLLECTORS"].append(partial(_queue, settings))
    if settings.jobs_url:
        # Not in the check, whose time is the broker's: its library takes as long to load on a machine that is busy.
        from service.jobs import delivery

        board: Board = app.config["RESTAGE_CHECKS"]
        board.checks["broker"] = Check(partial(delivery.ask, settings.jobs_url, WAIT_SECONDS), required=False)


def _queue(settings: JobSettings) -> Iterator[Metric]:
    """From the database, so the same from any process. Nothing where there is none yet, or where it does not answer: zero would be a guess."""
    from service import database
    from service.jobs import catalogue, transactions

    if not database.exists(settings.database_url):
        return
    try:
        found = catalogue.queue(transactions.opened(settings.database_url))
    except transactions.UNAVAILABLE as error:
        _log.warning("no metrics of jobs: %s", type(error).__name__)
        return
    yield GaugeMetricFamily("restage_jobs_queued", "Chunks of jobs that wait for a worker.", value=found.waiting)
    yield GaugeMetricFamily("restage_jobs_running", "Chunks of jobs that a worker has.", value=found.running)
    yield GaugeMetricFamily("restage_jobs_dead", "Chunks of jobs on which every attempt failed.", value=found.dead)
    yield GaugeMetricFamily("restage_jobs_oldest_seconds", "Age of the oldest job with a chunk that waits.", value=found.oldest_seconds)
