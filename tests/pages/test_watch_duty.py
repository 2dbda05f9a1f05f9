"""What several attendants, tablets and tabs do with one another's incidents and lanes, in a real browser."""

from __future__ import annotations

import re
import threading

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, Response, Route, expect

from pages.complaints import Complaints
from pages.conftest import Opener
from pages.pictures import evidence
from pages.shop import PASSWORD, PageShop
from pages.test_watch import brief, until
from tenban.access.model import Role
from tenban.access.tables import audit
from tenban.incidents.model import State

pytestmark = pytest.mark.browser


def menu(page: Page, act: str) -> None:
    page.click(".menu-button")
    page.click(f"[data-act={act}]")


def audited(shop: PageShop, event: str) -> list[str]:
    query = sa.select(audit.c.subject).where(audit.c.event == event).order_by(audit.c.n)
    return shop.here.db.read_now(lambda connection: list(connection.execute(query).scalars()))


def with_camera(shop: PageShop) -> None:
    """Give every lane of the configuration a view, as the running server has it."""
    from dataclasses import replace

    from tenban.sites.model import Camera, Sites, View

    (place,) = shop.here.sites.shops
    camera = Camera("cam", "shop-1", "天井 1", "rtsp://camera/1")
    registers = tuple(replace(one, views=(View("cam", ()),)) for one in place.registers)
    shop.here.sites = Sites("みどり食品", (replace(place, cameras=(camera,), registers=registers),))


def test_what_nobody_answers_reaches_the_supervisor_and_the_card_says_so(
    visit: Opener, shop: PageShop
) -> None:
    """After its time the card says that and when it was passed on, and the map marks its lane."""
    shop.add_person("mori", "森", Role.SUPERVISOR, ("elsewhere",))
    sato, mori = visit(), visit(name="mori")
    brief(shop, 3, pass_on_s=0.3, group="front")
    mark = sato.locator(".mark.passed")
    expect(mark).to_have_text(re.compile(r"^Passed on to supervisors \d\d:\d\d:\d\d$"))
    expect(sato.locator(".lane-tile[data-lane=lane-3]")).to_have_attribute("data-urgency", "passed")
    expect(mori.locator("main incident-card")).to_have_count(1)
    expect(mori.locator(".mark.passed")).to_be_visible()
    mori.click("button.mine")
    expect(sato.locator(".mark.owner")).to_have_text("森 has it")
    expect(sato.locator(".lane-tile[data-lane=lane-3]")).to_have_attribute("data-urgency", "urgent")


def test_two_attendants_who_reach_for_the_same_card_end_with_one_owner(visit: Opener, shop: PageShop) -> None:
    """Whoever comes second takes over; both tablets agree on one owner, and nothing is lost."""
    incident = brief(shop, 1)
    sato, tanaka = visit(name="sato"), visit(name="tanaka")
    held = threading.Event()

    def hold(route: Route) -> None:
        held.set()
        route.continue_()

    sato.route("**/owner", hold)
    for page in (sato, tanaka):
        page.evaluate("document.querySelector('button.mine').click()")
    expect(sato.locator(".mark.owner")).to_be_visible()
    expect(tanaka.locator(".mark.owner")).to_be_visible()
    owner = shop.known(incident).owner_name
    mine, other = (sato, tanaka) if owner == "佐藤" else (tanaka, sato)
    expect(mine.locator(".mark.owner")).to_have_text("Mine")
    expect(other.locator(".mark.owner")).to_have_text(f"{owner} has it")
    for page, outcome in ((sato, "true"), (tanaka, "false_alarm")):
        page.evaluate(f"document.querySelector('[data-outcome={outcome}]').click()")
    until(sato, "document.querySelector('main state-chip').getAttribute('state') !== 'unconfirmed'")
    sato.wait_for_timeout(500)
    known = shop.known(incident)
    assert known.state is State.RESOLVED
    assert known.outcome is not None
    for page in (sato, tanaka):
        expect(page.locator("main state-chip")).to_have_attribute("state", known.outcome.value)


