"""Settings over HTTP: reading, changing, undoing, and seeing what every part runs with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from itertools import count
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from tenban.access.limits import DEFAULTS
from tenban.access.model import Actor, Function, Role
from tenban.api.context import AnActor, Here, TheServer
from tenban.api.lens import lens_of
from tenban.base.clock import to_rfc3339
from tenban.base.errors import BadInput, Conflict, Forbidden, Unavailable
from tenban.settings import words
from tenban.settings.changes import Change
from tenban.settings.desk import Plan, SettingsDesk, may_change_shared, must_see
from tenban.settings.differences import Effect
from tenban.settings.file import check
from tenban.settings.model import Revision, SettingsMoved, SettingsRefused
from tenban.settings.running import Running, running
from tenban.sites.address import shown
from tenban.sites.model import Broker, Camera, Register, Shop, Sites
from tenban.sites.signing_in import Oidc

router = APIRouter(prefix="/api/v1/settings", tags=["settings"])


class Asked(BaseModel):
    """A change, on the revision the form was read at; ``trial``: check it and tell, change nothing."""

    base: str
    change: Change
    trial: bool = False


class PutBack(BaseModel):
    """An earlier revision to put back; ``trial``: tell what would change, change nothing."""

    base: str
    to: int
    trial: bool = False


def desk_of(here: Here) -> SettingsDesk:
    """Return the desk; raises Unavailable where this server has none."""
    if here.desk is None:
        raise Unavailable("expected a server that was started with a configuration file")
    return here.desk


@router.get("", summary="The settings as they are, with the revision to base a change on")
async def read(
    here: TheServer,
    actor: AnActor,
    shop: Annotated[str | None, Query(description="only this shop whole; the others by name")] = None,
) -> dict[str, Any]:
    """Return what the actor may see; secrets are never in it."""
    revision = await desk_of(here).read(actor)
    if shop is not None:
        actor.must_reach(shop)
    try:
        sites, _ = check(revision.text)
    except BadInput:
        sites = (
            here.sites
        )  # Policy: while the file does not check, what runs is shown, and nothing can be saved.
    seen = [one for one in sites.shops if actor.reaches(one.id)]
    shared = may_change_shared(actor, sites)
    return {
        "revision": revision_of(revision, actor),
        "mistakes": revision.mistake.splitlines() if revision.mistake else [],
        "company": sites.company,
        "may": {
            "settings": actor.may(Function.SETTINGS_EDIT),
            "rules": actor.may(Function.RULES_EDIT),
            "shared": shared,
            "shops": actor.may(Function.COMPANY_EDIT),
            "retention": actor.may(Function.RETENTION_EDIT),
        },
        "all_shops": [_named(one) for one in seen],
        "shops": [_shop(one) for one in seen] if shop is None else [_shop_with_free(sites.shop(shop), sites)],
        "rules": sites.rules,
        "signing_in": _signing_in(sites) if shared and actor.may(Function.COMPANY_EDIT) else None,
        "mqtt": _broker(sites.mqtt) if shared and actor.may(Function.SETTINGS_EDIT) else None,
    }


@router.post("/changes", summary="Change something")
async def save(asked: Asked, here: TheServer, actor: AnActor) -> Any:
    """Check, write down and write the change; what is wrong is told field by field."""
    try:
        plan = await desk_of(here).save(actor, asked.base, asked.change, trial=asked.trial)
    except SettingsRefused as error:
        return told_refusal(error)
    except SettingsMoved as error:
        return _moved(error, actor)
    return _plan(plan, actor)


@router.post("/undo", summary="Put an earlier revision back")
async def undo(wanted: PutBack, here: TheServer, actor: AnActor) -> Any:
    """Write an earlier text as a new revision."""
    try:
        plan = await desk_of(here).undo(actor, wanted.base, wanted.to, trial=wanted.trial)
    except SettingsMoved as error:
        return _moved(error, actor)
    return _plan(plan, actor)


@router.get("/history", summary="Who changed what and when, newest first")
async def history(
    here: TheServer,
    actor: AnActor,
    before: Annotated[int | None, Query(description="the number of a revision")] = None,
    shop: Annotated[str | None, Query(description="only what is of this shop, or of all")] = None,
) -> dict[str, Any]:
    """Return revisions that concern the actor."""
    desk = desk_of(here)
    now = await desk.read(actor)
    if shop is not None:
        actor.must_reach(shop)
    found = await desk.history(actor, before=before, shop=shop)
    return {
        "base": now.sha256,
        "newest": now.n,
        "revisions": [revision_of(revision, actor, shop) for revision in found],
    }


@router.get("/running", summary="Which revision every part runs with")
async def running_now(here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return the parts, and whether each follows the file."""
    must_see(actor)
    now = await desk_of(here).look()
    parts = await here.db.read(running)
    return {
        "sha256": now.sha256,
        "parts": [_part(part, now) for part in parts],
        "all": now.mistake is None and all(part.sha256 == now.sha256 and not part.why for part in parts),
    }


