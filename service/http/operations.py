"""GET /healthz and GET /openapi.yaml."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from flask_smorest import Blueprint

from service.http.engine import ENGINE
from service.http.responses import HealthSchema

blueprint = Blueprint("operations", __name__, description="Running the service")


@blueprint.route("/healthz")
@blueprint.response(200, HealthSchema, description="The process answers.", example={"status": "ok", "engine": ENGINE})
def healthz() -> dict[str, Any]:
    """Say that the process is alive."""
    return {"status": "ok", "engine": ENGINE}


@blueprint.route("/openapi.yaml")
@blueprint.response(200, {"type": "string"}, content_type="application/yaml", description="This document.")
def openapi() -> Response:
    """Describe every route (OpenAPI 3.1)."""
    return Response(current_app.config["RESTAGE_DESCRIPTION"].text(), content_type="application/yaml")
