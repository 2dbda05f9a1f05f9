"""Screens of /watch with twelve lanes: busy, passed on, handed over, live, settings, reduced, late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, Page

from pages.film import Filmer
from pages.shop import JUDGE, PASSWORD, PageShop, begin_sale, page_shop, pair_with, self_checkouts
from tenban.access.model import Role
from tenban.base.clock import SystemClock, seconds, to_rfc3339
from tenban.pos.holds import hold_payment, release_payment
from tenban.pos.link import acknowledge, waiting_commands
from tenban.sites.model import Camera, Register, View
from tenban.video.camera_state import CameraState, CameraStatus
from tenban.video.model import IndexBatch
from tenban.video.queries import FootageIndex

SIZES = ("desktop", "tablet", "phone")
NewPage = Callable[[Browser, str, str, str], Page]
Shoot = Callable[[Page, str], None]


def render(
    browser: Browser, folder: Path, database: Path, wanted: list[str], new_page: NewPage, shoot: Shoot
) -> None:
    """Render every scene whose name contains one of the wanted words, or all."""
    numbers = range(1, 13)
    cameras = tuple(Camera(f"cam-{n}", "shop-1", f"天井 {n}", f"rtsp://camera/{n}") for n in numbers)
    registers = [
        replace(
            one,
            views=(View(f"cam-{place + 1}", ()),),
            at=(place % 6 + 1, place // 6 + 1),
            kind="staffed" if one.id == "lane-12" else one.kind,
        )
        for place, one in enumerate(self_checkouts(12, name="{n}"))
    ]
    with page_shop(database, folder, registers=registers, cameras=cameras) as shop:
        shop.add_person("sato", "佐藤")
        shop.add_person("tanaka", "田中")
        shop.add_person("mori", "森", Role.SUPERVISOR)
        _fill(shop, registers)
        for scene, act, name, path, sizes in SCENES:
            for size in sizes:
                for language in ("ja", "en"):
                    for theme in ("light", "dark"):
                        title = f"watch-{scene}-{size}-{language}-{theme}"
                        if wanted and not any(part in title for part in wanted):
                            continue
                        page = _signed_in(browser, shop, new_page, (size, language, theme), name, path)
                        act(shop, page)
                        page.wait_for_timeout(400)
                        shoot(page, title)
                        page.context.close()


def _signed_in(
    browser: Browser, shop: PageShop, new_page: NewPage, looks: tuple[str, str, str], name: str, path: str
) -> Page:
    page = new_page(browser, *looks)
    page.request.post(f"{shop.url}/api/v1/session", data={"name": name, "password": PASSWORD})
    page.goto(shop.url + path)
    page.wait_for_selector("connection-state[data-kind=live]")
    page.wait_for_selector("incident-card")
    page.wait_for_timeout(500)
    return page


def _fill(shop: PageShop, registers: list[Register]) -> None:
    filmer = Filmer()
    now_at = SystemClock().now()
    for lane, register in zip(shop.lanes, registers, strict=True):
        lane["at"] = register.at
    since = to_rfc3339(now_at - seconds(95))
    states = [CameraState(f"cam-{n}", CameraStatus.RECORDING, now_at) for n in range(1, 13)]
    states[3] = CameraState("cam-4", CameraStatus.LOST, now_at - seconds(95), "no answer")
    FootageIndex(shop.here.db).add(IndexBatch(states=states))
    lost = {"id": "cam", "name": "天井 4", "state": "lost", "why": None, "since_at": since}
    shop.lanes[3] |= {"watched": False, "cameras": [lost]}
    why = {"ja": "画像解析が動いていません", "en": "Analysis is not running"}
    shop.lanes[8] |= {"watched": False, "why": why}
    shop.lanes[10]["till"] = {
        "connected": False,
        "clock_offset_ms": None,
        "last_event_at": to_rfc3339(now_at - seconds(2700)),
    }
    shop.lanes[1]["keeper"] = {"id": "person:other", "name": "田中"}
    shots = [filmer.forgotten_scan(seed) for seed in (1, 2, 14)]
    shop.show_live(shots[1].seen)
    kinds = ["item_not_registered", "scan_omission", "items_left_in_basket"]

    def one(lane: int, ago_s: float, **more: object) -> object:
        shot = shots[lane % 3]
        stills = (("enters_bagging", shot.seen, shot.crop, shot.box),)
        incident = shop.open(
            lane,
            kinds[lane % 3],
            operator=shot.operator,
            stills=stills,
            ago_s=ago_s,
            **more,  # type: ignore[arg-type]
        )
        shop.settle_clip(incident, shot.clip)
        return incident

    outcomes = [("true", "forgot_to_scan"), ("false_alarm", "own_thing"), ("unclear", None)]
    for place in range(6):
        shop.state(one(place * 2 + 1, 1500 - place * 200), "resolved", *outcomes[place % 3])  # type: ignore[arg-type]
    held = one(7, 260)
    shop.state(held, "confirmed")  # type: ignore[arg-type]
    shop.take(held, "佐藤")  # type: ignore[arg-type]
    taken = one(2, 120)
    shop.take(taken, "田中")  # type: ignore[arg-type]
    shop.hand_over("田中", "佐藤")
    one(12, 75, pass_on_s=0.2)
    one(5, 25)
    one(6, 4)
    shop.until(lambda: any(known.passed_on_at for known in shop.known_incidents()))


def _nothing(_shop: PageShop, _page: Page) -> None:
    """Show the page as it comes."""


def _lane(_shop: PageShop, page: Page) -> None:
    page.click(".lane-tile[data-lane=lane-12]")


def _live(_shop: PageShop, page: Page) -> None:
    page.click(".menu-button")
    page.click("[data-act=live]")
    page.wait_for_selector("live-picture img:not([hidden])")


def _prefs(_shop: PageShop, page: Page) -> None:
    page.click(".menu-button")
    page.click("[data-act=prefs]")


def _hand(_shop: PageShop, page: Page) -> None:
    page.click(".menu-button")
    page.click("[data-act=hand-over]")
    page.wait_for_selector(".colleague")


def _story(_shop: PageShop, page: Page) -> None:
    page.locator("incident-list .row").first.click()
    page.wait_for_selector(".story li")


def _late(shop: PageShop, page: Page) -> None:
    shop.stop()
    page.wait_for_selector("connection-state[data-kind=lost]")
    known = shop.known_incidents()[0]
    stills = tuple((still.label, still.ref, still.crop, still.box) for still in known.causes[-1].evidence)
    for lane, ago_s in ((8, 190), (10, 45)):
        shop.open(lane, operator=known.operator_still, stills=stills, opened_ago_s=ago_s, ago_s=ago_s)
    shop.start()
    page.wait_for_selector(".mark.late")
    page.wait_for_timeout(1_500)
    for incident in shop.known_incidents():
        if incident.place in {"lane-8", "lane-10"} and incident.outcome is None:
            shop.state(incident, "resolved", "unclear")
    page.evaluate("scrollTo(0, 0)")


def _in_hand(shop: PageShop, *, held: bool) -> None:
    """Somebody buys at lane 12, whose till is linked; payment is held by a colleague."""
    till, tanaka, now_at = shop.here.sites.register("lane-12"), shop.actor("田中"), shop.here.clock.now()
    shop.lanes[11]["till"]["connected"] = True
    shop.here.db.write_now(lambda c: begin_sale(c, "lane-12", "0001", now_at))
    change = hold_payment if held else release_payment
    shop.here.db.write_now(lambda c: change(c, tanaka, now_at, till))
    for command in shop.here.db.read_now(lambda c: waiting_commands(c, ["lane-12"], now_at)):
        shop.here.db.write_now(
            lambda c, id_=command.id: acknowledge(c, JUDGE, "lane-12", id_, "done", now_at)
        )


def _unpaid(shop: PageShop, page: Page) -> None:
    _in_hand(shop, held=False)
    _lane(shop, page)
    page.wait_for_selector("incident-card .payment:not([hidden])")


def _held(shop: PageShop, page: Page) -> None:
    _in_hand(shop, held=True)
    _lane(shop, page)
    page.wait_for_selector("lane-panel .held")


def _by_register(shop: PageShop, page: Page) -> None:
    page.context.clear_cookies(name="tenban_session")
    pair_with(shop, page, "lane-12")
    page.goto(f"{shop.url}/watch?register=lane-12")
    page.wait_for_selector("incident-card")


def _large(_shop: PageShop, page: Page) -> None:
    page.click(".menu-button")
    page.click("[data-act=prefs]")
    page.click("[data-pref=size][data-value=largest]")
    page.keyboard.press("Escape")


def _wall(shop: PageShop, page: Page) -> None:
    page.goto(f"{shop.url}/wall")
    page.wait_for_selector("wall-tile:last-child live-picture[data-how=stills]")


def _enlarged(shop: PageShop, page: Page) -> None:
    _wall(shop, page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wall[data-large] live-picture[data-how=stills]")


SCENES: list[tuple[str, Callable[[PageShop, Page], None], str, str, tuple[str, ...]]] = [
    ("twelve", _nothing, "sato", "/watch", SIZES),
    ("lane", _lane, "sato", "/watch", ("tablet", "phone")),
    ("live", _live, "sato", "/watch", ("tablet", "phone")),
    ("prefs", _prefs, "sato", "/watch", ("tablet", "phone")),
    ("hand-over", _hand, "sato", "/watch", ("tablet", "phone")),
    ("story", _story, "sato", "/watch", ("tablet", "phone")),
    ("supervisor", _nothing, "mori", "/watch", ("tablet", "phone")),
    ("large", _large, "sato", "/watch", ("tablet",)),
    ("reduced", _nothing, "sato", "/watch?register=lane-12", ("tablet", "phone")),
    ("unpaid", _unpaid, "sato", "/watch", ("tablet", "phone")),
    ("held", _held, "sato", "/watch", ("tablet", "phone")),
    ("by-register", _by_register, "sato", "/watch", ("tablet", "phone")),
    ("late", _late, "sato", "/watch", ("tablet", "phone")),
    ("wall", _wall, "sato", "/watch", SIZES),
    ("wall-large", _enlarged, "mori", "/watch", ("desktop",)),
]
