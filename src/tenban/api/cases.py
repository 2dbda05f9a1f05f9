"""Cases over HTTP: put together, sealed, made into packages, taken along with ranges, proven."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.api.context import AnActor, Here, TheServer
from tenban.api.sending import send_blob
from tenban.base.clock import SECOND, from_rfc3339, to_rfc3339
from tenban.base.errors import BadInput, NotFound
from tenban.base.span import Span
from tenban.cases import desk
from tenban.cases.files import PackageFiles
from tenban.cases.model import Case, Item, Package, State
from tenban.cases.proof import BlobFile, Proof, ZipFolder, prove_package
from tenban.db import Connection
from tenban.incidents import engine

router = APIRouter(prefix="/api/v1/cases", tags=["cases"])

_RESUMED_S = 24 * 3600
_MOST_LOOKED = 10_000
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
# A proof reads the whole file: one at a time, so that it takes no more than one thread from the shop.
_PROOFS = asyncio.Semaphore(1)


class NewCase(BaseModel):
    """A case to begin."""

    title: Annotated[str, Field(max_length=1000)]
    shop: Annotated[str | None, Field(max_length=64, description="where it is not the only one")] = None


class Titled(BaseModel):
    """Another title."""

    title: Annotated[str, Field(max_length=1000)]


class Footage(BaseModel):
    """Some cameras' footage of a span."""

    cameras: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=32)]
    start_at: Annotated[str, Field(max_length=40, examples=["2026-11-22T10:15:00+09:00"])]
    end_at: Annotated[str, Field(max_length=40, examples=["2026-11-22T10:16:00+09:00"])]


class Sale(BaseModel):
    """A sale of a register."""

    register_id: Annotated[str, Field(max_length=64)]
    number: Annotated[str, Field(max_length=64)]


class Added(BaseModel):
    """Something to put into a case: exactly one of these."""

    incident: Annotated[str | None, Field(max_length=64)] = None
    sale: Sale | None = None
    footage: Footage | None = None
    note: Annotated[str | None, Field(max_length=8000)] = None


class Ordered(BaseModel):
    """A package: in which form, why, and for whom."""

    form: Annotated[str, Field(max_length=20, examples=["original", "blurred"])]
    purpose: Annotated[str, Field(max_length=1000)]
    receiver: Annotated[str, Field(max_length=200)] = ""
    side_by_side: bool = False
    sound: bool = False


class Reason(BaseModel):
    """Why."""

    reason: Annotated[str, Field(max_length=1000)]


@router.get("", summary="Cases, newest first")
async def list_cases(
    here: TheServer,
    actor: AnActor,
    q: Annotated[str | None, Query(max_length=200, description="part of the title or reference")] = None,
    state: Annotated[Literal["open", "sealed"] | None, Query()] = None,
    shop: Annotated[str | None, Query(max_length=64)] = None,
    before: Annotated[str | None, Query(max_length=36, description="the last one of the page before")] = None,
) -> dict[str, Any]:
    """Return fifty; ``next`` is the id to go on before, null at the end."""
    found = await here.db.read(lambda c: desk.find(c, actor, text=q, state=state, shop=shop, before=before))
    rows = [{**_case(case, actor), "items": items, "packages": packages} for case, items, packages in found]
    return {"cases": rows, "next": found[-1][0].id if len(found) == desk.PAGE else None}


