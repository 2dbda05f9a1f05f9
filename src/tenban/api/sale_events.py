"""``POST /api/v1/sale-events``: the door through which tills tell what happens.

Thousands of events a second come through here, so the route takes the bare request: one JSON decoding, no
model objects, an answer put together from bytes. :class:`Door`, put before the application, spares them the
framework's layers, too; the route stays for the documentation and for an application without the door.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from tenban.access.headers import OF_DATA
from tenban.access.rates import SALE_EVENTS, buckets_of, refusals_of
from tenban.api import errors
from tenban.api.context import Here, actor_of
from tenban.base.errors import BadInput, TenbanError, TooMany
from tenban.pos.intake import Intake, Result
from tenban.pos.model import SaleEventType
from tenban.pos.parse import MAX_BODY_BYTES, MAX_EVENTS, describe
from tenban.sites.model import Sites


class BareRoute(APIRoute):
    """A route whose handler gets the request itself; it is documented like any other."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the endpoint as it is."""
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return handler


PATH = "/api/v1/sale-events"

router = APIRouter(prefix="/api/v1", tags=["sale events"], route_class=BareRoute)


def intake_of(app: FastAPI) -> Intake:
    """Return this process's door for sale events, made at its first use."""
    intake: Intake | None = getattr(app.state, "intake", None)
    if intake is None:
        here: Here = app.state.here
        intake = app.state.intake = Intake(here.db, here.clock, here.sites)
    return intake


def know(app: FastAPI, sites: Sites) -> None:
    """Take in which registers there are from now on."""
    intake: Intake | None = getattr(app.state, "intake", None)
    if intake is not None:
        intake.know(sites)


async def read_json(headers: dict[bytes, bytes], receive: Receive, *, longest: int = MAX_BODY_BYTES) -> Any:
    """Return the JSON a request carries.

    Raises:
        HTTPException: 413, more bytes than ``longest`` (the rest is not read); 415, another content type.
        BadInput: malformed JSON; the message names line and column.
        ClientDisconnect: the client went away before its request was whole.
    """
    media_type = headers.get(b"content-type", b"application/json").partition(b";")[0].strip().lower()
    if media_type != b"application/json":
        came = media_type[:80].decode("latin-1")
        raise HTTPException(415, f"content-type: expected application/json, got {came!r}")
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared) > longest:
        raise HTTPException(413, f"body: expected at most {longest} bytes, got {declared.decode()}")
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
        size += len(parts[-1])
        if size > longest:
            raise HTTPException(413, f"body: expected at most {longest} bytes, got more")
    try:
        return orjson.loads(b"".join(parts))
    except orjson.JSONDecodeError as error:
        raise BadInput(
            f"body, line {error.lineno} column {error.colno}", expected="JSON", came=error.msg
        ) from error


def answer_of(results: list[Result]) -> bytes:
    """Return the answer's bytes; event ids are UUIDs and need no escaping."""
    parts = [
        b'{"event_id":"%b","status":"%b"}' % (result.event_id.encode(), result.status.encode())
        if result.code is None and result.event_id is not None
        else orjson.dumps(
            {
                "event_id": result.event_id,
                "status": result.status,
                "error": {"code": result.code, "message": result.message},
            }
        )
        for result in results
    ]
    return b'{"results":[' + b",".join(parts) + b"]}"


