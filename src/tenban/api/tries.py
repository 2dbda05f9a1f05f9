"""Trying the counting on a video of one's own over HTTP: upload, zones, progress, figures, deletion."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from tenban.access.model import Actor
from tenban.api.context import AnActor, Here, TheServer
from tenban.api.sending import send_blob
from tenban.base.clock import to_rfc3339
from tenban.base.errors import NotFound
from tenban.base.ids import new_id
from tenban.tries import desk, refusals
from tenban.tries.files import ANNOTATED, FIRST, TryFiles
from tenban.tries.model import JOURNAL_BYTES, State, Try
from tenban.tries.samples import SAMPLES, sample_of

_UPLOADS_AT_A_TIME = 4
_PRIVATE = "private, no-store"
_SILENT_S = 30.0
"""An upload of which nothing comes for so long is given up."""
_uploading: set[str] = set()


router = APIRouter(prefix="/api/v1/tries", tags=["tries"])


class PickedSample(BaseModel):
    """A sample clip."""

    sample: Annotated[str, Field(max_length=32)]


class Journal(BaseModel):
    """A file of sale events: one JSON object per line, or CSV."""

    name: Annotated[str, Field(max_length=300)]
    text: Annotated[str, Field(max_length=JOURNAL_BYTES)]


class Ordered(BaseModel):
    """What to count, and what to compare it with."""

    zones: Annotated[list[Any], Field(description='{"role": …, "polygon": [[x, y], …]} with x and y in 0–1')]
    registered: int | None = None
    journal: Journal | None = None


@router.get("", summary="One's own tries, the sample clips, and the limits")
async def list_tries(here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return tries newest first; an administrator sees everybody's."""
    found = await here.db.read(lambda connection: desk.list_for(connection, actor))
    limits = here.sites.trying
    samples = [{"key": one.key, "title": one.title, "length_s": one.length_s} for one in SAMPLES]
    return {
        "tries": [_card(one, actor) for one in found],
        "samples": samples,
        "limits": {
            "max_mb": limits.max_mb,
            "max_s": limits.max_s,
            "max_width": limits.max_width,
            "max_height": limits.max_height,
            "per_person": limits.per_person,
            "keep_h": limits.keep_h,
        },
    }


@router.post("", status_code=201, summary="Upload a video (the body is the file)")
async def upload(
    request: Request,
    here: TheServer,
    actor: AnActor,
    name: Annotated[str, Query(max_length=1000)] = "",
) -> dict[str, Any]:
    """Take a file in as it comes; it is opened and checked by the jobs process."""
    limits = here.sites.trying
    await here.db.read(lambda connection: desk.may_begin(connection, actor, limits))
    declared = request.headers.get("content-length", "")
    size = int(declared) if declared.isdecimal() else None
    if size is not None and size > limits.max_mb * 1_000_000:
        raise refusals.too_large(limits.max_mb, size)
    files = files_of(here)
    await asyncio.to_thread(files.check_room, size if size is not None else limits.max_mb * 1_000_000)
    if len(_uploading) >= _UPLOADS_AT_A_TIME or actor.id in _uploading:
        raise refusals.busy()
    _uploading.add(actor.id)
    try:
        return await _take_in(request, here, actor, files, name, size)
    finally:
        _uploading.discard(actor.id)


async def _take_in(
    request: Request, here: Here, actor: Actor, files: TryFiles, name: str, size: int | None
) -> dict[str, Any]:
    limits = here.sites.trying
    try_id = new_id(here.clock.now())
    incoming = await asyncio.to_thread(files.begin, try_id, most_mb=limits.max_mb)
    try:
        try:
            parts = aiter(request.stream())
            while True:
                async with asyncio.timeout(_SILENT_S):
                    part = await anext(parts, None)
                if part is None:
                    break
                await asyncio.to_thread(incoming.add, part)
        except (ClientDisconnect, TimeoutError) as error:
            raise refusals.broken_upload(size, incoming.size) from error
        if size is not None and incoming.size != size:
            raise refusals.broken_upload(size, incoming.size)
        await asyncio.to_thread(incoming.finish)
        now_at = here.clock.now()
        await asyncio.to_thread(files.keep, incoming, try_id)
        came = desk.Upload(name, incoming.size, incoming.sha256)
        try:
            one = await here.db.write(
                lambda connection: desk.take_upload(connection, actor, now_at, limits, try_id, came)
            )
        except BaseException:
            await asyncio.to_thread(files.remove, try_id)
            raise
    finally:
        incoming.drop()
    return _card(one, actor)


