"""The settings pages as customers see them: what is shown in which state."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from av import VideoFrame
from playwright.sync_api import Browser, Page, Route

from pages import signing_in_scenes as scenes
from pages.camera_scenes import ALLOW, answer_calls, camera, measure, with_sub
from pages.pictures import counter, jpeg
from pages.settings_shop import HEAD, PASSWORD, SHOP, SettingsShop, configuration, settings_shop
from pages.shop import JUDGE
from tenban.access.tables import sessions
from tenban.access.tokens import issue, pair_browser, rotate, saw_token
from tenban.api.webhooks import keeper_here
from tenban.base.clock import SystemClock, seconds
from tenban.db.engine import sqlite_url
from tenban.db.migrate import upgrade
from tenban.keeping.holds import place
from tenban.keeping.model import Destroyed
from tenban.keeping.sweep import report
from tenban.notify import webhooks
from tenban.sites.model import Broker
from vision.rooms import Board, render

SIZES = ("desktop", "tablet", "phone")
MakePage = Callable[[Browser, str, str, str], Page]
Act = Callable[[SettingsShop, Page], None]


def picture_settings(  # noqa: PLR0915  # a list of scenes
    browser: Browser, folder: Path, wanted: list[str], make_page: MakePage, shoot: Callable[[Page, str], None]
) -> None:
    """Render every settings page in every state whose name is wanted."""
    upgrade(sqlite_url(folder / "settings.db"))

    def each(
        shop: SettingsShop,
        scene: str,
        path: str,
        act: Act,
        themes: tuple[str, ...] = ("light",),
        who: str = "admin",
    ) -> None:
        for size in SIZES:
            for language in ("ja", "en"):
                for theme in themes:
                    name = f"settings-{scene}-{size}-{language}-{theme}"
                    if wanted and not any(part in name for part in wanted):
                        continue
                    page = make_page(browser, size, language, theme)
                    page.request.post(f"{shop.url}/api/v1/session", data={"name": who, "password": PASSWORD})
                    page.goto(shop.url + path)
                    act(shop, page)
                    page.wait_for_timeout(250)
                    shoot(page, name)
                    page.context.close()

    both = ("light", "dark")
    with _shop(folder, "empty", HEAD) as shop:
        each(shop, "shop-empty", "/settings", _listed)
        each(shop, "pairings-empty", "/settings/pairings", _unpaired)
        each(shop, "devices-empty", "/settings/devices", _no_devices)
        each(shop, "rules-empty", "/settings/rules", _rules)
    with _shop(folder, "busy", configuration(6)) as shop:
        _fill(shop)
        _change(shop)
        each(shop, "shop-busy", "/settings", _listed, both)
        each(shop, "camera-mistake", "/settings", _mistake)
        each(shop, "camera-tried", "/settings", _tried)
        each(shop, "conflict", "/settings", _conflict)
        each(shop, "zones-busy", "/settings/zones/lane-1/0", _zones, both)
        each(shop, "zones-live", "/settings/zones/lane-1/0", _live)
        each(shop, "lane-camera", "/settings/lanes/new", _wizard)
        each(shop, "lane-trouble", "/settings/lanes/new", _wizard_trouble)
        each(shop, "lane-zones", "/settings/lanes/new", _wizard_zones)
        _pair(shop)
        each(shop, "pairings-busy", "/settings/pairings", _paired, both)
        each(shop, "pairings-sure", "/settings/pairings", _sure)
        _give(shop)
        each(shop, "devices-busy", "/settings/devices", _given, both)
        each(shop, "devices-new", "/settings/devices", _giving)
        each(shop, "people-busy", "/settings/people", _people, both)
        each(shop, "people-invite", "/settings/people", _invite)
        each(shop, "people-proof", "/settings/people", _prove)
        each(shop, "account", "/account", _account, both)
        each(shop, "rules-busy", "/settings/rules", _thresholds, both)
        each(shop, "history-busy", "/settings/history", _history)
        each(shop, "retention-empty", "/settings/retention", _periods)
        each(shop, "company-one", "/settings/company", _company, who="head")
        shop.config.write_text(shop.text.replace('kind = "self"', 'kind = "selfie"', 1))
        each(shop, "shop-error", "/settings", _broken)

    with _shop(folder, "lens", configuration(1) + LENS, room()) as shop:
        each(shop, "lens-circle", "/settings/cameras/ceiling/lens", _lens("Circle", "円"), both)
        each(shop, "lens-view", "/settings/cameras/ceiling/lens", _lens("One view", "1画面"))
        each(shop, "lens-panorama", "/settings/cameras/ceiling/lens", _lens("Panorama", "パノラマ"))
        each(shop, "lens-quad", "/settings/cameras/ceiling/lens", _lens("Four views", "4画面"))

    with _shop(folder, "cameras", with_sub(configuration(2)) + ALLOW) as shop:
        measure(shop)
        each(shop, "camera-ok", "/settings/cameras/cam-1", _camera, both)
        each(shop, "camera-never", "/settings/cameras/cam-2", _camera)
        each(shop, "camera-kept", "/settings/cameras/cam-1", _kept, both)
        measure(shop, lost=True)
        each(shop, "camera-lost", "/settings/cameras/cam-1", _camera)
        each(shop, "cameras-none", "/settings", _find_none)
        answering = camera()
        each(shop, "cameras-found", "/settings", partial(_find, port=answering.port), both)
        each(shop, "cameras-streams", "/settings", partial(_streams, port=answering.port), both)
        answering.stop()

    with _shop(folder, "keeping", configuration(2) + _NOTICE) as shop:
        _keep(shop)
        each(shop, "retention-busy", "/settings/retention", _periods, both)
        each(shop, "retention-change", "/settings/retention", _change_periods)
        each(shop, "notice", "/notice/shop-1", _read, both)

    with _shop(folder, "signing", configuration(2) + scenes.SIGNING_IN) as shop:
        scenes.keep_passkeys(shop)
        each(shop, "signing-in", "/settings/signing-in", scenes.settings, both, who="head")
        each(shop, "signing-in-provider", "/settings/signing-in", scenes.settings_provider, who="head")
        each(shop, "account-passkeys", "/account", scenes.account, both)
        each(shop, "account-address", "/account", scenes.account_at_address)
        each(shop, "account-removing", "/account", scenes.removing)
        each(shop, "people-passkey", "/account", scenes.proof, both)
        each(shop, "sign-in-every-way", "/account", scenes.sign_in, both)
        each(shop, "sign-in-company-down", "/account", scenes.company_down)

    with _shop(folder, "company", configuration(3) + _many(46) + _BROKER) as shop:
        shop.here.link = Link(Broker("192.168.1.10", 1883, "tenban", "geheim"), connected=True)
        each(shop, "company-many", "/settings/company", _company, both, who="head")
        each(shop, "company-add", "/settings/company", _add_shop, who="head")
        each(shop, "company-broker", "/settings/company", _set_broker, who="head")
        each(shop, "shops-choose", "/settings?shop=shop-1", _choose, both, who="head")
        each(shop, "shops-one", "/settings?shop=shop-1", _listed, who="head")
        each(shop, "shops-rules", "/settings/rules?shop=shop-1", _thresholds, who="head")
        each(shop, "shops-empty", "/settings?shop=saitama-9", _listed, who="head")
        each(shop, "shops-history", "/settings/history?shop=shop-1", _history, who="head")
        shop.here.link = Link(Broker("192.168.1.10", 1883, "tenban", "geheim"), trouble="refused")
        each(shop, "company-down", "/settings/company", _company, who="head")


LENS = """
[[shop.camera]]
id = "ceiling"
name = "セルフレジ 天井全方位"
url = "rtsp://192.168.1.40/stream1"

