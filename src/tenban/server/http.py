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
    account,
    audit,
    camera_page,
    cameras,
    cases,
    duty,
    errors,
    flags,
    footage,
    footage_media,
    health,
    identity,
    incidents,
    keeping,
    lanes,
    live,
    live_stream,
    pairing,
    passkeys,
    people,
    plu,
    reference,
    register,
    register_link,
    rules,
    sale_events,
    session,
    settings,
    tokens,
    tries,
    watch,
    webhooks,
)
from tenban.api.context import Here
from tenban.api.mqtt import MqttBridge
from tenban.base.errors import TenbanError
from tenban.base.log import get_log
from tenban.db.wake import Listener
from tenban.findings.live import LiveJudge
from tenban.incidents.turns import Turns
from tenban.server.webhooks import WebhookSender
from tenban.settings.follow import LOOK_S, Follower
from tenban.web.app import install_pages
from tenban.web.guard import install_guard

log = get_log(__name__)


def build_app(here: Here, listener: Listener, judge: LiveJudge, follower: Follower) -> FastAPI:
    """Put the application together; its background tasks live as long as it does."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        here.board.attach(asyncio.get_running_loop())
        async with listener:
            tasks = [
                asyncio.create_task(_hear(listener, here), name="wake-ups"),
                asyncio.create_task(judge.run(here.board), name="judge"),
                asyncio.create_task(_follow(app, here, judge, follower), name="settings"),
                asyncio.create_task(
                    Turns(here.db, here.clock, system_actor("turns")).run(here.board), name="turns"
                ),
                asyncio.create_task(
                    WebhookSender(here, webhooks.keeper_here(here)).run(here.board), name="webhooks"
                ),
                asyncio.create_task(live.sweep(app, here), name="viewings"),
            ]
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
        # The framework's pages are open to anybody and load scripts from elsewhere; ours is web/docs.py.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.here = here
    errors.install(app)
    for module in (
        health,
        session,
        account,
        passkeys,
        identity,
        people,
        sale_events,
        register_link,
        pairing,
        register,
        plu,
        incidents,
        watch,
        lanes,
        settings,
        cameras,
        camera_page,
        rules,
        tries,
        live,
        live_stream,
        flags,
        footage,
        footage_media,
        duty,
        keeping,
        cases,
        audit,
        reference,
        tokens,
        webhooks,
    ):
        # Routes as they are: a router that is included has each of its routes analysed once more.
        app.router.routes.extend(module.router.routes)
    app.router.routes.extend(pairing.all_registers.routes)
    install_pages(app)
    install_guard(app)
    return app


async def _hear(listener: Listener, here: Here) -> None:
    """Turn wake-ups of other processes into wake-ups of this one; also look when none came for a while."""
    while True:
        await listener.wait()
        here.board.changed()


async def _follow(app: FastAPI, here: Here, judge: LiveJudge, follower: Follower) -> None:
    """Follow the configuration file: other names, registers and rules hold from the next request and fact on.

    No connection ends and no sale is forgotten. A bridge to lamps begins anew where its broker is another.
    """
    bridge: asyncio.Task[None] | None = None
    try:
        bridge = _begin(here)
        follower.applied()
        while True:
            try:
                if here.desk is not None:
                    await here.desk.keep_watch()
                changed = await asyncio.to_thread(follower.changed)
            except TenbanError as error:
                # Policy: a file or database that does not answer is asked again; what runs goes on.
                log.warning("settings not followed", why=str(error))
                changed = None
            if changed is not None:
                before, here.sites = here.sites, changed[0]
                judge.turn(*changed)
                sale_events.know(app, here.sites)
                if before.broker != here.sites.broker:
                    await _end(bridge)
                    bridge = _begin(here)
                follower.applied()
                here.board.changed()
            await asyncio.sleep(LOOK_S)
    finally:
        await _end(bridge)


def _begin(here: Here) -> asyncio.Task[None] | None:
    """Begin to speak to the broker of the lamps, where there is one."""
    here.link = None
    broker = here.sites.broker
    if broker is None:
        return None
    bridge = MqttBridge(here, broker)
    here.link = bridge
    return asyncio.create_task(bridge.run(), name="mqtt")


async def _end(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
