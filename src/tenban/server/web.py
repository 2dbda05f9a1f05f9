"""The web process: pages, API, live channels, rules and incidents. Decodes no video."""

from __future__ import annotations

import asyncio
import functools
import threading

import uvicorn

from tenban.access.model import system_actor
from tenban.api import sale_events
from tenban.api.context import Here
from tenban.base.clock import SystemClock
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.db.wake import Listener
from tenban.findings.live import LiveJudge
from tenban.notify.board import Board
from tenban.pos.link import issue_command
from tenban.server.http import build_app
from tenban.server.interpreter import settle
from tenban.server.protocol import BoundedHttp
from tenban.server.sealing import open_vault
from tenban.server.settings import ServeSettings
from tenban.server.tls import Tls, served_beside
from tenban.settings.desk import SettingsDesk
from tenban.settings.follow import Follower
from tenban.video.stills import ask_still


def run_web(settings: ServeSettings, stop: threading.Event) -> None:
    """Serve until told to stop."""
    db = Database.open(settings.database_url, str(settings.run_dir))
    clock = SystemClock()
    follower = Follower(settings.config, "web", db, clock)
    sites, rules = follower.first()
    vault = open_vault(settings, db)
    blobs = BlobStore(settings.blobs_dir, vault)
    board = Board()
    ask = functools.partial(ask_still, settings.stills_socket)
    here = Here(
        db=db,
        clock=clock,
        sites=sites,
        board=board,
        blobs=blobs,
        data_dir=settings.data_dir,
        desk=SettingsDesk(settings.config, db, clock, vault.keep_secret),
        run_dir=settings.run_dir,
        ask_still=ask,
    )
    actor = system_actor("judge")
    judge = LiveJudge(
        db=db,
        clock=clock,
        sites=sites,
        settings=rules,
        blobs=blobs,
        ask=ask,
        tell_register=functools.partial(issue_command, actor=actor),
        actor=actor,
    )
    listener = Listener(settings.database_url, str(settings.run_dir), "web")
    app = build_app(here, listener, judge, follower)
    config = uvicorn.Config(
        sale_events.Door(app),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        # Which proxies are believed is said in the file, see web/proxies.py.
        proxy_headers=False,
        timeout_graceful_shutdown=2,
        ws_ping_interval=20,
        # Live pictures do not get smaller by it, and commands to tills are short.
        ws_per_message_deflate=False,
        http=BoundedHttp,
    )
    tls = Tls.of(settings, clock)
    if tls is not None:
        tls.prepare(config)
    server = uvicorn.Server(config)

    async def serve() -> None:
        async with served_beside(tls, config):
            await server.serve()

    def end_with(stop: threading.Event) -> None:
        stop.wait()
        server.should_exit = True

    settle()
    threading.Thread(target=end_with, args=(stop,), name="stop-watch", daemon=True).start()
    try:
        asyncio.run(serve())
    finally:
        db.close()
