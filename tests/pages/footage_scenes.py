"""/footage for the screenshots: twenty minutes filmed, with a gap, sales and what they mark."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from kept import keep_footage, kept_pictures, stamped_film, tell
from pages.film import Filmer
from pages.shop import PASSWORD, PageShop, page_shop
from tenban.access.model import Role, system_actor
from tenban.base.clock import SECOND, Instant, to_rfc3339
from tenban.cases.desk import open_case
from tenban.db import Connection
from tenban.sites.model import Camera, Register, View
from tenban.video.camera_state import CameraState, CameraStatus
from tenban.video.model import IndexBatch
from tenban.video.queries import FootageIndex
from tenban.video.stills import StillServer

_NAMES = ("緑茶 500ml", "食パン 6枚切", "牛乳 1L", "りんご", "からあげ弁当", "バナナ", "歯ブラシ")
_STEP_US = 2_300_000
_AWAY = "camera cam-1: rtsp://192.168.1.21/stream1 was lost: it was silent for 5 s"
_BY = system_actor("scenes")
_HELD = {"state": "held", "is_held": True, "free_bytes": 900_000_000, "left_s": 5400}


def sales(start_at: Instant, until_at: Instant) -> list[dict[str, Any]]:
    """Sales one after the other: some with a line taken back, some cancelled, a drawer, a refund."""
    events: list[dict[str, Any]] = []
    at, number = start_at, 0

    def add(kind: str, sale: str | None, seq: int, **more: Any) -> None:
        nonlocal at
        told = {"event_id": str(uuid.uuid4()), "register": "lane-1", "sale": sale, "seq": seq, "type": kind}
        events.append({**told, "rung_at": at, **more})
        at += _STEP_US

    while at < until_at:
        number += 1
        sale, total, seq = f"0001-{number:04d}", 0, 1
        add("sale_started", sale, seq)
        for line in range(3 + number % 5):
            price, seq = 98 + 37 * line, seq + 1
            name = _NAMES[(line + number) % len(_NAMES)]
            item = {"line": str(line + 1), "plu": f"49012345678{line:02d}", "name": name, "quantity": 1}
            add("item_registered", sale, seq, item={**item, "amount": price, "entered": "scan"})
            total += price
        if number % 3 == 0:
            seq, total = seq + 1, total - 98
            add("item_voided", sale, seq, item={"line": "1", "quantity": 1})
        if number % 7 == 5:
            add("sale_cancelled", sale, seq + 1)
        else:
            add("payment_started", sale, seq + 1, total=total)
            add("paid", sale, seq + 2, total=total, payments=[{"method": "card", "amount": total}])
        if number % 6 == 0:
            add("drawer_opened", None, number, reason="両替")
        if number % 8 == 0:
            back = {"of_sale": "0001-0001", "amount": 248, "reason": "返品"}
            add("refunded", f"r{number}", 1, **back, payments=[{"method": "cash", "amount": 248}])
        at += 18 * SECOND
    return events


def render(
    browser: Browser,
    folder: Path,
    database: Path,
    wanted: list[str],
    new_page: Callable[..., Page],
    shoot: Callable[..., None],
) -> None:
    """Photograph the room busy and empty, in all sizes, languages and colours."""
    if wanted and not any("footage" in part for part in wanted):
        return
    place = folder / "footage-scenes"
    place.mkdir()
    names = ("レジ1 天井", "出入口", "バックヤード", "駐車場 (H.265)")
    cameras = tuple(Camera(f"cam-{n}", "shop-1", name, "rtsp://camera/") for n, name in enumerate(names, 1))
    views = (View("cam-1", ()), View("cam-2", ()))
    registers = [Register("lane-1", "shop-1", "1", "self", views=views)]
    with page_shop(database, place, registers=registers, cameras=cameras) as shop:
        start_at = _fill(shop, place)
        shop.add_person("sato", "佐藤", Role.SUPERVISOR)
        _cases(shop)
        pictures = StillServer(place / "pictures.sock", kept_pictures(shop.here.db, place))
        shop.here.run_dir = place
        scenes = (
            ("busy", "cam-1,cam-2"),
            ("h265", "cam-2,cam-4"),
            ("empty", "cam-3"),
            ("case", "cam-1,cam-2"),
            ("gap", "cam-1"),
        )
        for scene, camera in scenes:
            at = to_rfc3339(start_at + (560 if scene == "gap" else 410) * SECOND)
            for size in ("desktop", "tablet", "phone"):
                for language, theme in (("ja", "light"), ("en", "dark")):
                    name = f"footage-{scene}-{size}-{language}-{theme}"
                    if wanted and not any(part in name for part in wanted):
                        continue
                    page = new_page(browser, size, language, theme)
                    page.request.post(
                        f"{shop.url}/api/v1/session", data={"name": "sato", "password": PASSWORD}
                    )
                    if scene == "gap":
                        page.route("**/api/v1/footage/room", lambda route: route.fulfill(json=_HELD))
                    page.goto(f"{shop.url}/footage?register=lane-1&cameras={camera}&at={at}")
                    page.wait_for_selector("video[data-shown], .empty:not([hidden]), .none:not([hidden])")
                    page.wait_for_timeout(1_500)
                    if scene == "case":
                        page.keyboard.press("i")
                        page.keyboard.press("c")
                        page.wait_for_timeout(800)
                    shoot(page, name)
                    page.context.close()
        pictures.close()


def _cases(shop: PageShop) -> None:
    """Two cases in preparation, one with a long title."""
    titles = (
        "返品の確認 11月",
        "レジ1の取り消しが続いた件について、店長の依頼で集めた録画とジャーナル（11月22日分）",
    )

    def write(connection: Connection) -> None:
        for title in titles:
            open_case(connection, _BY, shop.here.clock.now(), shop.here.sites, "shop-1", title)

    shop.here.db.write_now(write)


def _fill(shop: PageShop, place: Path) -> Instant:
    film = place / "film.mp4"
    film.write_bytes(Filmer().forgotten_scan(3).clip)
    start_at = shop.here.clock.now() - 40 * 60 * SECOND
    for camera, from_s, length_s in (("cam-1", 0, 480), ("cam-1", 660, 540), ("cam-2", 0, 1200)):
        keep_footage(shop.here.db, place, camera, film, start_at + from_s * SECOND, length_s)
    dark = stamped_film(place / "h265.mp4", size=(640, 360), codec="libx265")
    keep_footage(shop.here.db, place, "cam-4", dark, start_at, 1200)
    away = CameraState("cam-1", CameraStatus.LOST, start_at + 480 * SECOND, _AWAY)
    back = CameraState("cam-1", CameraStatus.RECORDING, start_at + 660 * SECOND)
    FootageIndex(shop.here.db).add(IndexBatch(states=[away, back]))
    events = sales(start_at + 20 * SECOND, start_at + 1100 * SECOND)
    tell(shop.here.db, shop.here.sites, events, ahead_us=3_200_000, late_us=(20_000, 80_000, 35_000))
    return start_at