@router.get("/mqtt", summary="Whether the broker of the lamps is there")
async def broker_now(here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return what the server's connection to it is like.

    ``state``: off, applying (the file was changed a moment ago), connecting, connected or down; ``trouble``:
    of one that is down, no_name, refused, unreachable, password, lost, not_allowed, certificate, ca_file or
    broken.
    """
    actor.must(Function.SETTINGS_EDIT)
    sites = sites_now(await desk_of(here).look())
    if not may_change_shared(actor, sites):
        raise Forbidden("expected somebody who may change what all shops share")
    wanted, link = sites.broker, here.link
    if wanted is None and link is None:
        return {"state": "off", "trouble": None, "detail": ""}
    if wanted is None or link is None or link.broker != wanted:
        return {"state": "applying", "trouble": None, "detail": ""}
    state = "connected" if link.connected else "connecting" if link.trouble is None else "down"
    trouble, detail = (link.trouble, link.detail) if state == "down" else (None, "")
    return {"state": state, "trouble": trouble, "detail": detail}


def _broker(broker: Broker | None) -> dict[str, Any]:
    if broker is None:
        return {"on": False, "host": "", "port": 1883, "user": "", "has_password": False}
    return {
        "on": broker.on,
        "host": broker.host,
        "port": broker.port,
        "user": broker.username or "",
        "has_password": bool(broker.password),
    }


def _signing_in(sites: Sites) -> dict[str, Any]:
    policy, oidc = sites.step_up, sites.oidc or Oidc("", "")
    return {
        "step_up": {**asdict(policy), "app_roles": [one for one in Role if one in policy.app_roles]},
        "sessions": [
            {
                "role": role.value,
                **asdict(sites.sessions.get(role.value, meant)),
                "default": role.value not in sites.sessions,
            }
            for role, meant in DEFAULTS.items()
        ],
        "oidc": {
            **{key: value for key, value in asdict(oidc).items() if key != "client_secret"},
            "on": sites.oidc is not None,
            "has_secret": bool(oidc.client_secret),
        },
    }


def revision_of(revision: Revision, actor: Actor, shop: str | None = None) -> dict[str, Any]:
    """Return a revision as pages show it: never its text, which holds secrets; of one shop if asked for."""
    seen = [one for one in revision.what if one.shop is None or actor.reaches(one.shop)]
    what = [one for one in seen if shop is None or one.shop in {None, shop}]
    return {
        "n": revision.n,
        "sha256": revision.sha256,
        "at": to_rfc3339(revision.at),
        "who": revision.actor_name,
        "kind": revision.kind,
        "what": [words.say(one) for one in what],
        "checks": revision.mistake is None,
    }


def told_refusal(error: SettingsRefused) -> JSONResponse:
    """Return the mistakes, each with the field it belongs beside."""
    told = [
        {"field": one.field, "where": one.where, "expected": one.expected, "came": one.came}
        for one in error.mistakes
    ]
    body = {"error": {"code": error.code, "message": str(error), "mistakes": told}}
    return JSONResponse(body, status_code=400)


def _moved(error: SettingsMoved, actor: Actor) -> JSONResponse:
    since = [revision_of(one, actor) for one in error.since]
    body = {"error": {"code": error.code, "message": str(error), "since": since}}
    return JSONResponse(body, status_code=409)


def _plan(plan: Plan, actor: Actor) -> dict[str, Any]:
    return {
        "revision": None if plan.revision is None else revision_of(plan.revision, actor),
        "what": [words.say(one) for one in plan.what],
        "shops": sorted({one.shop or "" for one in plan.what}),
        "effects": [_effect(one) for one in plan.effects],
    }


def free_id(kind: str, shop: str, taken: Mapping[str, str]) -> str:
    """Return a free id, such as ``lane-3``, or ``meguro-lane-3`` where another shop numbers its own so.

    Args:
        kind: what it begins with.
        shop: the shop it is for.
        taken: the ids in use, each with its shop.
    """
    plain = re.compile(rf"{kind}-\d+")
    elsewhere = any(owner != shop and plain.fullmatch(its_id) for its_id, owner in taken.items())
    stem = f"{shop[:48]}-{kind}" if elsewhere else kind
    return next(its_id for n in count(1) if (its_id := f"{stem}-{n}") not in taken)


def _effect(effect: Effect) -> dict[str, str]:
    return {"what": effect.what, "id": effect.id, "name": effect.name}


def _part(part: Running, now: Revision) -> dict[str, Any]:
    return {
        "part": part.part,
        "follows": part.sha256 == now.sha256 and part.why is None,
        "at": to_rfc3339(part.at),
        "why": part.why,
    }


def _named(shop: Shop) -> dict[str, Any]:
    return {
        "id": shop.id,
        "name": shop.name,
        "timezone": shop.timezone.key,
        "currency": shop.currency,
        "area": shop.area,
        "registers": len(shop.registers),
        "cameras": len(shop.cameras),
        "groups": len(shop.groups),
    }


def _shop_with_free(shop: Shop, sites: Sites) -> dict[str, Any]:
    # Ids are unique in the company, and not everybody sees all of it: so the server finds a free one.
    cameras, registers = ({one.id: one.shop for one in kind} for kind in (sites.cameras, sites.registers))
    free = {"camera": free_id("cam", shop.id, cameras), "register": free_id("lane", shop.id, registers)}
    return {**_shop(shop), "free": free}


def _shop(shop: Shop) -> dict[str, Any]:
    return {
        "id": shop.id,
        "name": shop.name,
        "timezone": shop.timezone.key,
        "currency": shop.currency,
        "area": shop.area,
        "groups": [{"id": group.id, "name": group.name} for group in shop.groups],
        "cameras": [_camera(camera) for camera in shop.cameras],
        "registers": [_register(register) for register in shop.registers],
        "retention": shop.retention.as_dict(),
        "sealing": {"footage": shop.sealed_footage},
        "masking": {"model": bool(shop.masking.model), "people": shop.masking.people},
        "notice": {**asdict(shop.notice), "published": shop.notice.published},
    }


def _camera(camera: Camera) -> dict[str, Any]:
    seen = shown(camera.url)
    return {
        "id": camera.id,
        "name": camera.name,
        "address": seen.address,
        "user": seen.user,
        "has_password": seen.has_password,
        "transport": camera.transport,
        "record": camera.record,
        "sub": shown(camera.sub).address if camera.sub else "",
        "fisheye": None if camera.fisheye is None else lens_of(camera.fisheye),
    }


def _register(register: Register) -> dict[str, Any]:
    return {
        "id": register.id,
        "name": register.name,
        "kind": register.kind,
        "group": register.group,
        "rules": register.rules,
        "views": [
            {
                "camera": view.camera,
                "detector": view.detector,
                "analysis_fps": view.analysis_fps,
                "zones": [{"role": zone.role, "polygon": zone.polygon} for zone in view.zones],
            }
            for view in register.views
        ],
    }


def sites_now(revision: Revision) -> Sites:
    """Return what the file describes; raises Conflict where it does not check."""
    try:
        return check(revision.text)[0]
    except BadInput as error:
        raise Conflict(f"the file does not check: {error}") from error
