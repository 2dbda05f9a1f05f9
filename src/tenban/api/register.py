"""What a register's page asks for beside events, PLU and link: approvals, its sale, its receipts."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from tenban.access.audit import AuditEvent, write_down
from tenban.access.looks import Seen, write_look
from tenban.access.model import Actor, Function
from tenban.api.cards import part_of, sale_page
from tenban.api.context import AnActor, Here, TheServer, paired_register
from tenban.api.credentials import person_by
from tenban.api.incidents import show_media
from tenban.api.register_link import links_of
from tenban.api.sending import blurred, send_blob
from tenban.api.sound import muted_clip
from tenban.base.clock import Instant, seconds, to_rfc3339
from tenban.base.errors import Conflict, Forbidden, NotFound
from tenban.db import Connection
from tenban.findings.facts import Box
from tenban.findings.hints import hint_clip, hint_incident
from tenban.pos.approvals import approve, read_approval, refuse
from tenban.pos.escpos import DRAWER, INIT, receipt_bytes
from tenban.pos.holds import hold_payment, release_payment
from tenban.pos.link import SHOWN_FOR_S, shown_to
from tenban.pos.model import SaleEvent
from tenban.pos.printer import send
from tenban.pos.receipt import receipt, sale_at
from tenban.pos.sales import Sale, current_sale
from tenban.sites.model import Register

router = APIRouter(prefix="/api/v1/registers/{register}", tags=["registers"])

_BLOB = "blob:"


class NotLinked(Conflict):
    """The till has no link to the server: nothing would reach it."""

    code = "not_linked"


class AskedApproval(BaseModel):
    """Who approves what."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    password: Annotated[str | None, Field(min_length=1, max_length=1000)] = None
    pin: Annotated[str | None, Field(min_length=1, max_length=64, description="instead of it")] = None
    what: Annotated[str, Field(max_length=40)]
    sale: Annotated[str | None, Field(max_length=64)] = None
    note: Annotated[str, Field(max_length=200)] = ""


class AskedPrint(BaseModel):
    """Which receipt, in which language."""

    sale: Annotated[str, Field(min_length=1, max_length=64)]
    language: Literal["ja", "en"] = "ja"
    drawer: bool = False


class AskedHold(BaseModel):
    """Whether payment is held."""

    held: bool
    reason: Annotated[str, Field(max_length=200)] = ""


@router.post("/approvals", summary="Staff approve something at the register")
async def ask_approval(
    register: str, asked: AskedApproval, request: Request, here: TheServer, actor: AnActor
) -> dict[str, str]:
    """Check name, password or PIN, and role; write down who approved what. Its id goes into the event."""
    till = _own(here, actor, register)
    what = read_approval(asked.what)
    now_at = here.clock.now()
    try:
        person = await person_by(request, f"approve:{register}", asked.name, asked.password, asked.pin)
        given = await here.db.write(
            partial(
                approve,
                register=actor,
                person=person,
                now_at=now_at,
                what=what,
                shop=till.shop,
                sale=asked.sale,
                note=asked.note,
                how="pin" if asked.pin is not None else "password",
            )
        )
    except (Forbidden, NotFound) as error:
        why = str(error)
        await here.db.write(
            partial(refuse, register=actor, now_at=now_at, what=what, name=asked.name, why=why)
        )
        raise
    return {"approval": given.id, "by": given.by, "by_name": given.by_name}


@router.get("/sale", summary="The register's current sale, as soon as it differs from what the asker has")
async def get_sale(
    register: str,
    here: TheServer,
    actor: AnActor,
    sale: Annotated[str | None, Query(max_length=64)] = None,
    seq: Annotated[int, Query(ge=0, description="the last one the asker has of this sale")] = 0,
    wait_s: Annotated[float, Query(ge=0, le=25)] = 0.0,
) -> dict[str, Any]:
    """Let the staff's and the shopper's side of a register see one sale; waits up to ``wait_s`` for news."""
    _own(here, actor, register)
    loop = asyncio.get_running_loop()
    give_up_s = loop.time() + wait_s
    while True:
        seen = here.board.seen
        known = await here.db.read(partial(current_sale, register=register))
        left_s = give_up_s - loop.time()
        news = known is not None and (known.sale, _last_seq(known)) != (sale, seq)
        if news or left_s <= 0:
            return {"sale": None} if known is None else _told(known)
        await here.board.wait(seen, patience_s=min(left_s, 1.0))