class Door:
    """Stands before the whole application and takes sale events; whatever else comes goes on.

    Args:
        app: whose ``state`` holds the running server.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        scope["app"] = self._app
        try:
            body = await take_in(scope, receive)
        except (TenbanError, HTTPException) as error:
            refused = errors.answer_to(error)
            refused.headers.update(OF_DATA)
            await refused(scope, receive, send)
        except ClientDisconnect:
            return  # Policy: nobody is left to answer; nothing of a half request was kept.
        else:
            length = (b"content-length", b"%d" % len(body))
            await send({"type": "http.response.start", "status": 200, "headers": [_JSON, length, *_GUARDED]})
            await send({"type": "http.response.body", "body": body})


_JSON = (b"content-type", b"application/json")
_GUARDED = [(name.lower().encode(), value.encode()) for name, value in OF_DATA.items()]
"""What the guard adds to every answer; it stands behind this door."""

_EXAMPLE = [
    {
        "event_id": "0196a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b",
        "register": "lane-1",
        "sale": "0001-20261122-17",
        "seq": 2,
        "type": "item_registered",
        "rung_at": "2026-11-22T12:05:57.123+09:00",
        "item": {
            "line": "1",
            "plu": "4901234567894",
            "name": "緑茶 500ml",
            "quantity": 1,
            "unit_price": 198,
            "amount": 198,
            "entered": "scan",
        },
    }
]

_ERROR: dict[str, Any] = {
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    "error": {
                        "type": "object",
                        "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                        "required": ["code", "message"],
                    }
                },
                "required": ["error"],
            }
        }
    }
}

_EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["event_id", "register", "seq", "type", "rung_at"],
    "properties": {
        "event_id": {"type": "string", "format": "uuid"},
        "register": {"type": "string"},
        "sale": {"type": ["string", "null"], "maxLength": 64},
        "seq": {"type": "integer", "minimum": 1, "description": "1, 2, 3 … within one sale of one register"},
        "type": {"type": "string", "enum": [kind.value for kind in SaleEventType]},
        "rung_at": {"type": "string", "format": "date-time", "description": "by the till's clock"},
        "item": {
            "type": "object",
            "properties": {
                "line": {"type": "string"},
                "plu": {"type": "string"},
                "name": {"type": "string", "maxLength": 200},
                "quantity": {"type": "integer", "minimum": 1},
                "weight_g": {"type": ["integer", "null"], "minimum": 0},
                "unit_price": {"type": "integer", "description": "minor units"},
                "amount": {"type": "integer", "description": "minor units"},
                "entered": {"type": "string", "enum": ["scan", "key", "image"]},
            },
        },
        "total": {"type": "integer", "description": "minor units"},
        "amount": {"type": "integer", "description": "minor units"},
        "payments": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["method"],
                "properties": {
                    "method": {"type": "string"},
                    "amount": {"type": "integer"},
                    "card": {
                        "type": "string",
                        "description": "cut to its last four digits before it is kept",
                    },
                },
            },
        },
        "of_sale": {"type": "string"},
        "reason": {"type": "string", "maxLength": 500},
        "cashier": {"type": "string", "maxLength": 64},
        "note": {"type": "string", "maxLength": 500},
        "answer": {"type": "string", "enum": ["scan", "put_back"], "description": "to a hint"},
        "approval": {"type": "string", "format": "uuid", "description": "of staff, for this step"},
        "about": {"type": "string", "maxLength": 200, "description": "as the hint named it"},
    },
}

_RESULTS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["results"],
    "properties": {
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["event_id", "status"],
                "properties": {
                    "event_id": {"type": ["string", "null"]},
                    "status": {"type": "string", "enum": ["stored", "duplicate", "refused"]},
                    "error": _ERROR["content"]["application/json"]["schema"]["properties"]["error"],
                },
            },
        }
    },
}


@router.post(
    "/sale-events",
    summary="Tell sale events",
    responses={
        200: {
            "description": "Every stored event is durable. One result per event, in their order.",
            "content": {
                "application/json": {
                    "schema": _RESULTS_SCHEMA,
                    "example": {"results": [{"event_id": _EXAMPLE[0]["event_id"], "status": "stored"}]},
                }
            },
        },
        400: {"description": "No JSON array, or more than 1,000 events.", **_ERROR},
        401: {"description": "No token, or an unknown one.", **_ERROR},
        413: {"description": "More than 1 MiB.", **_ERROR},
        415: {"description": "Another content type than application/json.", **_ERROR},
        503: {"description": "The database does not commit; nothing was kept, send again.", **_ERROR},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "array", "maxItems": MAX_EVENTS, "items": _EVENT_SCHEMA},
                    "example": _EXAMPLE,
                }
            },
        }
    },
)
async def post_sale_events(request: Request) -> Response:
    """Take sale events in: each is judged on its own, 200 comes once all that is stored is durable.

    Send an event again, with the same ``event_id``, until it was answered: repeats are ``duplicate``.
    """
    return Response(await take_in(request.scope, request.receive), media_type="application/json")


async def take_in(scope: Scope, receive: Receive) -> bytes:
    """Take a request's events in and return the answer's bytes."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    here: Here = scope["app"].state.here
    actor = here.remembered(headers.get(b"authorization", b"")) or await actor_of(Request(scope))
    now_at = here.clock.now()
    wait_s = buckets_of(scope["app"], "sale_events", SALE_EVENTS).take(actor.id, now_at)
    if wait_s > 0:
        refusals_of(scope["app"]).count("rate:sale_events", now_at)
        raise TooMany(f"expected at most {SALE_EVENTS.per_s:g} requests a second; wait {wait_s:.2f} s")
    events = await read_json(headers, receive)
    if not isinstance(events, list):
        raise BadInput("body", expected="a JSON array of sale events", came=describe(events))
    return answer_of(await intake_of(scope["app"]).take_in(actor, events))