def test_everything_is_handed_over_in_one_dialog(visit: Opener, shop: PageShop) -> None:
    """Incidents and lanes go to a colleague, who is told once; everybody sees the new owner."""
    brief(shop, 1)
    brief(shop, 2)
    sato, tanaka = visit(name="sato"), visit(name="tanaka")
    for place in (0, 1):
        sato.locator("button.mine").nth(place).click()
        expect(sato.locator(".mark.owner")).to_have_count(place + 1)
    sato.keyboard.press("h")
    dialog = sato.locator("dialog.hand-over")
    expect(dialog).to_contain_text("You have: incidents 2, lanes 0")
    expect(dialog.locator(".colleague")).to_have_text(re.compile("田中.*Signed in"))
    dialog.locator(".colleague").click()
    expect(dialog).to_be_hidden()
    expect(sato.locator(".toast")).to_contain_text("Handed over to 田中: incidents 2, lanes 0")
    expect(sato.locator(".mark.owner").first).to_have_text("田中 has it")
    expect(tanaka.locator(".toast")).to_have_text(re.compile("^佐藤 hands over to you: incidents 2, lanes 0"))
    expect(tanaka.locator(".mark.owner")).to_have_text(["Mine", "Mine"])
    sato.keyboard.press("h")
    expect(dialog).to_contain_text("there is nothing to hand over")
    assert len(audited(shop, "incidents:duty:handed-over")) == 1


def test_a_lane_can_be_looked_after(visit: Opener, shop: PageShop) -> None:
    """The chosen lane says who looks after it; it is part of what is handed over."""
    page = visit()
    page.click(".lane-tile[data-lane=lane-2]")
    panel = page.locator("lane-panel")
    panel.get_by_role("button", name="Look after it").click()
    expect(panel).to_contain_text("You look after it")
    page.keyboard.press("h")
    expect(page.locator("dialog.hand-over")).to_contain_text("lanes 1")


def test_any_lane_can_be_seen_live_and_who_looked_is_written_down(visit: Opener, shop: PageShop) -> None:
    """From the lane and from the menu; pictures follow one another; closing ends the looking."""
    with_camera(shop)
    shop.show_live(evidence(1)[1])
    page = visit()
    page.click(".lane-tile[data-lane=lane-2]")
    page.locator("lane-panel button.live").click()
    dialog = page.locator("dialog.live-look")
    expect(dialog.locator("h2")).to_have_text("レーン2 live")
    until(page, "document.querySelector('live-picture img')?.naturalWidth > 0")
    first = page.evaluate("document.querySelector('live-picture img').src")
    until(page, f"document.querySelector('live-picture img').src !== '{first}'")
    assert audited(shop, "media:live:opened") == ["lane-2"]
    dialog.get_by_role("button", name="レーン4").click()
    expect(dialog.locator("h2")).to_have_text("レーン4 live")
    until(page, "document.querySelector('live-picture img')?.naturalWidth > 0")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    shop.until(lambda: audited(shop, "media:live:closed") == ["lane-2", "lane-4"])


def test_a_live_picture_that_cannot_be_shown_says_why(
    visit: Opener, shop: PageShop, complaints: Complaints
) -> None:
    """No camera, an old picture and a silent watcher are told in words, and tried again."""
    page = visit()
    menu(page, "live")
    said = page.locator("live-picture .said")
    expect(said).to_have_text("No camera looks at this lane.")
    page.keyboard.press("Escape")
    with_camera(shop)
    shop.show_live(evidence(1)[1], age_s=12)
    menu(page, "live")
    expect(said).to_have_text("The camera sends no new pictures. Trying again.")
    shop.show_live(None)
    expect(said).to_have_text("The part that watches cameras does not answer. Trying again.")
    shop.show_live(evidence(1)[1])
    expect(page.locator("live-picture img")).to_be_visible()
    complaints.forgive("status of 404", "status of 503")


def test_the_map_stands_as_the_shop_does(visit: Opener, shop: PageShop) -> None:
    """Lanes stand in the columns and rows they were given; gaps nobody stands in are closed."""
    for lane, at in zip(shop.lanes, [[1, 3], [4, 3], [1, 1], [4, 1], [9, 1], [9, 3]], strict=True):
        lane["at"] = at
    page = visit()
    places = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.lane-tile')].map((one) =>
        [one.dataset.lane, [one.style.gridColumn, one.style.gridRow].map((part) => parseInt(part))]))"""
    )
    expected = {"lane-1": [1, 2], "lane-2": [2, 2], "lane-3": [1, 1], "lane-4": [2, 1]}
    assert places == expected | {"lane-5": [3, 1], "lane-6": [3, 2]}


def test_a_linked_till_is_not_silent(visit: Opener, shop: PageShop) -> None:
    """A till that answers on its link lives, however long ago its last sale was."""
    for lane, connected in zip(shop.lanes, [True, False], strict=False):
        lane["till"] = {"connected": connected, "clock_offset_ms": 0, "last_event_at": "2026-11-20T00:00:00Z"}
    page = visit()
    expect(page.locator(".lane-trouble")).to_have_count(1)
    expect(page.locator(".lane-trouble")).to_contain_text("Till silent")
    expect(page.locator(".lane-trouble")).to_have_attribute("data-lane", "lane-2")


def test_the_settings_of_the_tablet_hold_and_stay(visit: Opener, shop: PageShop) -> None:
    """Text size, tone, clip and span hold at once, survive a reload, and are this person's alone."""
    page = visit()
    menu(page, "prefs")
    dialog = page.locator("dialog.prefs")
    before = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    dialog.locator("[data-pref=size][data-value=large]").click()
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") > before
    dialog.locator("[data-pref=tone][data-value=bell]").click()
    dialog.locator("[data-pref=autoplay][data-value=true]").click()
    dialog.locator("[data-pref=span][data-value='2h']").click()
    expect(page.locator("span-filter select")).to_have_value("2h")
    page.keyboard.press("Escape")
    page.reload()
    menu(page, "prefs")
    for pref, value in (("size", "large"), ("tone", "bell"), ("autoplay", "true"), ("span", "2h")):
        chosen = dialog.locator(f"[data-pref={pref}][data-value='{value}']")
        expect(chosen).to_have_attribute("aria-pressed", "true")
    page.request.post(f"{shop.url}/api/v1/session", data={"name": "tanaka", "password": PASSWORD})
    page.reload()
    menu(page, "prefs")
    expect(dialog.locator("[data-pref=tone][data-value=chime]")).to_have_attribute("aria-pressed", "true")


