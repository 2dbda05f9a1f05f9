"""The recorder process: packets → fragments, index, fan-out. Waits for nobody; imports no model."""

from __future__ import annotations

import threading

from tenban.base.clock import SystemClock
from tenban.db import Database
from tenban.server.settings import ServeSettings
from tenban.sites.config import load_sites
from tenban.video.queries import FootageIndex
from tenban.video.recorder import run_recorder
from tenban.video.settings import CameraSettings


def run(settings: ServeSettings, stop: threading.Event) -> None:
    """Record every camera until told to stop."""
    cameras = [
        CameraSettings(
            id=camera.id, url=camera.url, transport=camera.transport, speed=camera.speed, loop=camera.loop
        )
        for camera in load_sites(settings.config).cameras
        if camera.record
    ]
    db = Database.open(settings.database_url, str(settings.run_dir))
    try:
        run_recorder(
            cameras,
            settings.data_dir,
            FootageIndex(db),
            SystemClock(),
            stop,
            packets_socket=settings.packets_socket,
        )
        # Cameras that are files have an end; the part stays, or it would be started over.
        stop.wait()
    finally:
        db.close()
