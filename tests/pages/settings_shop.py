"""A shop whose settings pages are looked at: real pages, API, database and file; lanes' states are told."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from av import VideoFrame
from fastapi import FastAPI

from pages.pictures import counter
from pages.shop import PASSWORD, PageShop, fine_lane, free_port
from tenban.access.model import Role
from tenban.api import camera_page, cameras, reference, rules, settings, tokens, webhooks
from tenban.api.context import Here
from tenban.base.clock import SystemClock
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.notify.board import Board
from tenban.settings.desk import SettingsDesk
from tenban.sites.config import load_sites
from tenban.video.frames import Frame
from tenban.video.ring import FrameRing
from tenban.video.stills import StillServer
from vaults import sealed_blobs

HEAD = """# みどり食品の設定
[company]
name = "みどり食品"

[[shop]]
id = "shop-1"
name = "みどり食品 大宮店"
timezone = "Asia/Tokyo"
currency = "JPY"

# 係員のグループ
[[shop.group]]
id = "front"
name = "セルフレジ係"
"""

SHOP = """
[[shop]]
id = "{id}"
name = "{name}"
timezone = "Asia/Tokyo"
currency = "JPY"
"""

LANE = """
# レーン{n}のカメラ（天井）
[[shop.camera]]
id = "cam-{n}"
name = "レーン{n} 天井"
url = "{url}"

[[shop.register]]
id = "lane-{n}"
name = "{n}"
kind = "self"
group = "front"

[[shop.register.view]]
camera = "cam-{n}"

[[shop.register.view.zone]]
role = "basket"
polygon = [[0.05, 0.2], [0.3, 0.2], [0.3, 0.8], [0.05, 0.8]]

[[shop.register.view.zone]]
role = "bagging"  # 袋詰め台
polygon = [[0.6, 0.2], [0.95, 0.2], [0.95, 0.8], [0.6, 0.8]]
"""


def configuration(lanes: int = 2) -> str:
    text = HEAD
    for n in range(1, lanes + 1):
        text += LANE.format(n=n, url=f"rtsp://admin:geheim@192.168.1.{20 + n}/stream1")
    return text + "\n[rules.item_not_registered]\nspare_explains = true\n"


class SettingsShop(PageShop):
    """The shop, its file, and who is there."""

    @property
    def config(self) -> Path:
        assert self.here.desk is not None
        return self.here.desk.path

    @property
    def text(self) -> str:
        return self.config.read_text(encoding="utf-8")

    def _app(self) -> FastAPI:
        app = super()._app()
        for module in (settings, cameras, camera_page, rules, tokens, webhooks, reference):
            app.router.routes.extend(module.router.routes)
        return app


class Pictures:
    """What the watcher answers for each camera: one drawn counter, always of this moment."""

    def __init__(self, socket: Path, cameras: list[str], picture: VideoFrame | None = None) -> None:
        counted = VideoFrame.from_ndarray(counter(3, hand=None), format="bgr24").reformat(format="yuv420p")
        self._picture = picture or counted
        self._rings = {camera: FrameRing(length_s=5) for camera in cameras}
        self._server = StillServer(socket, self._rings)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._server.close()

    def _run(self) -> None:
        clock = SystemClock()
        while not self._stop.wait(0.2):
            for camera, ring in self._rings.items():
                ring.add(Frame(camera, clock.now(), self._picture))


@contextmanager
def settings_shop(
    migrated_sqlite: Path,
    folder: Path,
    *,
    text: str | None = None,
    picture: VideoFrame | None = None,
    **here_more: Any,
) -> Iterator[SettingsShop]:
    """Serve the settings pages over a fresh database and file; every camera shows ``picture``."""
    shutil.copy(migrated_sqlite, folder / "tenban.db")
    config = folder / "tenban.toml"
    config.write_text(text or configuration(), encoding="utf-8")
    database = Database.open(sqlite_url(folder / "tenban.db"), str(folder))
    clock = SystemClock()
    here = Here(
        db=database,
        clock=clock,
        sites=load_sites(config),
        board=Board(),
        blobs=sealed_blobs(database, folder),
        data_dir=folder,
        desk=SettingsDesk(config, database, clock),
        run_dir=folder,
        **here_more,
    )
    shop = SettingsShop(here, free_port(), [fine_lane(one) for one in here.sites.registers])
    shop.add_person("admin", "管理者 高橋", Role.ADMINISTRATOR)
    shop.add_person("head", "本部 中村", Role.ADMINISTRATOR, shop=None)
    shop.add_person("setup", "工事 鈴木", Role.INSTALLER)
    shop.add_person("chief", "主任 田中", Role.SUPERVISOR)
    shop.add_person("sato", "佐藤", Role.ATTENDANT)
    shop.start()
    pictures = Pictures(folder / "stills.sock", [camera.id for camera in here.sites.cameras], picture)
    try:
        yield shop
    finally:
        pictures.close()
        shop.stop()
        database.close()


__all__ = ["PASSWORD", "SettingsShop", "configuration", "settings_shop"]
