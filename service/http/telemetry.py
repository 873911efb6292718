"""Traces, where OTEL_EXPORTER_OTLP_ENDPOINT is set and the extra `telemetry` is installed: one span a request, with what the log line has.

OpenTelemetry's own instrumentation of Flask is not used: it records the path, the query and the user agent, which are the caller's.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any

from flask import Flask, Response, g, request

from service.http.observation import method_of, route_of
from service.http.settings import Settings
from service.version import VERSION

_log = logging.getLogger("restage")
# W3C Trace Context alone: baggage is the caller's text.
_CARRIED = ("traceparent", "tracestate")
_EXPORTER = "opentelemetry.exporter.otlp.proto.http.trace_exporter"


def install(app: Flask, settings: Settings) -> None:
    """Does nothing unless traces are asked for. A missing extra is a line in the log, not a service that does not start."""
    if not settings.telemetry_url:
        return
    try:
        import_module(_EXPORTER)
    except ImportError:
        _log.warning("OTEL_EXPORTER_OTLP_ENDPOINT is set and the extra is not installed (pip install 'restage[telemetry]'): no traces are sent")
        return
    tracing = _Tracing()
    app.before_request(tracing.begin)
    app.after_request(tracing.end)


class _Tracing:
    """Sends from a thread, so it comes to life with the first request: a thread of before the fork would be none of the worker's."""

    def __init__(self) -> None:
        self._trace = import_module("opentelemetry.trace")
        self._extract = import_module("opentelemetry.propagate").extract
        self._tracer: Any = None

    def begin(self) -> None:
        self._tracer = self._tracer or _tracer()
        carried = {name: request.headers[name] for name in _CARRIED if name in request.headers}
        g.span = self._tracer.start_span("request", context=self._extract(carried), kind=self._trace.SpanKind.SERVER)

    def end(self, response: Response) -> Response:
        span = g.pop("span", None)
        if span is None:
            return response
        method, route = method_of(request), route_of(request)
        span.update_name(f"{method} {route}")
        span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": response.status_code})
        span.set_attributes({"restage.request_id": g.request_id, "restage.outcome": response.headers.get("Restage-Outcome") or g.get("problem", "")})
        if response.status_code >= 500:
            span.set_status(self._trace.StatusCode.ERROR)
        span.end()
        return response


def _tracer() -> Any:
    resources, sdk = import_module("opentelemetry.sdk.resources"), import_module("opentelemetry.sdk.trace")
    ours = resources.Resource({resources.SERVICE_NAME: "restage", resources.SERVICE_VERSION: VERSION})
    # What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say wins.
    given = resources.OTELResourceDetector().detect()
    provider = sdk.TracerProvider(resource=ours.merge(given))
    provider.add_span_processor(import_module("opentelemetry.sdk.trace.export").BatchSpanProcessor(import_module(_EXPORTER).OTLPSpanExporter()))
    return provider.get_tracer("restage", VERSION)
