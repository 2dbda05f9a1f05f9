"""People, managed by administrators: invited by a link, changed, disabled, let in again."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from tenban.access import invitations, managing
from tenban.access.managing import Known, Place
from tenban.access.model import Actor, Function, Role
from tenban.access.staff_codes import give, in_force
from tenban.api.context import AnActor, Here, TheServer
from tenban.base.clock import seconds, to_rfc3339
from tenban.base.errors import BadInput
from tenban.db import Connection

router = APIRouter(prefix="/api/v1/people", tags=["people"])


class Rights(BaseModel):
    """What somebody may do where."""

    display_name: Annotated[str, Field(max_length=200)] = ""
    roles: Annotated[list[Role], Field(max_length=8)]
    shop: Annotated[str | None, Field(max_length=64)] = None
    area: Annotated[str | None, Field(max_length=100)] = None
    groups: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=50)] = []
    staff_codes: Annotated[
        dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=200)] | None],
        Field(
            max_length=500,
            description="as the tills of a shop call the person, by shop; shops left out stay as they are",
        ),
    ] = {}


class Invited(Rights):
    """Who is invited."""

    name: Annotated[str, Field(max_length=200, description="what is typed at sign-in")]


class Access(BaseModel):
    """Whether somebody may sign in."""

    disabled: bool


@router.get("", summary="The people you may manage, and what can be given")
async def list_people(here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return everybody within reach, with roles, shops and areas to choose from."""
    now_at, areas = here.clock.now(), here.sites.areas
    found = await here.db.read(partial(managing.everybody, actor=actor, at=now_at, areas=areas))
    codes = await here.db.read(in_force)
    return {
        "people": [_told(one, _within(actor, codes.get(one.id, {}))) for one in found],
        "roles": [role.value for role in Role],
        "shops": [
            {
                "id": shop.id,
                "name": shop.name,
                "groups": [{"id": group.id, "name": group.name} for group in shop.groups],
            }
            for shop in here.sites.shops
            if actor.reaches(shop.id)
        ],
        "areas": [area for area, shops in areas.items() if actor.shops is None or shops <= actor.shops],
        "every_shop": actor.shops is None,
    }


@router.post("", status_code=201, summary="Invite somebody; the link is shown once")
async def invite(asked: Invited, request: Request, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Add a person without a password and return the one-time link by which they choose one."""
    now_at, areas = here.clock.now(), here.sites.areas
    place = _place(here, asked)

    def run(connection: Connection) -> tuple[Known, str]:
        person_id = managing.add_without_password(
            connection,
            actor,
            now_at,
            name=asked.name,
            display_name=asked.display_name,
            roles=asked.roles,
            place=place,
            areas=areas,
        )
        give(connection, actor, now_at, person_id, _codes(here, asked), areas)
        secret = invitations.invite(connection, actor, now_at, person_id, areas)
        return managing.one_of(connection, actor, now_at, person_id, areas), secret

    known, secret = await here.db.write(run)
    codes = {shop: code for shop, code in asked.staff_codes.items() if code}
    return {"person": _told(known, codes), **_link(request, here, secret)}


@router.put("/{person_id}", summary="Change what somebody is called and may do where")
async def change(person_id: str, asked: Rights, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Change a person; with other rights their sessions end. Returns the person."""
    place = _place(here, asked)

    def run(connection: Connection) -> None:
        managing.change_person(
            connection,
            actor,
            here.clock.now(),
            person_id,
            display_name=asked.display_name,
            roles=asked.roles,
            place=place,
            areas=here.sites.areas,
        )
        give(connection, actor, here.clock.now(), person_id, _codes(here, asked), here.sites.areas)

    return await _after(here, actor, person_id, run)


@router.post("/{person_id}/access", summary="Let somebody in no more, or again")
async def set_access(person_id: str, asked: Access, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Disable or enable a person; a disabled person's sessions end at once. Returns the person."""
    run = managing.disable if asked.disabled else managing.enable
    now_at, areas = here.clock.now(), here.sites.areas
    return await _after(here, actor, person_id, lambda c: run(c, actor, now_at, person_id, areas))


@router.post("/{person_id}/link", status_code=201, summary="A new one-time link; the password of before ends")
async def new_link(person_id: str, request: Request, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """End a person's password and sessions and return the link by which they choose a new one."""
    now_at, areas = here.clock.now(), here.sites.areas
    secret = await here.db.write(lambda c: invitations.invite(c, actor, now_at, person_id, areas))
    here.forget()
    return _link(request, here, secret)


async def _after(here: Here, actor: Actor, person_id: str, run: Any) -> dict[str, Any]:
    now_at, areas = here.clock.now(), here.sites.areas
    await here.db.write(run)
    here.forget()
    if not actor.may(Function.PEOPLE_MANAGE):
        return {}

    def find(connection: Connection) -> dict[str, Any]:
        known = managing.one_of(connection, actor, now_at, person_id, areas)
        return _told(known, _within(actor, in_force(connection).get(person_id, {})))

    return await here.db.read(find)


def _codes(here: Here, asked: Rights) -> dict[str, str | None]:
    """Return the codes of shops that the configuration knows; raises BadInput."""
    known = {shop.id for shop in here.sites.shops}
    for shop in asked.staff_codes:
        if shop not in known:
            raise BadInput("staff_codes", expected="the id of a shop", came=repr(shop))
    return asked.staff_codes


def _within(actor: Actor, codes: dict[str, str]) -> dict[str, str]:
    return {shop: code for shop, code in codes.items() if actor.reaches(shop)}


def _place(here: Here, asked: Rights) -> Place:
    """Return a place that the configuration knows; raises BadInput."""
    known = {shop.id: shop for shop in here.sites.shops}
    if asked.shop is not None and asked.shop not in known:
        raise BadInput("shop", expected="the id of a shop", came=repr(asked.shop))
    groups = {group.id for group in known[asked.shop].groups} if asked.shop is not None else set()
    for group in asked.groups:
        if group not in groups:
            expected = " | ".join(sorted(groups)) or "no group, since there is none there"
            raise BadInput("groups", expected=expected, came=repr(group))
    return Place(asked.shop, asked.area, tuple(asked.groups))


def _link(request: Request, here: Here, secret: str) -> dict[str, Any]:
    until_at = here.clock.now() + seconds(invitations.LINK_S)
    return {"link": f"{request.base_url}first/{secret}", "expires_at": to_rfc3339(until_at)}


def _told(one: Known, codes: dict[str, str]) -> dict[str, Any]:
    def at(instant: int | None) -> str | None:
        return None if instant is None else to_rfc3339(instant)

    return {
        "id": one.id,
        "name": one.name,
        "display_name": one.display_name,
        "roles": [role.value for role in one.roles],
        "shop": one.place.shop,
        "area": one.place.area,
        "groups": list(one.place.groups),
        "staff_codes": codes,
        "signed_in_at": at(one.signed_in_at),
        "disabled_at": at(one.disabled_at),
        "has_password": one.has_password,
        "invited_until": at(one.invited_until),
    }
