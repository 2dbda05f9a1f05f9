"""The reference register, driven as shoppers and staff drive it, in a real Chromium."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from pages.complaints import Complaints
from pages.goods import APPLE, BEER, MILK, SALMON_LABEL, TEA, stock, wedge
from pages.hinted import hinted
from pages.judging import judged
from pages.pictures import evidence
from pages.shop import JUDGE, PASSWORD, PageShop, free_port, page_shop
from pages.until import until
from tenban.access.model import Role
from tenban.findings.mapping import fact_of_event
from tenban.findings.replay import replay
from tenban.findings.settings import RulesSettings
from tenban.findings.words import HINTS
from tenban.pos import queries
from tenban.pos.link import issue_command
from tenban.pos.sales import Sale, current_sale, sale
from tenban.sites.model import Printer, Register

pytestmark = pytest.mark.browser

Opener = Callable[..., Page]
HINT = HINTS["item_not_registered"]


def pair(page: Page, name: str = "mori") -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Pair this browser").click()
    expect(page.locator("#pair-name")).to_have_count(0)
    expect(page.locator("body[data-stage] .stage")).to_be_visible()


def approve(sheet: Locator, name: str, password: str) -> None:
    sheet.locator("input[id$=-name]").fill(name)
    sheet.locator("input[id$=-password]").fill(password)
    sheet.locator("button[type=submit].primary").click()


def sign_on(page: Page) -> None:
    sheet = page.get_by_role("dialog", name="Sign on")
    approve(sheet, "sato", PASSWORD)
    expect(sheet).to_be_hidden()


def pay_in_cash(page: Page, note: str) -> None:
    pay = page.get_by_role("button", name="Pay", exact=True)
    expect(pay.or_(page.get_by_role("button", name="Cash", exact=True))).to_be_visible()
    if pay.is_visible():
        pay.click()
    page.get_by_role("button", name="Cash", exact=True).click()
    page.get_by_role("button", name=f"Put in {note}").click()
    page.get_by_role("button", name="Pay in cash").click()


def tell(shop: PageShop, type_: str, body: dict[str, object]) -> None:
    now_at = shop.here.clock.now()
    shop.here.db.write_now(lambda c: issue_command(c, "lane-1", type_, body, now_at, actor=JUDGE))


def sale_at_now(shop: PageShop, known: Sale) -> Sale:
    found = shop.here.db.read_now(lambda c: sale(c, known.register, known.sale or ""))
    assert found is not None
    return found


def staff_events(shop: PageShop) -> list[str]:
    events = shop.here.db.read_now(lambda c: queries.events_since(c, 0))
    return [event.type.value for event in events if event.sale is None]


@pytest.fixture
def shop(tmp_path: Path, migrated_sqlite: Path) -> Iterator[PageShop]:
    path = tmp_path / "tenban.db"
    shutil.copy(migrated_sqlite, path)
    printer_port = free_port()
    registers = [
        Register("lane-1", "shop-1", "1", "self"),
        Register("printing-7", "shop-1", "7", "self", printer=Printer("127.0.0.1", printer_port)),
        Register("counter-8", "shop-1", "8", "semi_self"),
        Register("staffed-9", "shop-1", "9", "staffed"),
    ]
    with page_shop(path, tmp_path, registers=registers) as shop:
        shop.add_person("sato", "佐藤")
        yield shop


@pytest.fixture
def stocked(shop: PageShop) -> PageShop:
    stock(shop)
    shop.add_person("mori", "森", Role.SUPERVISOR)
    return shop


@pytest.fixture
def till(stocked: PageShop, visit: Opener) -> Page:
    page = visit("/register/lane-1", name=None)
    pair(page)
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    return page


def told(shop: PageShop, register: str = "lane-1", *, until: Callable[[Sale], bool] = bool) -> Sale:
    def sale_now() -> Sale | None:
        sale = shop.here.db.read_now(lambda connection: current_sale(connection, register))
        return sale if sale is not None and until(sale) else None

    sale = shop.until(sale_now, "the sale")
    assert sale is not None
    return sale


def test_a_whole_sale_by_scanner(till: Page, stocked: PageShop) -> None:
    """Scan, scan again, pay in cash: change is paid out, the receipt shows, the journal is the shop's."""
    till.keyboard.type(TEA)
    till.keyboard.press("Enter")
    wedge(till, TEA)
    expect(till.locator(".line .amount")).to_have_text("¥276")
    till.get_by_role("button", name="Pay", exact=True).click()
    till.get_by_role("button", name="Cash", exact=True).click()
    till.get_by_role("button", name="Put in ¥1,000").click()
    till.get_by_role("button", name="Pay in cash").click()
    expect(till.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(till.locator(".change .sum")).to_have_text("¥724")
    assert till.locator(".change .piles li").all_inner_texts() == [
        "500\n× 1",
        "100\n× 2",
        "10\n× 2",
        "1\n× 4",
    ]
    expect(till.locator(".receipt .total-row td")).to_have_text("¥276")
    sale = told(stocked, until=lambda sale: sale.state == "paid")
    assert [event.type for event in sale.events] == [
        "sale_started", "item_registered", "item_registered", "payment_started", "paid",
    ]  # fmt: skip
    assert sale.total == 276
    assert sale.events[-1].extra == {"tendered": 1000, "change": 724}
    assert re.fullmatch(r"\d{8}-\d{6}", sale.sale or "")


def test_it_goes_on_without_the_server_and_follows_in_order(
    till: Page, stocked: PageShop, complaints: Complaints
) -> None:
    """With the server gone a sale is rung and paid, even after a reload; its events follow in order."""
    until(till, "caches.match('/register/lane-1').then(Boolean)")
    wedge(till, TEA)
    first = told(stocked)
    stocked.stop()
    wedge(till, APPLE)
    expect(till.locator(".line")).to_have_count(2)
    till.reload()
    expect(till.locator(".line")).to_have_count(2)
    wedge(till, TEA)
    expect(till.locator(".side .sum")).to_have_text("¥434")
    pay_in_cash(till, "¥500")
    expect(till.get_by_role("heading", name="Thank you")).to_be_visible()
    stocked.start()
    sale = told(stocked, until=lambda sale: sale.state == "paid")
    assert sale.sale == first.sale
    assert [event.seq for event in sale.events] == list(range(1, 7))
    assert sale.total == 434
    assert (sale.gaps, sale.clashes) == ((), ())
    complaints.forgive_cuts()


def test_an_age_check_holds_the_payment_until_staff_approve(
    till: Page, stocked: PageShop, complaints: Complaints
) -> None:
    """Beer asks for staff; a wrong password is refused, the right one lets payment go on."""
    wedge(till, BEER)
    sheet = till.get_by_role("dialog", name="Age check")
    expect(sheet).to_contain_text("from the age of 20")
    sheet.get_by_role("button", name="Go on scanning").click()
    till.get_by_role("button", name="Pay", exact=True).click()
    expect(sheet).to_be_visible()
    approve(sheet, "sato", "wrong horse")
    expect(sheet.get_by_role("alert")).to_have_text("Name and password do not fit together.")
    approve(sheet, "sato", PASSWORD)
    expect(sheet).to_be_hidden()
    pay_in_cash(till, "¥1,000")
    sale = told(stocked, until=lambda sale: sale.state == "paid")
    started = next(event for event in sale.events if event.type == "payment_started")
    assert started.extra["age_checked"] == 20
    given = stocked.audit("pos:approval:given")
    assert [(line["subject"], line["detail"]["what"]) for line in given] == [(started.approval, "age")]
    assert len(stocked.audit("pos:approval:refused")) == 1
    complaints.forgive("status of 403")


def test_the_shopper_mends_it_and_the_finding_is_withdrawn(till: Page, stocked: PageShop) -> None:
    """A hint asks about an item; "I put it back" withdraws the incident, and the attendant sees why."""
    till.get_by_role("button", name="Start", exact=True).click()
    told(stocked)
    with judged(stocked) as judge:
        judge.move()
        hint = till.get_by_role("alertdialog")
        expect(hint).to_contain_text("check that the last item was registered")
        expect(till.locator(".band")).to_have_attribute("data-colour", "red")
        hint.get_by_role("button", name="I put it back").click()
        expect(hint).to_be_hidden()
        told(stocked, until=lambda sale: sale.events[-1].type == "hint_answered")
        judge.look()
        incident = stocked.known_incidents()[0]
        assert incident.standing == ()
        assert incident.latest.withdrawn["en"] == "The shopper answered that the item was put back."
        expect(till.locator(".band")).to_have_attribute("data-colour", "off")
        facts = [fact_of_event(event) for event in told(stocked).events] + judge.seen()
        assert replay(facts, RulesSettings()) == []


def test_scanning_it_now_withdraws_the_finding(till: Page, stocked: PageShop) -> None:
    """Whoever scans the item while the hint is shown has answered it: the finding is withdrawn at once."""
    till.get_by_role("button", name="Start", exact=True).click()
    told(stocked)
    with judged(stocked) as judge:
        judge.move()
        expect(till.get_by_role("alertdialog")).to_be_visible()
        wedge(till, APPLE)
        expect(till.get_by_role("alertdialog")).to_be_hidden()
        told(stocked, until=lambda sale: len(sale.events) == 3)
        judge.look()
        assert stocked.known_incidents()[0].latest.withdrawn is not None


def test_repeats_go_to_the_attendant_and_payment_is_held(till: Page, stocked: PageShop) -> None:
    """From the third time on the shopper's word is not asked for; payment waits until staff let it go on."""
    wedge(till, TEA)
    number = told(stocked).sale
    hint = till.get_by_role("alertdialog")
    for n in range(3):
        tell(
            stocked,
            "hint",
            {"text": HINT, "rule": "item_not_registered", "about": f"{number}:{n}", "answers": 2},
        )
        expect(hint).to_be_visible()
        if n < 2:
            hint.get_by_role("button", name="I put it back").click()
            expect(hint).to_be_hidden()
    expect(hint).to_contain_text("Staff are coming")
    expect(hint.get_by_role("button", name="I put it back")).to_be_hidden()
    hint.get_by_role("button", name="I have checked").click()
    tell(stocked, "hold_payment", {"reason": "repeated"})
    till.get_by_role("button", name="Pay", exact=True).click()
    expect(till.get_by_role("button", name="Cash", exact=True)).to_be_disabled()
    till.get_by_role("button", name="Staff: go on").click()
    sheet = till.get_by_role("dialog", name="Let payment go on")
    approve(sheet, "sato", PASSWORD)
    expect(till.get_by_role("button", name="Cash", exact=True)).to_be_enabled()
    tell(stocked, "hold_payment", {})
    expect(till.get_by_role("button", name="Cash", exact=True)).to_be_disabled()
    tell(stocked, "release", {})
    expect(till.get_by_role("button", name="Cash", exact=True)).to_be_enabled()
    stocked.until(lambda: all(row["result"] == "done" for row in stocked.commands()))


@pytest.mark.parametrize("tabs", [False, True], ids=["two browsers", "two tabs"])
def test_two_screens_serve_one_semi_self_register(stocked: PageShop, visit: Opener, *, tabs: bool) -> None:
    """Staff register on one screen; the shopper sees the items and pays on the other; staff see it paid."""
    staff = visit("/register/counter-8?side=staff", name=None)
    pair(staff)
    if tabs:
        shopper = staff.context.new_page()
        shopper.goto(staff.url.replace("side=staff", "side=pay"))
    else:
        shopper = visit("/register/counter-8?side=pay", name=None)
        pair(shopper)
    expect(shopper.get_by_role("heading", name="Pay here")).to_be_visible()
    staff.get_by_role("button", name="Sign on").click()
    sign_on(staff)
    wedge(staff, TEA)
    expect(shopper.locator(".line")).to_contain_text("緑茶 500ml")
    wedge(staff, APPLE)
    staff.get_by_role("button", name="Send to payment").click()
    expect(shopper.get_by_role("heading", name="How would you like to pay?")).to_be_visible()
    shopper.get_by_role("button", name="Card", exact=True).click()
    shopper.get_by_role("button", name="Pay ¥296").click()
    expect(shopper.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(staff.get_by_role("heading", name="Thank you")).to_be_visible()
    sale = told(stocked, "counter-8")
    assert (sale.state, sale.total, sale.cashier, sale.clashes) == ("paid", 296, "佐藤", ())


def test_staff_refund_and_void_and_open_the_drawer(
    stocked: PageShop, visit: Opener, complaints: Complaints
) -> None:
    """A staffed register asks for sign-on; no more than was paid is given back; all is journalled."""
    page = visit("/register/staffed-9", name=None)
    pair(page)
    wedge(page, TEA)
    sign_on(page)
    wedge(page, TEA)
    wedge(page, MILK)
    page.get_by_role("button", name="Remove 緑茶 500ml").click()
    wedge(page, TEA)
    page.get_by_role("button", name="Pay", exact=True).click()
    page.get_by_role("button", name="Cash", exact=True).click()
    page.get_by_role("button", name="¥1,000", exact=True).click()
    page.get_by_role("button", name="Finish").click()
    sale = told(stocked, "staffed-9", until=lambda sale: sale.state == "paid")
    page.get_by_role("button", name="Staff", exact=True).click()
    page.get_by_role("button", name="Refund or void a sale").click()
    sheet = page.get_by_role("dialog", name="Refund or void a sale")
    sheet.get_by_role("button", name="Find", exact=True).click()
    sheet.get_by_label("Amount to give back").fill("500")
    sheet.get_by_label("Reason").fill("傷み")
    approve(sheet, "mori", PASSWORD)
    expect(sheet.get_by_text("Enter an amount from 1 to ¥396.")).to_be_visible()
    sheet.get_by_label("Amount to give back").fill("138")
    approve(sheet, "sato", PASSWORD)
    expect(sheet.get_by_text("Your role does not allow this.")).to_be_visible()
    approve(sheet, "mori", PASSWORD)
    expect(page.get_by_text("Give back ¥138.")).to_be_visible()
    stocked.until(lambda: sale_at_now(stocked, sale).refunded == 138)
    page.get_by_role("button", name="Staff", exact=True).click()
    page.get_by_role("button", name="Open the drawer").click()
    approve(page.get_by_role("dialog", name="Open the drawer"), "mori", PASSWORD)
    expect(page.get_by_text("No drawer is attached")).to_be_visible()
    page.get_by_role("button", name="Staff", exact=True).click()
    page.get_by_role("button", name="Sign off").click()
    expect(page.get_by_role("heading", name="This register is closed")).to_be_visible()
    stocked.until(lambda: len(staff_events(stocked)) == 4)
    assert staff_events(stocked) == ["cashier_signed_on", "refunded", "drawer_opened", "cashier_signed_off"]
    complaints.forgive("status of 403")


def test_a_receipt_goes_to_the_network_printer(
    stocked: PageShop, visit: Opener, complaints: Complaints
) -> None:
    """The printer at the register's address gets the receipt; while it is off, the screen says so."""
    printer_at = stocked.here.sites.register("printing-7").printer
    assert printer_at is not None
    with socket.create_server((printer_at.host, printer_at.port)) as printer:
        page = visit("/register/printing-7", name=None)
        pair(page)
        wedge(page, TEA)
        pay_in_cash(page, "¥500")
        page.get_by_role("button", name="Print the receipt").click()
        connection, _ = printer.accept()
        with connection:
            connection.settimeout(60)
            data = b"".join(iter(lambda: connection.recv(4096), b""))
    assert data.startswith(b"\x1b@")
    assert "緑茶 500ml".encode("cp932") in data
    assert data.endswith(b"\x1dVB\x03")
    page.get_by_role("button", name="Print the receipt").click()
    expect(page.locator(".done .trouble")).to_contain_text("got a refusal")
    complaints.forgive("status of 503")


def test_both_languages_search_and_weight(till: Page, stocked: PageShop) -> None:
    """Romaji, kana and kanji find an article; a weight is priced; switching the language keeps the sale."""
    till.get_by_role("button", name="Start", exact=True).click()
    for text in ("banana", "バナナ", "ばなな", "ﾊﾞﾅﾅ", "banan"):
        till.keyboard.press("F2")
        till.get_by_label("Name, kana or romaji").fill(text)
        expect(till.locator(".tile")).to_have_count(1)
        till.get_by_role("button", name="Close").click()
    till.keyboard.press("F2")
    till.locator(".tile", has_text="バナナ").click()
    sheet = till.get_by_role("dialog", name="Weigh the item")
    sheet.get_by_label("Weight in grams").fill("642")
    sheet.get_by_role("button", name="Add").click()
    expect(till.locator(".line .amount")).to_have_text("¥191")
    wedge(till, SALMON_LABEL)
    expect(till.locator(".side .sum")).to_have_text("¥589")
    till.get_by_role("button", name="日本語").click()
    expect(till.get_by_role("button", name="お支払いへ")).to_be_visible()
    expect(till.locator(".line")).to_have_count(2)
    sale = told(stocked, until=lambda sale: len(sale.lines) == 2)
    assert [(line.weight_g, line.amount) for line in sale.lines] == [(642, 191), (None, 398)]


def test_a_sale_is_set_aside_and_gone_on_with(till: Page, stocked: PageShop) -> None:
    """A sale set aside lets the next shopper pay and is gone on with later, as one sale."""
    wedge(till, MILK)
    till.get_by_role("button", name="Set aside").click()
    wedge(till, TEA)
    pay_in_cash(till, "¥500")
    till.get_by_role("button", name="Finish").click()
    till.get_by_role("button", name="Go on with 1 item").click()
    expect(till.locator(".line")).to_contain_text("牛乳 1L")
    till.get_by_role("button", name="Cancel all").click()
    till.get_by_role("button", name="Yes, cancel all").click()
    expect(till.get_by_role("heading", name="Welcome")).to_be_visible()
    stocked.until(lambda: stocked.event_types("lane-1")[-1] == "sale_cancelled")
    assert stocked.event_types("lane-1") == [
        "sale_started", "item_registered", "sale_suspended",
        "sale_started", "item_registered", "payment_started", "paid",
        "sale_resumed", "sale_cancelled",
    ]  # fmt: skip


def test_lamp_and_hint_are_shown_and_acknowledged(till: Page, stocked: PageShop) -> None:
    """The lamp's band changes, the hint shows its picture, and each command is acknowledged as done."""
    wedge(till, TEA)
    blob = stocked.here.blobs.put(evidence(1)[2], "jpg")
    tell(stocked, "lamp", {"colour": "amber", "blink": True})
    tell(
        stocked,
        "hint",
        {"text": HINT, "rule": "item_not_registered", "about": "x", "answers": 2, "still": f"blob:{blob}"},
    )
    expect(till.locator(".hint-sheet img")).to_be_visible()
    stocked.until(lambda: all(row["result"] == "done" for row in stocked.commands()))
    assert len(stocked.audit("media:picture:viewed")) == 1
    assert till.evaluate("Boolean(document.querySelector('.band.blink'))")


@pytest.mark.parametrize("calm", [False, True])
def test_a_hint_shows_its_picture_at_once_and_its_clip_when_it_is_cut(
    till: Page,
    stocked: PageShop,
    video: bytes,
    *,
    calm: bool,
) -> None:
    """The clip plays muted, over and over, and can be stopped; where less motion is asked for it waits."""
    if calm:
        till.emulate_media(reduced_motion="reduce")
    wedge(till, TEA)
    incident = hinted(stocked, told(stocked).sale or "", about="fold")
    hint = till.get_by_role("alertdialog")
    still, film = hint.locator("img"), hint.locator("video")
    expect(still).to_be_visible()
    expect(film).to_be_hidden()
    stocked.settle_clip(incident, video)
    expect(film).to_be_visible()
    expect(still).to_be_hidden()
    assert film.evaluate("(one) => [one.muted, one.loop, one.playsInline, one.poster.slice(0, 5)]") == [
        *(True, True, True),
        "blob:",
    ]
    if calm:
        assert film.evaluate("(one) => one.paused")
        hint.get_by_role("button", name="Play").click()
    button = hint.get_by_role("button", name="Pause")
    expect(button).to_be_visible()
    button.click()
    assert film.evaluate("(one) => one.paused")
    viewed = stocked.audit("media:picture:viewed")
    assert {one["actor"] for one in viewed} == {"register:lane-1"}
    assert {one["detail"]["blob"][-3:] for one in viewed} == {"jpg", "mp4"}
    hint.get_by_role("button", name="I put it back").click()
    expect(hint).to_be_hidden()
    expect(till.locator(".hint-sheet video")).not_to_have_attribute("src", re.compile(""))


def test_a_clip_that_cannot_be_had_leaves_the_picture(
    till: Page, stocked: PageShop, complaints: Complaints
) -> None:
    """Where the clip failed nothing is said of it; the hint can be answered as ever."""
    wedge(till, TEA)
    incident = hinted(stocked, told(stocked).sale or "", about="fold")
    hint = till.get_by_role("alertdialog")
    expect(hint.locator("img")).to_be_visible()
    with till.expect_response("**/clip?*") as answer:
        stocked.settle_clip(incident, None, {"ja": "…", "en": "no footage"})
    assert answer.value.status == 404
    expect(hint.locator("img")).to_be_visible()
    expect(hint.locator("video")).to_be_hidden()
    hint.get_by_role("button", name="I put it back").click()
    expect(hint).to_be_hidden()
    complaints.forgive("status of 404")


def test_by_keyboard_alone(till: Page, stocked: PageShop) -> None:
    """From the first screen to the receipt with nothing but keys; a screen reader is told of each item."""
    till.keyboard.press("Tab")
    till.get_by_role("button", name="Start", exact=True).focus()
    till.keyboard.press("Enter")
    wedge(till, TEA)
    expect(till.locator("p.unseen[role=status]", has_text="緑茶 500ml ¥138")).to_have_count(1)
    wedge(till, MILK)
    till.get_by_role("button", name="Remove 緑茶 500ml").press("Enter")
    expect(till.get_by_role("button", name="Remove 牛乳 1L")).to_be_focused()
    till.get_by_role("alert").get_by_role("button", name="Undo").press("Enter")
    expect(till.locator(".side .sum")).to_have_text("¥396")
    till.get_by_role("button", name="Remove 牛乳 1L").press("Enter")
    till.keyboard.press("F3")
    till.keyboard.type("1004", delay=90)
    expect(till.get_by_role("dialog", name="Enter a code")).to_contain_text("トマト")
    till.keyboard.press("Escape")
    till.keyboard.press("F2")
    till.keyboard.type("toma", delay=90)
    expect(till.locator(".tile")).to_have_count(1)
    till.keyboard.press("Escape")
    till.keyboard.press("Escape")
    till.keyboard.press("F12")
    till.get_by_role("button", name="Card", exact=True).focus()
    till.keyboard.press("Enter")
    till.get_by_role("button", name="Pay ¥138").focus()
    till.keyboard.press("Enter")
    expect(till.get_by_role("heading", name="Thank you")).to_be_visible()


def test_one_screen_at_a_time_serves_as_a_register(till: Page, stocked: PageShop) -> None:
    """A second tab takes the register over; the first one says so until it is taken back."""
    second = till.context.new_page()
    second.goto(till.url)
    expect(till.get_by_role("heading", name="Open on another screen")).to_be_visible()
    till.get_by_role("button", name="Use this screen").click()
    expect(second.get_by_role("heading", name="Open on another screen")).to_be_visible()
    wedge(till, TEA)
    expect(till.locator(".line")).to_have_count(1)


def test_strangers_are_not_told_what_registers_there_are(
    stocked: PageShop, visit: Opener, complaints: Complaints
) -> None:
    """An unknown register is a page that says so; only somebody who is signed in sees which there are."""
    stranger = visit("/register/none", name=None)
    expect(stranger.get_by_role("heading", name="No such register")).to_be_visible()
    assert stranger.locator(".register-list").count() == 0
    assert visit("/register/none").locator(".register-list a").count() == 4
    complaints.forgive("status of 404")
