"""Headers that keep a browser from doing more with an answer than showing it, and the origins whose pages may read answers."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, request

from service.http.settings import Settings

# Pages take style and script from files of this service only; nothing is inline, nothing comes from elsewhere.
_PAGE = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_DATA = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
# A drawing that is opened by itself keeps its own style, and nothing else.
_DRAWING = f"{_DATA}; style-src 'unsafe-inline'"
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ROWS: Mapping[str, tuple[tuple[str, str], ...]] = {
    kind: (*HEADERS.items(), ("Content-Security-Policy", policy)) for kind, policy in (("text/html", _PAGE), ("image/svg+xml", _DRAWING), ("", _DATA))
}
# What a page of an allowed origin may send and read beside the usual.
_ASKED = ["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "X-Request-Id"]
_SHOWN = [
    *("ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate", "X-Request-Id"),
    *("Restage-Outcome", "Restage-Verdict", "Restage-Result"),
    *("Restage-Bytes-Before", "Restage-Bytes-After", "Restage-Layers-Before", "Restage-Layers-After"),
]


def install(app: Flask, settings: Settings) -> None:
    app.after_request(_harden)
    if settings.cors_origins:
        from flask_cors import CORS

        CORS(app, origins=list(settings.cors_origins), allow_headers=_ASKED, expose_headers=_SHOWN, max_age=600, always_send=False)
        # The library leaves it out where there is one origin, though an answer to another origin has other headers.
        app.after_request(_vary)


def _vary(response: Response) -> Response:
    response.vary.add("Origin")
    return response


def _harden(response: Response) -> Response:
    response.headers.extend(_ROWS.get(response.mimetype or "", _ROWS[""]))
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