def test_a_device_without_vibration_says_so(visit: Opener, shop: PageShop) -> None:
    """Where the browser offers no vibration, the test button is off and the reason is beside it."""
    page = visit("/login", name="sato")
    page.add_init_script("delete Navigator.prototype.vibrate")
    page.goto(f"{shop.url}/watch")
    menu(page, "prefs")
    expect(page.locator("dialog.prefs")).to_contain_text("This device cannot vibrate.")


def test_a_clip_may_start_by_itself(visit: Opener, shop: PageShop, video: bytes) -> None:
    """By setting, a clip that arrives starts in place; never over one that is playing."""
    page = visit()
    menu(page, "prefs")
    page.click("[data-pref=autoplay][data-value=true]")
    page.keyboard.press("Escape")
    incident = brief(shop, 1)
    expect(page.locator("incident-card")).to_have_count(1)
    shop.settle_clip(incident, video)
    until(page, "document.querySelector('video')?.currentTime > 0.1")
    other = brief(shop, 2)
    shop.settle_clip(other, video)
    expect(page.locator("incident-card").first.locator("button.play")).to_be_enabled()
    expect(page.locator("clip-player")).to_have_count(1)


RING = """() => { window.rung = 0;
document.addEventListener('rang', () => { window.rung += 1; }); }"""


@pytest.mark.parametrize("shared", [True, False])
def test_two_tabs_ring_once(chromium: Browser, shop: PageShop, shared: bool) -> None:  # noqa: FBT001
    """However many tabs a tablet has open, one of them rings; with a shared worker they share one stream."""
    context: BrowserContext = chromium.new_context(viewport={"width": 1180, "height": 820})
    if not shared:
        context.add_init_script("delete window.SharedWorker")
    context.request.post(f"{shop.url}/api/v1/session", data={"name": "sato", "password": PASSWORD})
    streams: list[str] = []
    context.on("request", lambda request: streams.append(request.url) if "/stream" in request.url else None)
    tabs = []
    for _ in range(2):
        page = context.new_page()
        page.goto(f"{shop.url}/watch")
        page.wait_for_selector("connection-state[data-kind=live]")
        page.evaluate(RING)
        tabs.append(page)
    tabs[0].click("button.sound")
    for page in tabs:
        page.bring_to_front()
        page.click("h1", force=True)
        page.wait_for_timeout(100)
    brief(shop, 1)
    for page in tabs:
        expect(page.locator("incident-card")).to_have_count(1)
    tabs[0].wait_for_timeout(700)
    assert sum(page.evaluate("window.rung") for page in tabs) == 1
    assert len([url for url in streams if url.endswith("/stream")]) == (0 if shared else 2)
    tabs[0].close()
    brief(shop, 2)
    expect(tabs[1].locator("incident-card")).to_have_count(2)
    context.close()


