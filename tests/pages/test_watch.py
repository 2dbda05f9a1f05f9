"""The attendant's screen, in a real browser against the real API."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from pages.complaints import Complaints
from pages.conftest import Opener
from pages.pictures import evidence
from pages.shop import PageShop
from pages.until import until
from tenban.incidents.model import Incident, Outcome, State

pytestmark = pytest.mark.browser

WHY = {"ja": "その後に登録されました", "en": "It was registered afterwards"}


def brief(shop: PageShop, lane: int, **more: object) -> Incident:
    operator, whole, crop, box = evidence(lane)
    stills = (("enters_bagging", whole, crop, box),)
    return shop.open(lane, operator=operator, stills=stills, **more)  # type: ignore[arg-type]


def test_a_brief_appears_by_itself_and_its_clip_later(visit: Opener, shop: PageShop, video: bytes) -> None:
    """The card comes with both stills; its play button is disabled until the clip is there, then plays it."""
    page = visit()
    expect(page.locator(".empty")).to_contain_text("No open incidents")
    incident = brief(shop, 5)
    one = page.locator("incident-card")
    expect(one.locator(".lane")).to_have_text("レーン5")
    expect(one.locator("h2")).to_have_text("Item not registered")
    expect(one.locator("time")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
    expect(one.locator("article")).to_have_attribute("data-fresh", "")
    until(
        page,
        "[...document.querySelectorAll('.frame img:first-child')].every((one) => one.naturalWidth === 960)",
    )
    expect(one.locator(".box").nth(1)).to_be_visible()
    play = one.locator("button.play")
    expect(play).to_be_disabled()
    expect(play).to_have_text("Clip follows")
    shop.settle_clip(incident, video)
    expect(play).to_be_enabled()
    play.click()
    until(page, "document.querySelector('video')?.currentTime > 0.3")
    expect(one.locator("article")).not_to_have_attribute("data-fresh", "")


def test_the_player_steps_one_frame_and_changes_speed(visit: Opener, shop: PageShop, video: bytes) -> None:
    """A step moves by one frame; speed and replay do what they say; Escape leads back to the stills."""
    incident = brief(shop, 1)
    shop.settle_clip(incident, video)
    page = visit()
    page.click("button.play")
    until(page, "document.querySelector('video').currentTime > 1")
    page.get_by_role("button", name="One frame back").click()
    until(page, "document.querySelector('video').paused")
    before = page.evaluate("document.querySelector('video').currentTime")
    page.get_by_role("button", name="One frame back").click()
    until(page, "!document.querySelector('video').seeking")
    after = page.evaluate("document.querySelector('video').currentTime")
    assert before - after == pytest.approx(1 / 15, abs=0.01)
    page.get_by_role("button", name="Speed 1").click()
    assert page.evaluate("document.querySelector('video').playbackRate") == 2
    page.get_by_role("button", name="From the start").click()
    until(page, "!document.querySelector('video').paused")
    page.locator("clip-player").press("Escape")
    expect(page.locator("clip-player")).to_have_count(0)


def test_a_failed_clip_is_said(visit: Opener, shop: PageShop) -> None:
    """A clip that could not be cut leaves the button disabled and says why."""
    page = visit()
    incident = brief(shop, 1)
    expect(page.locator("button.play")).to_have_text("Clip follows")
    shop.settle_clip(incident, None, {"ja": "録画がありません", "en": "There is no footage"})
    expect(page.locator("button.play")).to_be_disabled()
    expect(page.locator(".clip-trouble")).to_have_text("No clip: There is no footage")


def test_one_tap_labels_and_the_colleague_sees_it(visit: Opener, shop: PageShop) -> None:
    """A label states and labels in one tap, is kept, reaches the other tablet, and can be undone."""
    incident = brief(shop, 3)
    sato, tanaka = visit(name="sato"), visit(name="tanaka")
    sato.click("[data-outcome=false_alarm]")
    expect(tanaka.locator("main state-chip")).to_have_text("False alarm")
    known = shop.known(incident)
    assert (known.state, known.outcome) == (State.RESOLVED, Outcome.FALSE_ALARM)
    sato.click(".why button:has-text('Put back')")
    expect(tanaka.locator("main .mark.reason")).to_have_text("Put back")
    sato.click("[data-outcome=true]")
    sato.locator(".toast button", has_text="Undo").click()
    expect(sato.locator("main state-chip")).to_have_text("False alarm")


def test_undo_brings_the_incident_back(visit: Opener, shop: PageShop) -> None:
    """Undoing the first label leaves the incident as unconfirmed as it was."""
    incident = brief(shop, 3)
    page = visit()
    page.click("[data-outcome=true]")
    page.locator(".toast button", has_text="Undo").click()
    expect(page.locator("main state-chip")).to_have_text("Unconfirmed")
    assert shop.known(incident).outcome is None


def test_mine_is_seen_by_the_colleague_who_may_take_over(visit: Opener, shop: PageShop) -> None:
    """Ownership shows on the other tablet by name; the colleague takes over in one tap."""
    brief(shop, 3)
    sato, tanaka = visit(name="sato"), visit(name="tanaka")
    sato.click("button.mine")
    expect(sato.locator(".mark.owner")).to_have_text("Mine")
    expect(tanaka.locator(".mark.owner")).to_have_text("佐藤 has it")
    tanaka.get_by_role("button", name="Take over").click()
    expect(sato.locator(".mark.owner")).to_have_text("田中 has it")


def test_a_repeat_is_counted_on_the_same_card(visit: Opener, shop: PageShop) -> None:
    """A second finding of the same sale and rule counts up instead of filling the screen."""
    page = visit()
    brief(shop, 2, fold="sale-1")
    expect(page.locator("incident-card")).to_have_count(1)
    brief(shop, 2, fold="sale-1")
    expect(page.locator(".mark.repeats")).to_have_text("2 times")
    expect(page.locator("incident-card")).to_have_count(1)


def test_a_withdrawn_incident_says_why(visit: Opener, shop: PageShop) -> None:
    """What no longer stands is shown as withdrawn with its reason, and asks for nothing more."""
    page = visit()
    incident = brief(shop, 2)
    expect(page.locator("incident-card")).to_have_count(1)
    shop.withdraw(incident, WHY)
    expect(page.locator("main state-chip")).to_have_text("Withdrawn")
    expect(page.locator(".mark.withdrawn")).to_have_text("Withdrawn: It was registered afterwards")
    expect(page.locator("button.mine")).to_be_hidden()


def test_what_was_missed_comes_once_in_order_and_marked_late(
    visit: Opener, shop: PageShop, complaints: Complaints
) -> None:
    """After the connection broke, missed briefs arrive in order, none twice, and late ones say so."""
    page = visit()
    brief(shop, 1)
    expect(page.locator("incident-card")).to_have_count(1)
    page.evaluate(
        """() => { window.seen = []; new MutationObserver((changes) => { for (const change of changes)
        for (const node of change.addedNodes) if (node.localName === 'incident-card')
        window.seen.push(node.entry.card.register);
        }).observe(document.querySelector('.cards'), {childList: true}); }"""
    )
    shop.stop()
    expect(page.locator("connection-state")).to_contain_text("Connection lost since")
    brief(shop, 2, opened_ago_s=130)
    brief(shop, 3, opened_ago_s=70)
    brief(shop, 4)
    shop.start()
    expect(page.locator("incident-card")).to_have_count(4)
    expect(page.locator("connection-state")).to_have_text("Live")
    assert page.evaluate("window.seen") == ["lane-2", "lane-3", "lane-4"]
    late = re.compile("^arrived (6[5-9]|[78][0-9]) s late$")  # by clocks known to seconds
    expect(page.locator(".mark.late")).to_have_text([late, "arrived 2 min late"])
    expect(page.locator(".toast")).to_contain_text("Missed meanwhile, now shown: 3")
    complaints.forgive_cuts()


def test_a_numbered_lane_is_called_by_number_in_both_languages(visit: Opener, shop: PageShop) -> None:
    """A register named "7" reads Lane 7 and レーン7."""
    shop.lanes[0]["name"] = "7"
    page = visit()
    expect(page.locator(".lane-tile").first).to_have_attribute("aria-label", re.compile("^Lane 7, "))
    page.click(".menu-button")
    page.click("[data-language=ja]")
    expect(page.locator(".lane-tile").first).to_have_attribute("aria-label", re.compile("^レーン7, "))


def test_language_and_theme_switch_in_place(visit: Opener, shop: PageShop) -> None:
    """Everything turns Japanese without a reload, dates as well, and the next page starts that way."""
    brief(shop, 5)
    page = visit()
    page.evaluate("window.stayed = true")
    page.click(".menu-button")
    page.click("[data-language=ja]")
    expect(page.locator("main h2").first).to_have_text("商品未登録")
    expect(page.locator(".bar .date")).to_have_text(
        re.compile(r"^\d{4}年\d{1,2}月\d{1,2}日\([月火水木金土日]\)$")
    )
    expect(page.locator("main state-chip")).to_have_text("未確認")
    page.click("[data-theme-choice=dark]")
    assert page.evaluate("[window.stayed, document.documentElement.lang]") == [True, "ja"]
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark


def test_everything_works_by_keyboard(visit: Opener, shop: PageShop, video: bytes) -> None:
    """j and k move, Enter plays, m takes, 2 labels, u undoes, ? lists the keys."""
    shop.settle_clip(brief(shop, 1, ago_s=2), video)
    shop.settle_clip(brief(shop, 2, ago_s=1), video)
    page = visit()
    focused = "document.activeElement.closest('incident-card')?.entry.card.register"
    page.keyboard.press("j")
    assert page.evaluate(focused) == "lane-2"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "lane-1"
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('video')?.currentTime > 0.1")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page.locator(".mark.owner")).to_have_text("Mine")
    page.keyboard.press("2")
    expect(page.locator("main state-chip").first).to_have_text("False alarm")
    page.keyboard.press("u")
    expect(page.locator("main state-chip").first).to_have_text("Unconfirmed")
    page.keyboard.press("?")
    expect(page.locator("dialog.shortcuts")).to_contain_text("Play or pause the clip")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.shortcuts")).to_be_hidden()


def test_the_map_says_which_lane_is_not_watched_and_why(visit: Opener, shop: PageShop) -> None:
    """Lost cameras, stopped analysis, silent tills and wrong clocks are told in words, at all times."""
    gone = {"id": "c", "name": "cam 1", "state": "lost", "why": None, "since_at": "2026-11-22T03:05:57Z"}
    shop.lanes[0] |= {
        "watched": False,
        "why": {"ja": "…", "en": "Camera cam 1 does not answer"},
        "cameras": [gone],
    }
    shop.lanes[1] |= {"watched": False, "why": {"ja": "…", "en": "Analysis is not running"}}
    shop.lanes[2]["till"] = {
        "clock_offset_ms": -75_000.0,
        "last_event_at": shop.lanes[3]["till"]["last_event_at"],
    }
    shop.lanes[3]["till"] = {"clock_offset_ms": None, "last_event_at": None}
    shop.lanes[5] |= {"watched": False, "cameras": [], "till": shop.lanes[3]["till"]}
    page = visit()
    rows = page.locator(".lane-trouble")
    expect(rows.nth(0)).to_contain_text("Camera lost")
    expect(rows.nth(0)).to_contain_text("cam 1 since 12:05:57")
    expect(rows.nth(1)).to_contain_text("Detector off")
    expect(rows.nth(1)).to_contain_text("Analysis is not running")
    expect(rows.nth(2)).to_contain_text("75 s slow")
    expect(rows.nth(3)).to_contain_text("Till silent")
    expect(rows.nth(3)).to_contain_text("nothing heard yet")
    expect(page.locator(".lane-tile").nth(4)).to_have_attribute("aria-label", re.compile(", Watched$"))
    expect(rows.nth(4)).to_have_text("レーン6Not in use yetno camera and no till connected")
    expect(page.locator(".lane-tile").nth(5)).not_to_have_attribute("data-trouble", "")
    expect(page.locator("lane-map .sum")).to_have_text("Watched: 1 of 6")


def test_filters_live_in_the_url_and_never_hide_news(visit: Opener, shop: PageShop) -> None:
    """Lane and state filter list and URL; what is unconfirmed outside the filter is counted in sight."""
    brief(shop, 1)
    brief(shop, 2)
    page = visit()
    page.click(".lane-tile[data-lane=lane-1]")
    assert page.url.endswith("/watch?lane=lane-1")
    expect(page.locator("main incident-card")).to_have_count(1)
    expect(page.locator(".hidden-news")).to_have_text("1 unconfirmed outside this filter. Show all.")
    page.click("filter-bar [data-state=pending]")
    assert page.url.endswith("/watch?lane=lane-1&state=pending")
    expect(page.locator(".empty")).to_contain_text("Nothing here under this filter")
    page.go_back()
    expect(page.locator("main incident-card")).to_have_count(1)
    page.click(".hidden-news")
    expect(page.locator("main incident-card")).to_have_count(2)
    assert page.url.endswith("/watch")


def test_the_history_shows_what_was_settled_within_its_span(visit: Opener, shop: PageShop) -> None:
    """Settled incidents stand in the history for the chosen span and open whole at a tap."""
    for lane, ago_s in ((1, 60), (2, 1200), (3, 5000)):
        shop.state(brief(shop, lane, ago_s=ago_s), "resolved", "true")
    page = visit()
    rows = page.locator("incident-list .row")
    expect(rows).to_have_count(2)
    page.select_option("span-filter select", "2h")
    expect(rows).to_have_count(3)
    assert page.url.endswith("?span=2h")
    rows.first.click()
    expect(page.locator("dialog.reading incident-card .lane")).to_have_text("レーン1")
    page.locator("dialog.reading [data-outcome=unclear]").click()
    expect(rows.first.locator("state-chip")).to_have_text("Unclear")


def test_errors_say_what_happened_and_what_happens_next(
    visit: Opener, shop: PageShop, complaints: Complaints
) -> None:
    """A list that cannot be loaded is told with its reason, and comes as soon as it can."""
    brief(shop, 1)
    shop.incidents_status = 503
    page = visit("/login", name="sato")
    page.goto(f"{shop.url}/watch")
    expect(page.locator("main > .trouble")).to_contain_text("Incidents could not be loaded.")
    shop.incidents_status = 200
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("main incident-card")).to_have_count(1)
    expect(page.locator("main > .trouble")).to_be_hidden()
    complaints.forgive("status of 503")


def test_whoever_is_signed_out_elsewhere_is_told(
    visit: Opener, shop: PageShop, complaints: Complaints
) -> None:
    """When the session ends, the page says that nothing arrives any more and offers to sign in."""
    brief(shop, 1)
    page = visit()
    page.request.delete(f"{shop.url}/api/v1/session")
    page.click("[data-outcome=true]")
    expect(page.locator("main > .trouble")).to_contain_text("You have been signed out")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/login?next=*")
    complaints.forgive("status of 401")


def test_what_is_pressed_on_a_new_card_stays_under_the_finger(visit: Opener, shop: PageShop) -> None:
    """Pressing takes the card's mark of being new away only after the button was let go."""
    page = visit()
    page.locator(".empty h2").wait_for()
    incident = brief(shop, 1)
    page.locator("main .mark.new").wait_for()
    page.locator("[data-outcome=false_alarm]").hover()
    page.mouse.down()
    page.evaluate(
        "() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))"
    )
    expect(page.locator("main .mark.new")).to_have_count(1)
    page.mouse.up()
    expect(page.locator("main state-chip")).to_have_text("False alarm")
    expect(page.locator("main .mark.new")).to_have_count(0)
    assert shop.known(incident).outcome == Outcome.FALSE_ALARM


