"""``GET /api/openapi.json``: how to speak to this server, for whoever may speak to it at all."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from tenban.api.context import AnActor

router = APIRouter(tags=["reference"])


@router.get("/api/openapi.json", summary="This description (OpenAPI 3.1)")
async def openapi(request: Request, actor: AnActor) -> dict[str, Any]:  # noqa: ARG001  # somebody has to ask
    """Return the description of every route."""
    described: dict[str, Any] = request.app.openapi()
    return described
