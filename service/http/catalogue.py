"""GET /v1/passes and GET /v1/ecosystems: what the engine knows, as its own tables say it."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from service.ecosystems import ECOSYSTEMS
from service.ecosystems.proven import PROVEN
from service.http.examples import ECOSYSTEM, FINDING, PASS
from service.http.responses import EcosystemsSchema, PassesSchema
from service.passes import PASSES
from service.passes.findings import FINDINGS

blueprint = Blueprint("catalogue", __name__, description="What the engine knows")


@blueprint.route("/v1/passes")
@blueprint.response(200, PassesSchema, description="Every pass.", example={"passes": [PASS], "findings": [FINDING]})
def passes() -> dict[str, Any]:
    """List the passes in the order they run, and the findings."""
    found = [
        {
            "name": row.name,
            "summary": row.summary,
            "changes": row.changes,
            "runs": "opt-in" if row.opt_in else "default",
            "docs": f"/docs/passes/{row.name}",
        }
        for row in PASSES
    ]
    return {"passes": found, "findings": [{"code": one.code, "summary": one.summary, "docs": f"/docs/passes/{one.code}"} for one in FINDINGS]}


@blueprint.route("/v1/ecosystems")
@blueprint.response(200, EcosystemsSchema, description="Every ecosystem.", example={"ecosystems": [ECOSYSTEM]})
def ecosystems() -> dict[str, Any]:
    """List the languages and tool families that the engine recognises."""
    return {"ecosystems": [_row(value) for value in ECOSYSTEMS]}


def _row(ecosystem: Any) -> dict[str, Any]:
    return {
        "name": ecosystem.name,
        "summary": ecosystem.summary,
        "images": list(ecosystem.images),
        "manifests": sorted({name for manifest in ecosystem.manifests for name in manifest.names}),
        "evidence": "builds" if ecosystem.name in PROVEN else "analysis",
        "applications": list(PROVEN.get(ecosystem.name, ())),
    }