@router.get("/sales/{number}", summary="One of the register's sales, with its journal")
async def get_one_sale(register: str, number: str, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return a sale to refund or to void."""
    till = here.sites.register(register)
    known = await here.db.read(partial(sale_at, actor=actor, register=till, number=number))
    return _told(known)


@router.post("/receipts", status_code=204, summary="Print a receipt on the register's printer")
async def print_receipt(register: str, asked: AskedPrint, here: TheServer, actor: AnActor) -> None:
    """Print from what the sale's events told; says what the printer answered where it did not print."""
    till = _own(here, actor, register)
    if till.printer is None:
        raise NotFound(f"register {register!r} has no printer in tenban.toml")
    shop = here.sites.shop(till.shop)
    found = await here.db.read(partial(receipt, actor=actor, shop=shop, register=till, number=asked.sale))
    data = receipt_bytes(found, language=asked.language, columns=till.printer.columns)
    await send(till.printer, data + (DRAWER if asked.drawer else b""), here.sites.printer_reach)
    now_at = here.clock.now()
    await here.db.write(
        lambda connection: write_down(
            connection, AuditEvent.RECEIPT_PRINTED, actor, now_at, asked.sale, register=register
        )
    )


@router.post("/drawer", status_code=204, summary="Open the drawer at the register's printer")
async def open_drawer(register: str, here: TheServer, actor: AnActor) -> None:
    """Send the pulse that opens a drawer; the till tells ``drawer_opened`` itself."""
    till = _own(here, actor, register)
    if till.printer is None:
        raise NotFound(f"register {register!r} has no printer, and so no drawer, in tenban.toml")
    await send(till.printer, INIT + DRAWER, here.sites.printer_reach)


@router.post("/payment", status_code=204, summary="Hold or release payment at the register")
async def set_payment(
    register: str, asked: AskedHold, request: Request, here: TheServer, actor: AnActor
) -> None:
    """Let an attendant stop the payment of the sale in hand, or let it go on.

    Raises:
        NotLinked: the till would not hear of it.
    """
    till = here.sites.register(register)
    actor.must(Function.REGISTER_COMMAND, shop=till.shop, register=register)
    now_at = here.clock.now()
    if not asked.held:
        await here.db.write(partial(release_payment, actor=actor, at=now_at, register=till))
        return
    if links_of(request.app).state(register) is None:
        raise NotLinked(f"expected register {register!r} to be linked, so that its till hears of it")
    await here.db.write(partial(hold_payment, actor=actor, at=now_at, register=till, reason=asked.reason))


@router.get("/hints/{command_id}/still", summary="The picture that goes with a hint")
async def hint_still(
    register: str, command_id: str, request: Request, here: TheServer, actor: AnActor
) -> Response:
    """Send the register the picture of a hint of the last minutes, once it is written down that it looks.

    Whatever is blurred on the register's cameras is blurred on it: a shopper's screen faces the queue.
    """
    till = _own(here, actor, register)
    now_at = here.clock.now()

    def find(connection: Connection) -> tuple[str, Box | None]:
        body = shown_to(connection, actor, register, command_id, now_at)
        blob = str(body.get("still") or "").removeprefix(_BLOB)
        if not blob:
            raise NotFound(f"hint {command_id[:40]!r} has no picture")
        incident = hint_incident(connection, str(body.get("about")), register) if masks else None
        part = None if incident is None else part_of(incident, blob, here.sites)
        if masks and part is None:
            raise NotFound(f"hint {command_id[:40]!r} has no picture whose blurred parts are known")
        _look(connection, here, actor, now_at, command_id, blob)
        return blob, part

    masks = here.sites.blurring(*(view.camera for view in till.views))
    blob, part = await here.db.write(find)
    found = await asyncio.to_thread(here.blobs.open, blob)
    if part is not None:
        jpeg = await blurred(await asyncio.to_thread(found.all), masks, part=part)
        return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})
    return await send_blob(request, found, "image/jpeg", cache="no-store")