def test_a_tablet_without_network_gets_what_it_missed_in_order_and_late(
    visit: Opener, shop: PageShop, complaints: Complaints
) -> None:
    """Put off the network and back on: what was missed comes once, in order, each with how late it is."""
    page = visit("/login", name="sato")
    page.add_init_script("delete window.SharedWorker")
    page.goto(f"{shop.url}/watch")
    page.wait_for_selector("connection-state[data-kind=live]")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    offline = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", {**offline, "offline": True})
    # Chromium leaves open connections alone: the server's restart ends them, and none can be made anew.
    shop.stop()
    shop.start()
    expect(page.locator("connection-state")).to_contain_text("Connection lost since")
    for lane, ago_s in ((4, 95), (5, 50), (6, 20)):
        brief(shop, lane, opened_ago_s=ago_s)
    page.wait_for_timeout(300)
    expect(page.locator("incident-card")).to_have_count(0)
    network.send("Network.emulateNetworkConditions", {**offline, "offline": False})
    expect(page.locator("incident-card .lane")).to_have_text(["レーン6", "レーン5", "レーン4"])
    expect(page.locator(".mark.late")).to_have_count(3)
    expect(page.locator(".mark.late").last).to_have_text(re.compile("^arrived (9[0-9] s|2 min) late$"))
    complaints.forgive_cuts()


def test_a_page_opened_after_a_sleep_says_what_is_late(visit: Opener, shop: PageShop) -> None:
    """A tablet whose browser had closed the page learns on opening it what came meanwhile, and how late."""
    page = visit()
    page.goto("about:blank")
    brief(shop, 1, opened_ago_s=900)
    page.add_init_script(
        """const key = Object.keys(localStorage).find((one) => one.startsWith('tenban-heard:'));
        if (key) localStorage.setItem(key, String(Date.now() - 600000));"""
    )
    shop.open(2, opened_ago_s=120)
    page.goto(f"{shop.url}/watch")
    expect(page.locator("incident-card")).to_have_count(2)
    expect(page.locator(".mark.late")).to_have_text("arrived 2 min late")


def test_a_registers_own_screen_shows_that_register_alone(
    visit: Opener, shop: PageShop, video: bytes
) -> None:
    """The reduced form has no play button, no map and no other lane's incidents, now or later."""
    shop.settle_clip(brief(shop, 2), video)
    brief(shop, 3)
    shop.state(brief(shop, 4), "resolved", "true")
    page = visit("/watch?register=lane-2")
    expect(page.locator("incident-card .lane")).to_have_text(["レーン2"])
    brief(shop, 5)
    brief(shop, 2)
    expect(page.locator("incident-card .lane")).to_have_text(["レーン2", "レーン2"])
    for gone in ("button.play", "lane-map", "filter-bar", "incident-list .row", "[data-act=live]"):
        expect(page.locator(f"{gone}:visible")).to_have_count(0)
    expect(page.locator("lane-panel")).to_contain_text("Watched")
    page.locator("[data-outcome=true]").first.click()
    expect(page.locator("incident-list .row")).to_have_count(0)


def test_an_unknown_register_has_no_screen(visit: Opener, shop: PageShop, complaints: Complaints) -> None:
    """A register that does not exist is said not to, with the way to all lanes."""
    page = visit("/login", name="sato")
    assert (page.goto(f"{shop.url}/watch?register=lane-<99>") or page).status == 404  # type: ignore[union-attr]
    expect(page.locator("main")).to_contain_text("no register with the id lane-<99>")
    complaints.forgive("status of 404")


def test_a_reason_is_kept_by_name_and_shown_in_the_history(visit: Opener, shop: PageShop) -> None:
    """A reason follows the label in one tap, reads in each colleague's language, and stands in the story."""
    incident = brief(shop, 1)
    sato = visit()
    sato.click("[data-outcome=true]")
    sato.click(".why button:has-text('Forgot to scan')")
    expect(sato.locator("main .mark.reason")).to_have_text("Forgot to scan")
    assert shop.known(incident).reason == "forgot_to_scan"
    tanaka = visit(name="tanaka", locale="ja-JP")
    row = tanaka.locator("incident-list .row")
    expect(row.locator(".reason")).to_have_text("スキャン忘れ")
    row.click()
    story = tanaka.locator(".story li")
    expect(story.first).to_contain_text("発生")
    expect(story.last).to_contain_text("検知どおり · スキャン忘れ")
    expect(story.last).to_contain_text("佐藤")


def test_a_page_loads_less_than_its_share_of_script(visit: Opener, shop: PageShop) -> None:
    """All script of /watch, as it goes over the wire, stays under 300 kB; none comes from elsewhere."""
    page = visit("/login", name="sato")
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  # Playwright takes no built-in
    page.goto(f"{shop.url}/watch")
    page.wait_for_selector("connection-state[data-kind=live]")
    scripts = [answer for answer in answers if answer.url.endswith(".js")]
    assert len(scripts) > 15
    assert all(answer.url.startswith(shop.url) for answer in scripts)
    sizes = {answer.url: int(answer.all_headers()["content-length"]) for answer in scripts}
    assert 10_000 < sum(sizes.values()) < 300_000, sizes