@router.post("", status_code=201, summary="Begin a case")
async def open_case(new: NewCase, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Begin an empty case."""
    now_at, sites = here.clock.now(), here.sites
    shop = new.shop if new.shop is not None else _only_shop(here, actor)
    case = await here.db.write(lambda c: desk.open_case(c, actor, now_at, sites, shop, new.title))
    return _case(case, actor)


@router.get("/of-incident/{incident_id}", summary="The cases an incident is in")
async def of_incident(incident_id: str, here: TheServer, actor: AnActor) -> list[dict[str, Any]]:
    """Return them, oldest first."""
    found = await here.db.read(partial(desk.of_incident, actor=actor, incident_id=incident_id))
    return [_case(one, actor) for one in found]


@router.get("/{case_id}", summary="One case")
async def one_case(case_id: str, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return what is in it, its packages and its history; without contents for who may prove only."""
    return await here.db.read(partial(_whole, here=here, actor=actor, case_id=case_id))


@router.put("/{case_id}/title", summary="Give it another title")
async def rename(case_id: str, titled: Titled, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Rename an open case."""
    now_at = here.clock.now()
    return _case(await here.db.write(lambda c: desk.rename(c, actor, now_at, case_id, titled.title)), actor)


@router.post("/{case_id}/items", status_code=201, summary="Put something into it")
async def add(case_id: str, added: Added, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Add an incident, a sale, footage or a note; it is held from now on."""
    given = [one for one in (added.incident, added.sale, added.footage, added.note) if one is not None]
    if len(given) != 1:
        raise BadInput("item", expected="one of incident, sale, footage, note", came=f"{len(given)} of them")
    now_at, sites = here.clock.now(), here.sites

    def write(connection: Connection) -> Item:
        if added.incident is not None:
            return desk.add_incident(connection, actor, now_at, sites, case_id, added.incident)
        if added.sale is not None:
            register = sites.register(added.sale.register_id)
            actor.must_reach(register.shop)
            return desk.add_sale(connection, actor, now_at, sites, register, case_id, added.sale.number)
        if added.footage is not None:
            span, cameras = _span(added.footage), added.footage.cameras
            return desk.add_footage(connection, actor, now_at, sites, case_id, cameras, span)
        return desk.add_note(connection, actor, now_at, case_id, added.note or "")

    return _item(await here.db.write(write), here)


@router.delete("/{case_id}/items/{item_id}", status_code=204, summary="Take something out")
async def remove(case_id: str, item_id: str, here: TheServer, actor: AnActor) -> None:
    """Take an item out of an open case; what only this case held is let go."""
    now_at = here.clock.now()
    await here.db.write(lambda c: desk.remove(c, actor, now_at, case_id, item_id))


@router.post("/{case_id}/seal", summary="Close it for good")
async def seal(case_id: str, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Seal a case: nothing of it is changed from now on, and packages may be made."""
    now_at = here.clock.now()
    return _case(await here.db.write(lambda c: desk.seal(c, actor, now_at, case_id)), actor)


@router.post("/{case_id}/delete", status_code=204, summary="Delete it, with its packages")
async def delete(case_id: str, why: Reason, here: TheServer, actor: AnActor) -> None:
    """Delete a case and let go of all it held."""
    now_at = here.clock.now()
    gone = await here.db.write(lambda c: desk.delete(c, actor, now_at, case_id, reason=why.reason))
    files = files_of(here)
    for package in gone:
        await asyncio.to_thread(files.remove, package.case_id, package.id)


@router.post("/{case_id}/packages", status_code=201, summary="Order a package of a sealed case")
async def order(case_id: str, ordered: Ordered, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Order a package; ask for the case to see how far it is."""
    now_at = here.clock.now()
    package = await here.db.write(
        lambda c: desk.order_package(c, actor, now_at, case_id, **ordered.model_dump())
    )
    return _package(package)


@router.get("/packages/{package_id}/file", summary="The package, with Range")
async def take(package_id: str, request: Request, here: TheServer, actor: AnActor) -> Response:
    """Send a package once it is written down who takes it; a download that broke off is taken up again."""
    case, package = await here.db.read(partial(desk.package_to_take, actor=actor, package_id=package_id))
    now_at, key = here.clock.now(), f"package {actor.id} {package.id}"
    begun_at = here.looked.get(key)
    begins = request.headers.get("range", "bytes=0-").startswith("bytes=0-")
    if begins or begun_at is None or now_at - begun_at > _RESUMED_S * SECOND:
        actor.must_prove(Function.CASES_EXPORT)
        if package.sound:
            actor.must_prove(Function.MEDIA_HEAR)
        found = await asyncio.to_thread(files_of(here).open, case.id, package.id)
        await here.db.write(lambda c: desk.taken(c, actor, now_at, case, package))
        if len(here.looked) > _MOST_LOOKED:
            here.looked.clear()
        here.looked[key] = now_at
    else:
        found = await asyncio.to_thread(files_of(here).open, case.id, package.id)
    name = _UNSAFE.sub("_", f"case-{case.shop}-{case.reference}-{package.number}.zip")
    return await send_blob(request, found, "application/zip", cache="private, no-store", filename=name)


@router.post("/packages/{package_id}/proof", summary="Prove a package that is kept here")
async def prove(package_id: str, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Read it through and tell whether it is whole."""
    case, package = await here.db.read(
        partial(desk.package_to_take, actor=actor, package_id=package_id, function=Function.CASES_PROVE)
    )
    async with _PROOFS:
        proof = await asyncio.to_thread(_proof, here, case, package)
    now_at = here.clock.now()
    whole = proof.fault is None and proof.manifest_sha256 == package.manifest_sha256
    told = {"reference": case.reference, "package": package.number, "whole": whole}
    await here.db.write(
        lambda c: write_down(
            c, AuditEvent.CASE_PACKAGE_PROVEN, actor, now_at, case.id, shop=case.shop, **told
        )
    )
    return {
        "whole": whole,
        "files": proof.files,
        "bytes": proof.size,
        "key_id": proof.key_id,
        "manifest_sha256": proof.manifest_sha256,
        "fault": None if proof.fault is None else {"path": proof.fault.path, "what": proof.fault.what},
        "proven_at": to_rfc3339(now_at),
    }


@router.delete("/packages/{package_id}", status_code=204, summary="Delete one package")
async def drop_package(package_id: str, here: TheServer, actor: AnActor) -> None:
    """Destroy a package; its case stays."""
    now_at = here.clock.now()
    gone = await here.db.write(lambda c: desk.drop_package(c, actor, now_at, package_id))
    await asyncio.to_thread(files_of(here).remove, gone.case_id, gone.id)


def files_of(here: Here) -> PackageFiles:
    """Return where packages lie."""
    return PackageFiles(here.data_dir.resolve() / "cases", here.blobs.vault)


def _proof(here: Here, case: Case, package: Package) -> Proof:
    blob = files_of(here).open(case.id, package.id)
    return prove_package(ZipFolder(BlobFile(blob)))  # type: ignore[arg-type]  # a raw file reads as any other


def _only_shop(here: Here, actor: Actor) -> str:
    reached = [shop.id for shop in here.sites.shops if actor.may(Function.CASES_EDIT, shop=shop.id)]
    if not reached:
        actor.must(Function.CASES_EDIT)
        raise NotFound("there is no shop that you belong to (any more)")
    if len(reached) > 1:
        raise BadInput("shop", expected="the shop's id, since there are several", came="none")
    return reached[0]


def _span(asked: Footage) -> Span:
    try:
        start_at, end_at = from_rfc3339(asked.start_at), from_rfc3339(asked.end_at)
    except ValueError as error:
        raise BadInput("start_at, end_at", expected="RFC 3339 times with an offset", came=error) from error
    if end_at <= start_at:
        raise BadInput("end_at", expected="a time after start_at", came=asked.end_at)
    return Span(start_at, end_at)


def _whole(connection: Connection, here: Here, actor: Actor, case_id: str) -> dict[str, Any]:
    may_read = actor.may(Function.CASES_READ)
    case = desk.get(connection, actor, case_id, Function.CASES_READ if may_read else Function.CASES_PROVE)
    items, packages, history = desk.contents(connection, case)
    told: dict[str, Any] = {**_case(case, actor), "packages": [_package(one) for one in packages]}
    if not may_read:
        # Who proves reads none of what it is about.
        for one in told["packages"]:
            one["purpose"] = one["receiver"] = None
        return {**told, "items": [], "history": []}
    steps = [
        {"at": to_rfc3339(row["at"]), "who": row["actor_name"], "what": row["what"], "detail": row["detail"]}
        for row in history
    ]
    shown = [{**_item(one, here), "title": _title(connection, actor, one)} for one in items]
    return {**told, "items": shown, "history": steps}


def _title(connection: Connection, actor: Actor, item: Item) -> dict[str, str] | None:
    """Return what was seen, in both languages; None where the item is no incident."""
    if item.incident is None:
        return None
    try:
        return engine.get(connection, actor, item.incident, Function.CASES_READ).latest.title
    except NotFound:
        return None  # Policy: what a case contains is not destroyed; one gone all the same has no title.


def _case(case: Case, actor: Actor) -> dict[str, Any]:
    return {
        "id": case.id,
        "shop": case.shop,
        "reference": case.reference,
        "title": case.title if actor.may(Function.CASES_READ, shop=case.shop) else None,
        "state": case.state.value,
        "opened_at": to_rfc3339(case.opened_at),
        "opened_by": case.opened_by_name,
        "sealed_at": None if case.sealed_at is None else to_rfc3339(case.sealed_at),
        "sealed_by": case.sealed_by_name,
        "may": {
            "edit": case.state is State.OPEN and actor.may(Function.CASES_EDIT, shop=case.shop),
            "export": actor.may(Function.CASES_EXPORT, shop=case.shop),
            "original": actor.may(Function.MEDIA_UNMASKED, shop=case.shop),
            "sound": actor.may(Function.MEDIA_HEAR, shop=case.shop),
            "delete": actor.may(Function.HOLDS_MANAGE, shop=case.shop),
            "prove": actor.may(Function.CASES_PROVE, shop=case.shop),
        },
    }


def _item(item: Item, here: Here) -> dict[str, Any]:
    every = [one for camera in here.sites.cameras for one in (camera, *camera.presets())]
    names = {camera.id: camera.name for camera in every}
    registers = {register.id: register.name for register in here.sites.registers}
    return {
        "id": item.id,
        "kind": item.kind,
        "incident": item.incident,
        "register": item.register,
        "register_name": registers.get(item.register or "", item.register),
        "sale": item.sale,
        "cameras": [{"id": one, "name": names.get(one, one)} for one in item.cameras],
        "start_at": None if item.start_at is None else to_rfc3339(item.start_at),
        "end_at": None if item.end_at is None else to_rfc3339(item.end_at),
        "text": item.text,
        "added_at": to_rfc3339(item.added_at),
        "added_by": item.added_by_name,
    }


def _package(package: Package) -> dict[str, Any]:
    return {
        "id": package.id,
        "number": package.number,
        "state": package.state.value,
        "making": package.lease_at is not None,
        "progress": package.progress,
        "form": package.form.value,
        "side_by_side": package.side_by_side,
        "sound": package.sound,
        "purpose": package.purpose,
        "receiver": package.receiver,
        "why": package.why,
        "size": package.size,
        "sha256": package.sha256,
        "files": package.files,
        "ordered_at": to_rfc3339(package.ordered_at),
        "ordered_by": package.ordered_by_name,
        "made_at": None if package.made_at is None else to_rfc3339(package.made_at),
        "url": f"/api/v1/cases/packages/{package.id}/file" if package.state == "ready" else None,
    }
