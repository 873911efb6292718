"""The HTTP adapter: what the contract in openapi.yaml describes, over the core's one function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.http.settings import Settings

if TYPE_CHECKING:
    from service.http.app import create_app

__all__ = ["Settings", "create_app"]


def __getattr__(name: str) -> Any:
    """The application is loaded when it is asked for: gunicorn's settings, in this package too, have to set up the metrics' folder before."""
    if name == "create_app":
        from service.http.app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