[shop.camera.fisheye]
mount = "ceiling"
circle = [0.5, 0.5, 0.48]
fov = 185
view = [
  {id = "ceiling-1", name = "レーン1の手元", pan = 20.0, tilt = -55.0, zoom = 1.4},
  {id = "ceiling-2", name = "出口と通路（雨の日は傘立てを含む）", pan = -100.0, tilt = -30.0, zoom = 1.0},
]
"""


def room() -> VideoFrame:
    """A shop floor as a ceiling camera sees it."""
    picture = render(
        [
            Board((0, 0, 3), (0.5, 0, 0), (0, 0.5, 0), (14, 12)),
            Board((0, -3.0, 1.6), (0.5, 0, 0), (0, 0, 0.4), (12, 6)),
            Board((3.5, 0, 1.6), (0, 0.5, 0), (0, 0, 0.4), (10, 6)),
        ],
        side=1200,
        lens="equidistant",
        fov_deg=185,
        radius=0.48,
    )
    return VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")


def _lens(english: str, japanese: str) -> Act:
    def act(_shop: SettingsShop, page: Page) -> None:
        page.wait_for_selector(".stage .choice button[aria-pressed=true]")
        page.locator(".stage .choice button", has_text=re.compile(f"^({english}|{japanese})$")).click()

    return act


def _kept(_shop: SettingsShop, page: Page) -> None:
    """How much of a camera is kept, while it is typed, on a disk that only held footage is left on."""
    told = {"state": "full", "is_held": True, "free_bytes": 400_000_000, "left_s": 0}
    page.route("**/api/v1/footage/room", lambda route: route.fulfill(json=told))
    page.reload()
    page.locator(".camera-page .period button").click()
    page.fill("dialog.edit [name=keep_days]", "7")
    page.fill("dialog.edit [name=max_gb]", "100")
    page.wait_for_timeout(600)


def _camera(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector(".camera-figures")
    page.wait_for_timeout(500)


def _find(_shop: SettingsShop, page: Page, *, port: int | None) -> None:
    answer_calls(page, port)
    page.wait_for_selector("[data-camera]")
    page.locator(".part:has([data-camera]) > .acts button").first.click()
    page.wait_for_selector(".find form")


def _find_none(shop: SettingsShop, page: Page) -> None:
    _find(shop, page, port=None)


def _streams(shop: SettingsShop, page: Page, *, port: int) -> None:
    _find(shop, page, port=port)
    page.locator(".find .row button").first.click()
    page.fill(".find [name=user]", "admin")
    page.fill(".find [name=password]", "secret")
    page.click(".find [type=submit]")
    page.wait_for_selector(".find .streams")


_NOTICE = """
[shop.notice]
on = true
responsible = "みどり食品株式会社（埼玉県さいたま市大宮区桜木町1-1-1）"
contact = "みどり食品 お客様相談室 048-000-0000（9時から18時）"
"""


def _keep(shop: SettingsShop) -> None:
    """An incident that is held, and what a month of running destroyed."""
    write, now_at = shop.here.db.write_now, shop.here.clock.now()
    known = shop.open(1, clip=None)
    owner, reason = "本部 法務課 事案2026-117", "警察からの照会（11月20日）"
    write(lambda c: place(c, JUDGE, now_at, shop.here.sites, known.id, owner=owner, reason=reason))
    span = now_at - seconds(40 * 86_400), now_at - seconds(30 * 86_400)
    for told in (
        Destroyed("shop-1", "footage", 1440, 9_500_000_000, *span, 30),
        Destroyed("shop-1", "sale_stills", 412, 21_000_000, *span, 1),
        Destroyed("shop-1", "pictures", 4, 182_000, *span, None, "ご本人からの依頼"),
    ):
        write(lambda c, told=told: report(c, JUDGE, now_at, "run", told))  # type: ignore[misc]


def _periods(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector("[data-kind=pictures]")


def _change_periods(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector("[data-kind=pictures]")
    page.locator(".part button").first.click()
    page.fill("dialog [name=pictures]", "2000")
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog .wrong:not([hidden])")


def _read(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector(".contact")


_BROKER = """
[mqtt]
host = "192.168.1.10"
username = "tenban"
password = "geheim"
"""


@dataclass
class Link:
    """What the server says of its connection to the broker of the lamps."""

    broker: Broker
    connected: bool = False
    trouble: str | None = None
    detail: str = ""


def _many(count: int) -> str:
    places = ["川越", "所沢", "越谷", "熊谷", "浦和", "春日部", "小田原駅前ショッピングセンター北館1階"]
    return "".join(
        SHOP.format(id=f"saitama-{n}", name=f"みどり食品 {places[n % len(places)]}{n + 1}号店")
        for n in range(count)
    )


def _company(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector(".company")
    page.wait_for_timeout(300)


def _add_shop(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector(".company")
    page.locator(".part:last-child > .acts button").click()
    page.fill("dialog [name=name]", "みどり食品 秩父店")
    page.fill("[name=id]", "saitama-3")
    page.fill("[name=currency]", "円")
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog .wrong:not([hidden])")


def _set_broker(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector(".broker")
    page.locator(".broker button").click()
    page.fill("[name=host]", "10.0.0.7")
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog .wrong:not([hidden])")


def _choose(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector(".shop")
    page.locator(".shop-choice").click()
    page.wait_for_selector("dialog li")


@contextmanager
def _shop(folder: Path, name: str, text: str, picture: VideoFrame | None = None) -> Iterator[SettingsShop]:
    own = folder / name
    own.mkdir()
    with settings_shop(folder / "settings.db", own, text=text, picture=picture) as shop:
        yield shop


_DEVICES = (
    "Mozilla/5.0 (Linux; Android 14; SM-X210) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0",
)


def _pair(shop: SettingsShop) -> None:
    for n, device in enumerate(_DEVICES, 1):
        secret = shop.here.db.write_now(
            lambda c, n=n, device=device: pair_browser(
                c,
                replace(JUDGE, name="森 由紀子"),
                shop.here.clock.now() - seconds(n * 90_000),
                register=f"lane-{n}",
                shop="shop-1",
                device=device,
            )
        )
        if n < 3:
            who = replace(JUDGE, register=f"lane-{n}")
            shop.here.db.write_now(
                lambda c, who=who, secret=secret: saw_token(c, shop.here.clock.now(), secret)
            )


def _give(shop: SettingsShop) -> None:
    """Tokens of each kind, one of them renewed, and a webhook that does not answer."""
    now_at, reach = shop.here.clock.now(), shop.here.sites.webhook_reach
    keeper = keeper_here(shop.here)
    ago_at, there = now_at - seconds(90 * 86_400), {"shop": "shop-1"}

    def give(c: Any) -> None:
        old = issue(c, JUDGE, ago_at, kind="register", subject="lane-1", name="POSレジ 1番", **there)
        rotate(c, JUDGE, now_at, old.id, overlap_s=86_400)
        ends_at, functions = now_at + seconds(90 * 86_400), ["incidents:read", "lanes:read"]
        service = {"kind": "service", "subject": "bi", "name": "本部 分析基盤", **there}
        issue(c, JUDGE, now_at, functions=functions, expires_at=ends_at, **service)
        url, events = "https://chat.example.com/hooks/tenban/shop-1", ["incident.brief"]
        hook = webhooks.add(
            c, JUDGE, now_at, keeper, reach, name="店長チャット", url=url, events=events, **there
        )
        webhooks.ping(c, JUDGE, now_at, hook.id)
        [sending] = webhooks.due(c, now_at, keeper)
        for tried in range(len(webhooks.WAITS_S) + 1):
            webhooks.refused(c, now_at, replace(sending, attempts=tried), "it answered 503")

    shop.here.db.write_now(give)


def _no_devices(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector(".nothing:not([hidden])")


def _given(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector("[data-hook]")


def _giving(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector("[data-hook]")
    page.locator("section.part >> nth=0").locator("> .acts button >> nth=2").click()


def _paired(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector("[data-pairing]")


def _sure(shop: SettingsShop, page: Page) -> None:
    _paired(shop, page)
    page.locator("[data-pairing] button").first.click()


def _unpaired(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector(".nothing:not([hidden])")


def _fill(shop: SettingsShop) -> None:
    why = {"ja": "カメラ「レーン3 天井」が応答しません", "en": "Camera レーン3 天井 does not answer"}
    shop.lanes[2] = {**shop.lanes[2], "watched": False, "why": why}
    for n in range(60):
        kind = ["item_not_registered", "scan_omission", "left_without_paying"][n % 3]
        incident = shop.open(n % 6 + 1, kind, ago_s=3600 * (n % 20))
        if n % 5:
            outcome = "false_alarm" if n % 7 == 0 else "unclear" if n % 11 == 0 else "true"
            shop.state(incident, "resolved", outcome)


def _change(shop: SettingsShop) -> None:
    """Let several people change things, on pages and by hand."""

    def ask(who: str, path: str, **body: object) -> None:
        with httpx.Client(base_url=shop.url, timeout=60) as client:
            client.post("/api/v1/session", json={"name": who, "password": PASSWORD})
            base = client.get("/api/v1/settings").json()["revision"]["sha256"]
            answer = client.post(f"/api/v1/settings/{path}", json={"base": base, **body})
            assert answer.status_code == 200, answer.text

    corners = [[0.62, 0.22], [0.94, 0.2], [0.94, 0.82], [0.6, 0.8]]
    zones = [{"role": "bagging", "polygon": corners, "was": 1}, {"role": "scan", "polygon": corners[:3]}]
    view = {"kind": "view", "register": "lane-2", "place": 0, "camera": "cam-2", "zones": zones}
    ask("setup", "changes", change=view)
    rule = {
        "kind": "rule",
        "register": "lane-4",
        "rule": "item_not_registered",
        "key": "before_s",
        "value": 8,
    }
    ask("chief", "changes", change=rule)
    shop.config.write_text(shop.text.replace('name = "セルフレジ係"', 'name = "セルフ担当"'))
    rule = {"kind": "rule", "rule": "left_without_paying", "key": "grace_s", "value": 15}
    ask("chief", "changes", change=rule)
    ask("admin", "undo", to=2)


def _listed(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector(".shop")
    page.wait_for_timeout(300)


def _broken(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector("main > .trouble:not([hidden])")
    page.wait_for_timeout(300)


def _open_camera(page: Page) -> None:
    page.wait_for_selector("[data-camera=cam-2]")
    page.locator("[data-camera=cam-2] button").click()
    page.wait_for_selector("dialog.edit")


def _mistake(_shop: SettingsShop, page: Page) -> None:
    _open_camera(page)
    page.fill("[name=name]", "")
    page.fill("[name=address]", "rtsp://192.168.1.99/stream1")
    page.wait_for_selector("[data-field=password] .wrong:not([hidden])")


def _answer(page: Page, **more: object) -> None:
    picture = base64.b64encode(jpeg(counter(2, hand=None))).decode()
    good = {
        "trouble": None, "detail": "", "codec": "H.264", "width": 1280, "height": 720, "fps": 15.0,
        "kbit_s": 2130, "keyframe_s": 4.0, "first_s": 0.4, "captured_at": SystemClock().now(),
        "picture": f"data:image/jpeg;base64,{picture}",
    }  # fmt: skip
    body = json.dumps({**good, **more})
    page.route("**/cameras/try", lambda route: route.fulfill(body=body, content_type="application/json"))


def _tried(_shop: SettingsShop, page: Page) -> None:
    _answer(page)
    _open_camera(page)
    page.locator("dialog .field > button").click()
    page.wait_for_selector(".tried img")
    page.locator(".tried .good").scroll_into_view_if_needed()


def _conflict(shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector("[data-group=front]")
    page.locator("[data-group=front] button").click()
    page.fill("[name=name]", "セルフ係")
    stamp = SystemClock().now() % 100
    shop.config.write_text(shop.text.replace("/stream1", f"/stream{stamp}", 1))
    page.click("dialog [type=submit]")
    page.wait_for_selector(".moved")


def _zones(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector("zone-board[data-picture=shown]")
    page.locator(".zone-panel .adding select").select_option("operator")
    page.locator(".zone-panel .adding button").first.click()
    page.locator(".zone-list .choose").nth(1).click()
    page.wait_for_timeout(900)


def _live(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector("zone-board[data-picture=shown]")
    at = SystemClock().now()
    move = {
        "kind": "item_moved", "at": at, "from": "basket", "to": "bagging", "box": [0.7, 0.35, 0.78, 0.5],
        "confidence": 0.8, "remains": None,
    }  # fmt: skip
    trail = [[0.3 + 0.03 * n, 0.6 - 0.012 * n] for n in range(12)]
    look = {
        "at": at, "brought_in": 4, "visitor": {"arrived": True, "box": [0.3, 0.7, 0.8, 0.99]},
        "tracks": [
            {"n": 7, "box": [0.58, 0.38, 0.7, 0.62], "found": True, "trail": trail},
            {"n": 5, "box": [0.1, 0.4, 0.18, 0.55], "found": False, "trail": [[0.14, 0.5]]},
        ],
        "moves": [{**move, "at": at - 4_000_000}, {**move, "kind": "operator_arrived", "box": None}, move],
    }  # fmt: skip
    picture = jpeg(counter(2))
    page.route("**/still?*", lambda route: route.fulfill(body=picture, content_type="image/jpeg"))

    def answer(route: Route) -> None:
        body = f"event: look\ndata: {json.dumps(look)}\n\n"
        route.fulfill(body=body, content_type="text/event-stream")

    page.route("**/look?*", answer)
    page.locator(".stage .acts button").first.click()
    page.wait_for_selector(".seen .box", state="attached")
    page.unroute("**/look?*")


def _wizard(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector(".step form")


def _to_picture(page: Page) -> None:
    page.wait_for_selector(".step form")
    page.fill("[name=name]", "レーン7 天井")
    page.fill("[name=address]", "rtsp://192.168.1.27/stream1")
    page.locator(".ways-on .next").click()


def _wizard_trouble(_shop: SettingsShop, page: Page) -> None:
    _answer(page, trouble="codec", codec="Motion JPEG", picture=None)
    _to_picture(page)
    page.wait_for_selector(".tried .trouble")


def _wizard_zones(_shop: SettingsShop, page: Page) -> None:
    _answer(page)
    _to_picture(page)
    page.wait_for_selector(".tried img")
    for _ in range(2):
        page.locator(".ways-on .next").click()
    page.wait_for_selector("zone-board[data-picture=shown]")
    page.locator(".zone-list .choose").nth(2).click()


def _rules(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector(".rule")


def _thresholds(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector(".rule")
    page.locator(".rule summary").first.click()


def _people(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector("[data-person]")


def _invite(shop: SettingsShop, page: Page) -> None:
    _people(shop, page)
    page.locator(".acts.top .primary").click()


def _prove(shop: SettingsShop, page: Page) -> None:
    _people(shop, page)
    shop.here.db.write_now(lambda c: c.execute(sessions.update().values(proven_at=0)))
    shop.here.forget()
    page.locator("[data-person] .acts button").last.click()
    page.wait_for_selector("dialog.step-up input")


def _account(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector("[data-session]")


def _history(_shop: SettingsShop, page: Page) -> None:
    page.wait_for_selector(".revision")
