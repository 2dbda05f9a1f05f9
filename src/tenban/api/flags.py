"""Flags people set on the timeline of footage: set, named otherwise, taken off, put back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from tenban.access.model import Function
from tenban.api.context import AnActor, TheServer
from tenban.api.filmed import camera_of, instant_of
from tenban.base.clock import to_rfc3339
from tenban.base.errors import NotFound
from tenban.pos import flags as pos_flags
from tenban.pos.flags import Flag

router = APIRouter(prefix="/api/v1/footage/flags", tags=["footage"])


class FlagSet(BaseModel):
    """A moment that somebody marks."""

    shop: Annotated[str, Field(max_length=64)]
    at: Annotated[str, Field(max_length=40, examples=["2026-11-22T12:05:57.123+09:00"])]
    name: Annotated[str, Field(max_length=200)]
    note: Annotated[str, Field(max_length=2000)] = ""
    of_register: Annotated[str | None, Field(alias="register", max_length=64)] = None
    camera: Annotated[str | None, Field(max_length=64)] = None


class FlagWords(BaseModel):
    """What a flag is called from now on."""

    name: Annotated[str, Field(max_length=200)]
    note: Annotated[str, Field(max_length=2000)] = ""


@router.post("", summary="Mark a moment", status_code=201)
async def setflag_told(flag: FlagSet, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Write down who marks what."""
    actor.must(Function.FLAGS_SET, shop=flag.shop)
    register = None if flag.of_register is None else here.sites.register(flag.of_register)
    camera = None if flag.camera is None else camera_of(here.sites, actor, flag.camera)
    if any(one is not None and one.shop != flag.shop for one in (register, camera)):
        raise NotFound(f"shop {flag.shop[:60]!r} has no such register or camera")
    at, now_at = instant_of("at", flag.at), here.clock.now()
    made = await here.db.write(
        lambda connection: pos_flags.set_flag(
            connection,
            actor,
            now_at,
            shop=flag.shop,
            at=at,
            name=flag.name,
            note=flag.note,
            register=flag.of_register,
            camera=flag.camera,
        )
    )
    return flag_told(made)


@router.put("/{flag_id}", summary="Name a flag otherwise")
async def changeflag_told(flag_id: str, words: FlagWords, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Change a flag's name and note."""
    now_at = here.clock.now()
    changed = await here.db.write(
        lambda connection: pos_flags.change_flag(
            connection, actor, now_at, flag_id, name=words.name, note=words.note
        )
    )
    return flag_told(changed)


@router.delete("/{flag_id}", summary="Take a flag off the timeline")
async def removeflag_told(flag_id: str, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Remove a flag; it can be put back."""
    now_at = here.clock.now()
    return flag_told(
        await here.db.write(lambda connection: pos_flags.remove_flag(connection, actor, now_at, flag_id))
    )


@router.post("/{flag_id}/back", summary="Put a removed flag back")
async def put_back_flag(flag_id: str, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Undo the removal of a flag."""
    now_at = here.clock.now()
    return flag_told(
        await here.db.write(lambda connection: pos_flags.put_back_flag(connection, actor, now_at, flag_id))
    )


def flag_told(flag: Flag) -> dict[str, Any]:
    """Return a flag as it is answered."""
    return {
        "id": flag.id,
        "by": "person",
        "kind": "person",
        "at": to_rfc3339(flag.at),
        "register": flag.register,
        "camera": flag.camera,
        "name": flag.name,
        "note": flag.note,
        "made_by": flag.made_by_name,
        "made_at": to_rfc3339(flag.made_at),
        "removed_at": None if flag.removed_at is None else to_rfc3339(flag.removed_at),
    }
