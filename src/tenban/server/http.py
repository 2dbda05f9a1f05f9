"""The web process's application: every router, the live judge, the wake-ups."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from tenban import __version__
from tenban.access.model import system_actor
from tenban.api import (
    duty,
    errors,
    health,
    incidents,
    lanes,
    live,
    plu,
    register_link,
    sale_events,
    session,
    watch,
)
from tenban.api.context import Here
from tenban.api.mqtt import MqttBridge
from tenban.db.wake import Listener
from tenban.findings.live import LiveJudge
from tenban.incidents.turns import Turns
from tenban.web.app import install_pages


def build_app(here: Here, listener: Listener, judge: LiveJudge) -> FastAPI:
    """Put the application together; its background tasks live as long as it does."""

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        here.board.attach(asyncio.get_running_loop())
        async with listener:
            tasks = [
                asyncio.create_task(_hear(listener, here), name="wake-ups"),
                asyncio.create_task(judge.run(here.board), name="judge"),
                asyncio.create_task(
                    Turns(here.db, here.clock, system_actor("turns")).run(here.board), name="turns"
                ),
            ]
            if here.sites.mqtt is not None:
                tasks.append(asyncio.create_task(MqttBridge(here).run(), name="mqtt"))
            yield
            for task in tasks:
                task.cancel()
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    app = FastAPI(
        title="Tenban",
        version=__version__,
        summary="What the till says and what the cameras see, joined.",
        lifespan=life,
        docs_url="/api/docs",
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.here = here
    errors.install(app)
    for module in (health, session, sale_events, register_link, plu, incidents, watch, lanes, live, duty):
        app.include_router(module.router)
    install_pages(app)
    return app


async def _hear(listener: Listener, here: Here) -> None:
    """Turn wake-ups of other processes into wake-ups of this one; also look when none came for a while."""
    while True:
        await listener.wait()
        here.board.changed()
