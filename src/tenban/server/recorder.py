"""The recorder process: packets → fragments, index, fan-out. Waits for nobody; imports no model."""

from __future__ import annotations

import threading

from tenban.base.clock import Clock, SystemClock
from tenban.base.errors import TenbanError
from tenban.base.log import get_log
from tenban.db import Database
from tenban.db.vault import Vault
from tenban.server.sealing import open_vault
from tenban.server.settings import ServeSettings
from tenban.settings.follow import LOOK_S, Follower
from tenban.sites.model import Camera, Sites
from tenban.sites.secrets import opened_address
from tenban.video.health import Meters
from tenban.video.measures import save_measured
from tenban.video.queries import FootageIndex
from tenban.video.recorder import CameraGroup, Counters
from tenban.video.settings import CameraSettings

log = get_log(__name__)

MEASURE_S = 5.0


def run(settings: ServeSettings, stop: threading.Event) -> None:
    """Record every camera until told to stop; a camera that is changed does not touch the others."""
    clock = SystemClock()
    db = Database.open(settings.database_url, str(settings.run_dir))
    follower = Follower(settings.config, "recorder", db, clock)
    try:
        sites, _ = follower.first()
        vault = open_vault(settings, db)
        counters = Counters()
        meters = Meters(counters.health, clock.now())
        group = CameraGroup(
            settings.data_dir,
            FootageIndex(db),
            clock,
            packets_socket=settings.packets_socket,
            counters=counters,
            vault=vault,
        )
        try:
            group.follow(cameras_of(sites, vault))
            follower.applied()
            # Cameras that are files have an end; the part stays, or it would be started over.
            measured_s = clock.monotonic_s()
            while not stop.wait(LOOK_S):
                changed = follower.changed()
                if clock.monotonic_s() - measured_s >= MEASURE_S:
                    measured_s = clock.monotonic_s()
                    _measure(db, meters, counters, clock)
                if changed is not None:
                    _apply(group, changed[0], follower, vault)
        finally:
            group.close()
    finally:
        db.close()


def _measure(db: Database, meters: Meters, counters: Counters, clock: Clock) -> None:
    """Write how the streams do; nobody waits for it, and what is lost is measured again."""

    def not_kept(stream: str) -> int:
        known = counters.cameras.get(stream)
        return 0 if known is None else known.fragments_not_kept

    found = meters.measure(counters.states, not_kept, clock.now())
    db.writer.submit(lambda connection: save_measured(connection, found))


def cameras_of(sites: Sites, vault: Vault) -> list[CameraSettings]:
    """Return the cameras that are recorded, with the passwords to say to them."""
    recorded = [camera for camera in sites.cameras if camera.record]
    return [
        CameraSettings(
            id=camera.id,
            url=_opened(camera, camera.url, vault),
            transport=camera.transport,
            speed=camera.speed,
            loop=camera.loop,
            reach=sites.camera_reach,
            sealed=camera.sealed,
            sound=camera.sound,
        )
        for camera in recorded
    ] + [
        CameraSettings(
            id=camera.stream,
            url=_opened(camera, camera.sub, vault),
            transport=camera.transport,
            reach=sites.camera_reach,
            keep=False,
        )
        for camera in recorded
        if camera.sub
    ]


def _opened(camera: Camera, url: str, vault: Vault) -> str:
    try:
        return opened_address(url, vault)
    except TenbanError as error:
        # Policy: the camera will refuse, and say so on its own; the others are recorded.
        log.error("password cannot be opened", camera=camera.id, why=str(error))  # noqa: TRY400  # why says it
        return url


def _apply(group: CameraGroup, sites: Sites, follower: Follower, vault: Vault) -> None:
    try:
        group.follow(cameras_of(sites, vault))
    except TenbanError as error:
        # Policy: a camera that cannot be begun is told; those that run go on.
        log.warning("a camera could not be begun", why=str(error))
        follower.applied(str(error))
        return
    follower.applied()
