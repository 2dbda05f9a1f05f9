"""``/api/docs``: the API's reference, made from its own description; nothing is loaded from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from orjson import OPT_INDENT_2, dumps
from starlette.requests import Request
from starlette.responses import Response

from tenban.web.context import visitor_of
from tenban.web.page import render
from tenban.web.sign_in import to_sign_in

router = APIRouter(include_in_schema=False)

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Described:
    """One route as the page shows it."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    body: str | None
    answers: list[tuple[str, str]]


@router.get("/api/docs")
async def docs(request: Request) -> Response:
    """Show every route, by what it is about."""
    if await visitor_of(request) is None:
        return to_sign_in(request)
    described = request.app.openapi()
    shapes = described.get("components", {}).get("schemas", {})
    return render(
        request,
        "docs.html",
        groups=_groups(described),
        shapes={name: _text(schema) for name, schema in shapes.items()},
        version=described["info"]["version"],
    )


def _groups(described: dict[str, Any]) -> dict[str, list[Described]]:
    groups: dict[str, list[Described]] = {}
    for path, item in described["paths"].items():
        for method in _METHODS:
            if method in item:
                operation = item[method]
                group = (operation.get("tags") or ["other"])[0]
                groups.setdefault(group, []).append(_route(path, method, operation))
    return groups


def _route(path: str, method: str, operation: dict[str, Any]) -> Described:
    content = operation.get("requestBody", {}).get("content", {})
    body = next(iter(content.values()), None)
    return Described(
        method.upper(),
        path,
        operation.get("summary", ""),
        operation.get("description", ""),
        operation.get("parameters", []),
        None if body is None else _text(body.get("schema", {})),
        [(status, answer.get("description", "")) for status, answer in operation["responses"].items()],
    )


def _text(schema: Any) -> str:
    return dumps(schema, option=OPT_INDENT_2).decode()
