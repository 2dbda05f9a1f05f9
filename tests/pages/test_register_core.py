"""The register's arithmetic, run in Chromium; against the server's own rules where there are any."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from pages.shop import page_shop
from tenban.base.errors import BadInput
from tenban.pos.codes import check_digit, read_code
from tenban.web.files import static_tree

pytestmark = pytest.mark.browser

Core = Callable[..., Any]


@pytest.fixture(scope="module")
def page(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path
) -> Iterator[Page]:
    """One page for all: arithmetic leaves nothing behind."""
    folder = tmp_path_factory.mktemp("core")
    shutil.copy(migrated_sqlite, folder / "tenban.db")
    with page_shop(folder / "tenban.db", folder) as shop:
        page = chromium.new_page()
        page.goto(f"{shop.url}/login")
        yield page
        page.close()


@pytest.fixture
def core(page: Page) -> Core:
    """Run an expression over a core module `m`, with an argument `a`."""

    def run(module: str, expression: str, argument: object = None) -> Any:
        path = f"register/core/{module}.js".replace("core/../", "")
        url = static_tree().url(path)
        return page.evaluate(f"async (a) => {{ const m = await import('{url}'); {expression} }}", argument)

    return run


def test_codes_are_read_as_the_server_reads_them(core: Core) -> None:
    """For hundreds of codes of every kind, good and bad, browser and server agree."""
    shuffler = random.Random(3)  # noqa: S311  # repeatable, no secret
    codes: list[str] = []
    for length in (8, 12, 13, 14):
        for _ in range(120):
            stem = "".join(shuffler.choice("0123456789") for _ in range(length - 1))
            codes += [stem + check_digit(stem), stem + shuffler.choice("0123456789")]
    for _ in range(60):
        stem = f"02{shuffler.randrange(10**10):010d}"
        codes.append(stem + check_digit(stem))
    codes += ["４９０１２３４５６７８９４", "4901 2345-67894", "1001", "ABC", " 17 "]
    expected = []
    for code in codes:
        try:
            told = read_code(code)
            expected.append([told.kind, told.key, told.price, told.weight_g])
        except BadInput:
            expected.append(None)
    seen = core(
        "codes",
        """return a.map((text) => {
        try { const c = m.readCode(text); return [c.kind, c.key, c.price, c.weight_g]; }
        catch (e) { if (e instanceof m.BadCode) return null; throw e; } });""",
        codes,
    )
    assert seen == expected
    assert None in expected


def test_change_is_paid_out_in_the_fewest_pieces(core: Core) -> None:
    """Every amount up to ¥12,000 comes out exactly, with as few notes and coins as can be."""
    values = [10_000, 5_000, 1_000, 500, 100, 50, 10, 5, 1]
    out = core("money", "return Array.from({length: 12001}, (_, n) => m.payOut(n));")
    for amount, pieces in enumerate(out):
        assert sum(piece["value"] * piece["count"] for piece in pieces) == amount
        assert [piece["value"] for piece in pieces] == [
            v for v in values if v in {p["value"] for p in pieces}
        ]
        assert all(p["count"] <= 4 for p in pieces if p["value"] not in {10_000, 5_000, 500, 50, 5})
        assert all(p["count"] <= 1 for p in pieces if p["value"] in {5_000, 500, 50, 5})


def test_yen_have_no_decimals_and_other_money_has(core: Core) -> None:
    """Amounts are written as people read them."""
    said = core(
        "money", "return [m.money(1705), m.money(-500), m.money(1234567), m.money(1705, 'USD', 'en')];"
    )
    assert said == ["¥1,705", "−¥500", "¥1,234,567", "$17.05"]


def test_likely_tenders_are_round_and_enough(core: Core) -> None:
    """Staff are offered the exact amount and the notes somebody hands over for it."""
    assert core("money", "return m.likelyTenders(1705);") == [1705, 2000, 5000, 10000]
    assert core("money", "return m.likelyTenders(5000);") == [5000, 10000]


SALE = """
const how = { register: 'lane-1', now: () => new Date(0), id: () => 'id' };
let sale = m.newSale('1'); const events = [];
const step = ([next, told]) => {
  const [after, numbered] = m.told(next, told, how);
  sale = after;
  events.push(...numbered);
};
const tea = { code: 'tea', name: '緑茶', unit_price: 138, unit: 'piece' };
const banana = { code: 'ban', name: 'バナナ', unit_price: 298, unit: 'kg' };
const beer = { code: 'beer', name: 'ビール', unit_price: 228, unit: 'piece', minimum_age: 20 };
step(m.started(sale));
"""


def test_pieces_of_one_article_share_a_line_and_weights_do_not(core: Core) -> None:
    """Tea twice is one line of two; two weighed bananas are two lines; the events say the same."""
    found = core(
        "sale",
        SALE
        + """step(m.registered(sale, tea)); step(m.registered(sale, tea, {quantity: 2}));
        step(m.registered(sale, banana, {weight_g: 642})); step(m.registered(sale, banana, {weight_g: 500}));
        return [sale.lines.map((l) => [l.line, l.quantity, l.amount]), m.total(sale), m.pieces(sale),
                events.map((e) => [e.seq, e.type, e.item?.line, e.item?.quantity, e.item?.amount])];""",
    )
    assert found == [
        [["1", 3, 414], ["2", 1, 191], ["3", 1, 149]],
        754,
        5,
        [
            [1, "sale_started", None, None, None],
            [2, "item_registered", "1", 1, 138],
            [3, "item_registered", "1", 2, 276],
            [4, "item_registered", "2", 1, 191],
            [5, "item_registered", "3", 1, 149],
        ],
    ]


def test_a_quantity_goes_up_and_down_by_events(core: Core) -> None:
    """More is registered, less is voided, and a voided article gets a line of its own when it comes again."""
    found = core(
        "sale",
        SALE
        + """step(m.registered(sale, tea)); step(m.counted(sale, '1', 4)); step(m.counted(sale, '1', 1));
        step(m.voided(sale, '1')); step(m.voided(sale, '1')); step(m.registered(sale, tea));
        return [m.total(sale), sale.lines.map((l) => [l.line, l.quantity]),
                events.map((e) => [e.type, e.item?.quantity])];""",
    )
    assert found == [
        138,
        [["1", 0], ["2", 1]],
        [
            ["sale_started", None],
            ["item_registered", 1],
            ["item_registered", 3],
            ["item_voided", 3],
            ["item_voided", 1],
            ["item_registered", 1],
        ],
    ]


def test_an_age_is_checked_once_per_sale_and_for_the_highest(core: Core) -> None:
    """Approved for 20 covers the next beer; a voided one needs no check."""
    found = core(
        "sale",
        SALE
        + """step(m.registered(sale, beer)); const first = m.ageToCheck(sale);
        const without = m.ageToCheck(m.voided(sale, '1')[0]);
        sale = m.ageApproved(sale, 20, 'a1'); step(m.registered(sale, beer));
        const after = m.ageToCheck(sale); step(m.toPayment(sale));
        return [first, without, after, events.at(-1).age_checked, events.at(-1).approval];""",
    )
    assert found == [20, 0, 0, 20, "a1"]


def test_too_little_cash_pays_nothing(core: Core) -> None:
    """Paying with less than is due is an error of the program, and told as such."""
    said = core(
        "sale",
        SALE
        + """step(m.registered(sale, tea));
        try { m.paid(sale, {method: 'cash', tendered: 100}); return 'paid'; } catch (e) { return e.name; }""",
    )
    assert said == "RangeError"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ばなな", ["バナナ"]),
        ("バナナ", ["バナナ"]),
        ("ﾊﾞﾅﾅ", ["バナナ"]),
        ("banana", ["バナナ"]),
        ("BANAN", ["バナナ"]),
        ("bnana", []),
        ("りんご", ["りんご ふじ"]),
        ("ringo", ["りんご ふじ"]),
        ("negi", ["長ねぎ", "玉ねぎ"]),
        ("gyuunyuu", ["牛乳 1L"]),
        ("牛乳", ["牛乳 1L"]),
        ("ぎゅうn", ["牛乳 1L"]),
        ("1L", ["牛乳 1L"]),
        ("kan", ["缶ビール"]),
        ("shokupan", ["食パン"]),
        ("syokupan", ["食パン"]),
        ("kurowassan", ["クロワッサン"]),
        ("4902", ["牛乳 1L"]),
        ("野菜", ["長ねぎ", "玉ねぎ"]),
        ("zzz", []),
    ],
)
def test_articles_are_found_as_people_type(core: Core, typed: str, found: list[str]) -> None:
    """Kana of either script and width, romaji of either school, kanji, half-typed words, codes and kinds."""
    goods = [
        ["バナナ", "ばなな", "果物", "1001"],
        ["りんご ふじ", "りんごふじ", "果物", "1002"],
        ["長ねぎ", "ながねぎ", "野菜", "1005"],
        ["玉ねぎ", "たまねぎ", "野菜", "1006"],
        ["牛乳 1L", "ぎゅうにゅう", "乳製品", "4902"],
        ["缶ビール", "かんびーる", "酒類", "4903"],
        ["食パン", "しょくぱん", "パン", "1010"],
        ["クロワッサン", "くろわっさん", "パン", "1009"],
    ]
    names = core(
        "search",
        """const article = ([name, reading, category, code]) => ({name, reading, category, code});
        const index = a.goods.map((one) => m.indexed(article(one)));
        return m.find(index, a.typed).map((article) => article.name);""",
        {"goods": goods, "typed": typed},
    )
    assert set(names) == set(found)


def test_a_scanner_is_told_from_a_person(core: Core) -> None:
    """Fast keys that end with Enter are a code; slow ones, short ones and a lone Enter are not."""
    found = core(
        "wedge",
        """const type = (keys, gap) => { const w = new m.Wedge(); let t = 0; let got = null;
          for (const key of keys) { t += gap; got = w.press({...key, time_ms: t}) ?? got; } return got; };
        const keys = (text) => [...text].map((key) => ({key})).concat([{key: 'Enter'}]);
        const ime = [...'4901'].map((d) => ({key: 'Process', code: `Digit${d}`})).concat([{key: 'Enter'}]);
        return [type(keys('4901234567894'), 8), type(keys('4901234567894'), 120), type(keys('490'), 8),
                type([{key: 'Enter'}], 8), type(ime, 8), type(keys('４９０１'), 8)];""",
    )
    assert found == ["4901234567894", None, None, None, "4901", "4901"]
    held_back = core(
        "wedge",
        """const w = new m.Wedge(); let t = 0; let got = null;
        [...'4901234567894', 'Enter'].forEach((key, n) => {
          t += n === 6 ? 250 : 8;
          got = w.press({key, time_ms: t});
        });
        return got;""",
    )
    assert held_back == "4901234567894"


def test_sale_numbers_only_grow(core: Core) -> None:
    """Two sales within a second, or after the clock was set back, have different and growing numbers."""
    found = core(
        "../ids",
        """const t = new Date('2026-11-22T03:05:57Z'); const out = []; let last = '';
        for (let n = 0; n < 12; n += 1) out.push(last = m.saleNumber(t, 'Asia/Tokyo', last));
        out.push(m.saleNumber(new Date('2026-11-22T02:00:00Z'), 'Asia/Tokyo', last));
        out.push(m.saleNumber(new Date('2026-11-22T04:00:00Z'), 'Asia/Tokyo', last));
        return out;""",
    )
    assert found[:2] == ["20261122-120557", "20261122-120557-002"]
    assert found[-1] == "20261122-130000"
    assert sorted(set(found)) == found