def test_a_finger_on_its_way_does_not_label_the_card_that_slid_under_it(
    visit: Opener, shop: PageShop
) -> None:
    """A tap right after the list has moved is not taken; the page says so."""
    first = brief(shop, 1)
    page = visit()
    page.locator("[data-outcome=true]").wait_for()
    page.evaluate(
        """() => new MutationObserver(() => { const at = {bubbles: true, cancelable: true, detail: 1};
        document.querySelector('[data-outcome=true]').dispatchEvent(new MouseEvent('click', at)); })
        .observe(document.querySelector('.cards'), {childList: true})"""
    )
    second = brief(shop, 2)
    expect(page.locator(".toast")).to_contain_text("The list just moved")
    assert {shop.known(first).state, shop.known(second).state} == {State.UNCONFIRMED}


def test_a_phone_shows_it_without_scrolling_sideways(visit: Opener, shop: PageShop, video: bytes) -> None:
    """At 390 px nothing sticks out, in either language, playing or not, and targets stay 64 px high."""
    shop.settle_clip(brief(shop, 1), video)
    shop.lanes[1] |= {"name": "入口側セルフ精算機" * 7, "watched": False}
    for locale in ("ja-JP", "en-GB"):
        page = visit(locale=locale, width=390, height=844, touch=True)
        width = "document.documentElement.scrollWidth"
        assert page.evaluate(width) == 390
        page.locator("button.play").tap()
        page.wait_for_selector("clip-player")
        assert page.evaluate(width) == 390
        small = """() => [...document.querySelectorAll('main button, .bar button, .lane-tile')]
            .filter((one) => one.offsetParent && one.offsetHeight < 64).map((one) => one.outerHTML)"""
        assert page.evaluate(small) == []


def test_stills_can_be_enlarged(visit: Opener, shop: PageShop) -> None:
    """A tap on a still shows it large with its box and cut-out; another tap goes closer."""
    brief(shop, 1)
    page = visit()
    page.locator("still-picture .look").nth(1).click()
    dialog = page.locator("dialog.look")
    expect(dialog.locator("h2")).to_have_text("Into the bagging area")
    expect(dialog.locator(".box")).to_be_visible()
    dialog.locator(".stage").click()
    expect(dialog.locator(".stage")).to_have_attribute("data-close", "")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