@router.post("/samples", status_code=201, summary="Begin with a sample clip")
async def pick_sample(picked: PickedSample, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Begin a try about a simulated sale; the clip is rendered at first need."""
    now_at, limits = here.clock.now(), here.sites.trying
    one = await here.db.write(
        lambda connection: desk.take_sample(connection, actor, now_at, limits, picked.sample)
    )
    return _card(one, actor)


@router.get("/{try_id}", summary="One try")
async def one_try(try_id: str, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Return where it stands and what was found."""
    return _card(await here.db.read(lambda connection: desk.get(connection, actor, try_id)), actor)


@router.post("/{try_id}/start", summary="Count, with these zones")
async def start(try_id: str, ordered: Ordered, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Order the counting; again with other zones, too."""
    now_at = here.clock.now()
    journal = (ordered.journal.name, ordered.journal.text) if ordered.journal else None
    one = await here.db.write(
        lambda connection: desk.start(
            connection,
            actor,
            now_at,
            try_id,
            zones=ordered.zones,
            registered=ordered.registered,
            journal=journal,
        )
    )
    return _card(one, actor)


@router.post("/{try_id}/cancel", summary="Stop counting; zones stay")
async def cancel(try_id: str, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Stop the counting."""
    now_at = here.clock.now()
    return _card(await here.db.write(lambda c: desk.cancel(c, actor, now_at, try_id)), actor)


@router.post("/{try_id}/retry", summary="Do again what failed")
async def retry(try_id: str, here: TheServer, actor: AnActor) -> dict[str, Any]:
    """Do it again."""
    now_at = here.clock.now()
    return _card(await here.db.write(lambda c: desk.retry(c, actor, now_at, try_id)), actor)


@router.delete("/{try_id}", status_code=204, summary="Delete at once")
async def delete(try_id: str, here: TheServer, actor: AnActor) -> None:
    """Delete the video, its pictures and its figures."""
    now_at = here.clock.now()
    await here.db.write(lambda connection: desk.delete(connection, actor, now_at, try_id))
    await asyncio.to_thread(files_of(here).remove, try_id)


@router.get("/{try_id}/picture", summary="The first picture")
async def picture(try_id: str, request: Request, here: TheServer, actor: AnActor) -> Response:
    """Send the first picture (JPEG)."""
    await _view(here, actor, try_id, "picture")
    found = await asyncio.to_thread(files_of(here).open, try_id, FIRST)
    return await send_blob(request, found, "image/jpeg", cache=_PRIVATE)


@router.get("/{try_id}/video", summary="The annotated video")
async def video(
    try_id: str,
    request: Request,
    here: TheServer,
    actor: AnActor,
    download: Annotated[bool, Query()] = False,  # noqa: FBT002  # a query parameter
) -> Response:
    """Send the annotated video (H.264 in MP4, with Range)."""
    if request.headers.get("range", "bytes=0-").startswith("bytes=0-"):
        one = await _view(here, actor, try_id, "download" if download else "video")
    else:
        one = await here.db.read(lambda connection: desk.get(connection, actor, try_id))
    if one.state != State.DONE:
        raise NotFound(f"try {try_id} is not counted")
    name = f"{_stem(one)}-annotated.mp4" if download else None
    found = await asyncio.to_thread(files_of(here).open, try_id, ANNOTATED)
    return await send_blob(request, found, "video/mp4", cache=_PRIVATE, filename=name)


@router.get("/{try_id}/report", summary="Figures and moves, as tenban count --json prints them")
async def report(try_id: str, here: TheServer, actor: AnActor) -> JSONResponse:
    """Send the report as a file."""
    one = await _view(here, actor, try_id, "report")
    if one.result is None:
        raise NotFound(f"try {try_id} is not counted")
    headers = {
        "Content-Disposition": f'attachment; filename="try-{try_id[:8]}.json"',
        "Cache-Control": "no-store",
    }
    return JSONResponse(one.result, headers=headers)


def files_of(here: Here) -> TryFiles:
    """Return where the files of tries lie."""
    return TryFiles(here.data_dir.resolve() / "tries", vault=here.blobs.vault)


async def _view(here: Here, actor: Actor, try_id: str, what: str) -> Try:
    now_at = here.clock.now()
    return await here.db.write(lambda connection: desk.view(connection, actor, now_at, try_id, what))


def _stem(one: Try) -> str:
    return one.name.rsplit(".", 1)[0] or "video"


def _card(one: Try, actor: Actor) -> dict[str, Any]:
    base = f"/api/v1/tries/{one.id}"
    done = one.state == State.DONE
    sample = sample_of(one.sample) if one.sample else None
    return {
        "id": one.id,
        "state": one.state.value,
        "name": sample.title if sample else one.name,
        "sample": one.sample,
        "truth": {"registered": sample.registered, "brought_in": sample.brought_in}
        if sample and done
        else None,
        "owner": {"id": one.owner, "name": one.owner_name, "me": one.owner == actor.id},
        "size": one.size,
        "sha256": one.sha256,
        "video": one.video,
        "zones": one.zones,
        "registered": one.registered,
        "journal": one.journal,
        "progress": one.progress,
        "begun": one.lease_at is not None,
        "result": one.result,
        "error": one.error,
        "picture_url": f"{base}/picture" if one.video else None,
        # The address changes with each count, so that no browser shows an earlier one.
        "video_url": f"{base}/video?v={one.changed_at}" if done else None,
        "report_url": f"{base}/report" if done else None,
        "created_at": to_rfc3339(one.created_at),
        "changed_at": to_rfc3339(one.changed_at),
        "delete_at": to_rfc3339(one.delete_at),
    }