@router.get("/hints/{command_id}/clip", summary="The clip that goes with a hint, as soon as it is ready")
async def get_hint_clip(
    register: str,
    command_id: str,
    request: Request,
    here: TheServer,
    actor: AnActor,
    wait_s: Annotated[float, Query(ge=0, le=25)] = 0.0,
) -> Response:
    """Send the register the clip of a hint it shows, once it is written down that it looks.

    Waits up to ``wait_s`` for one that is being cut; 202 says that it is not ready yet.

    Where something is blurred on the register's cameras, it is the blurred one.

    Raises:
        NotFound: there is none, or the hint is over.
    """
    till = _own(here, actor, register)
    masked = bool(here.sites.blurring(*(view.camera for view in till.views)))
    loop = asyncio.get_running_loop()
    give_up_s = loop.time() + wait_s
    while True:
        seen = here.board.seen
        now_at = here.clock.now()
        clip = await here.db.read(
            partial(hint_clip, actor=actor, register=register, command_id=command_id, now_at=now_at)
        )
        ref = clip.masked if masked else clip.ref
        pending = clip.state == "pending" or (clip.state == "ready" and ref is None)
        left_s = give_up_s - loop.time()
        if not pending or left_s <= 0:
            break
        await here.board.wait(seen, patience_s=min(left_s, 1.0))
    if pending:
        return JSONResponse({"state": "pending"}, 202)
    if clip.state != "ready" or ref is None:
        raise NotFound(f"hint {command_id[:40]!r} has no clip")
    blob = ref.removeprefix(_BLOB)
    found = muted_clip(await asyncio.to_thread(here.blobs.open, blob))  # nobody listens at a register
    await here.db.write(lambda connection: _look(connection, here, actor, now_at, command_id, blob))
    return await send_blob(request, found, "video/mp4", cache="no-store")


def _look(
    connection: Connection, here: Here, actor: Actor, now_at: Instant, command_id: str, blob: str
) -> None:
    """Write down that a register shows the picture of a hint, which is of the last minutes."""
    till = here.sites.register(str(actor.register))
    write_look(
        connection,
        AuditEvent.MEDIA_VIEWED,
        actor,
        now_at,
        f"hint:{command_id}",
        shop=till.shop,
        function=Function.REGISTER_LINK,
        seen=Seen(here.sites.seen_with(till.id), now_at - seconds(SHOWN_FOR_S), now_at),
        blob=blob,
    )


@router.get("/incidents/{incident_id}/media/{blob}", summary="A still of one of the register's incidents")
async def own_still(
    register: str, incident_id: str, blob: str, request: Request, here: TheServer
) -> Response:
    """Send the browser that serves as the register a picture of its own incident; by its cookie alone."""
    actor = await paired_register(request, register)
    return await show_media(incident_id, blob, request, here, actor)


def _own(here: Here, actor: Actor, register: str) -> Register:
    """Return the register, if it is the one that asks."""
    till = here.sites.register(register)
    if actor.register is None:
        raise Forbidden("expected the register itself to ask, got somebody else")
    actor.must(Function.SALES_WRITE, shop=till.shop, register=register)
    return till


def _last_seq(known: Sale) -> int:
    return max((event.seq for event in known.events if event.sale == known.sale), default=0)


def _told(known: Sale) -> dict[str, Any]:
    paid = next((event for event in reversed(known.events) if event.payments), None)
    return {
        "sale": known.sale,
        "state": known.state.value,
        "seq": _last_seq(known),
        "total": known.total,
        "cashier": known.cashier,
        "voided": known.voided,
        "refunded": known.refunded,
        "started_at": to_rfc3339(known.started_at),
        "ended_at": None if known.ended_at is None else to_rfc3339(known.ended_at),
        "lines": [
            {
                "line": line.line,
                "plu": line.plu,
                "name": line.name,
                "unit_price": line.unit_price,
                "weight_g": line.weight_g,
                "quantity": line.quantity,
                "amount": line.net_amount,
                "entered": line.entered.value if line.entered else None,
            }
            for line in known.lines
        ],
        "payments": [] if paid is None else [asdict(payment) for payment in paid.payments],
        "paid": None if paid is None else _paid(paid),
        "footage": None if known.sale is None else sale_page(known.register, known.sale),
    }


def _paid(event: SaleEvent) -> dict[str, Any]:
    return {"tendered": event.extra.get("tendered"), "change": event.extra.get("change")}
