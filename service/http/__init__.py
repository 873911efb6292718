"""The HTTP adapter: what the contract in openapi.yaml describes, over the core's one function."""

from service.http.app import create_app
from service.http.settings import Settings

__all__ = ["Settings", "create_app"]
