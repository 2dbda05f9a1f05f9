"""A named view's footage as a file: turned in a process of its own, and sent while it is made."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import Response
from fastapi.responses import StreamingResponse

from tenban.api.context import Here
from tenban.base.errors import TooMany, Unavailable
from tenban.base.log import get_log
from tenban.sites.fisheye import Aim
from tenban.video.child import begin_child
from tenban.video.clips import ClipPlan
from tenban.video.playback import Playback

_CHUNK = 256 * 1024
_AT_ONCE = asyncio.Semaphore(1)
"""Turning takes a core's third for as long as it lasts: one at a time, so that lanes have the rest."""

log = get_log(__name__)


async def send_turned(here: Here, playback: Playback, plan: ClipPlan, aim: Aim, filename: str) -> Response:
    """Send a cut of a fisheye camera's footage as a named view shows it; its length is not known before.

    Raises:
        TooMany: another one is being made.
        Unavailable: the process that turns it failed.
    """
    if _AT_ONCE.locked():
        raise TooMany("expected no other turned video being made, got one; try again when it is done")
    parts = _made(here.data_dir / "scratch", playback, plan, aim)
    first = await anext(parts)

    async def body() -> AsyncIterator[bytes]:
        yield first
        async for part in parts:
            yield part

    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{filename}"',
    }
    return StreamingResponse(body(), media_type="video/mp4", headers=headers)


async def _made(scratch: Path, playback: Playback, plan: ClipPlan, aim: Aim) -> AsyncIterator[bytes]:
    """Yield the video; at its end, or when nobody takes it any more, nothing is left behind."""
    async with _AT_ONCE:
        await asyncio.to_thread(scratch.mkdir, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            whole = Path(folder) / "whole.mp4"
            await asyncio.to_thread(_write, playback, plan, whole)
            child = await _begin(whole, aim)
            assert child.stdout is not None, "asked for"  # noqa: S101
            try:
                while part := await child.stdout.read(_CHUNK):
                    yield part
                if await child.wait() != 0:
                    # What was sent plays as far as it goes; that the connection breaks off tells the browser.
                    log.error("a turned video broke off", code=child.returncode)
                    raise Unavailable("expected the whole turned video, got a part of it")
            finally:
                if child.returncode is None:
                    child.kill()
                    await child.wait()


def _write(playback: Playback, plan: ClipPlan, to: Path) -> None:
    with to.open("wb") as file:
        for part in playback.read(plan):
            file.write(part)


async def _begin(whole: Path, aim: Aim) -> asyncio.subprocess.Process:
    child = await begin_child("turn-clip")
    assert child.stdin is not None, "asked for"  # noqa: S101
    child.stdin.write(json.dumps({"clip": str(whole), "aim": aim.as_json()}).encode())
    await child.stdin.drain()
    child.stdin.close()
    return child
