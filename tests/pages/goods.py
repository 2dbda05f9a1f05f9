"""What the shop of the register's tests sells: scanned, looked up, weighed, priced by label, 20 and over."""

from __future__ import annotations

from playwright.sync_api import Page

from pages.shop import PageShop
from tenban.access.model import system_actor
from tenban.base.clock import SystemClock
from tenban.pos.codes import check_digit
from tenban.pos.plu import import_plu
from tenban.pos.plu_file import PluFile, PluItem

TEA = "4901234567894"
MILK = "4902345678905"
BEER = "4903456789016"
BANANAS = "1001"
APPLE = "1002"
SALMON = "0201234"
SALMON_LABEL = "020123400398" + check_digit("020123400398")

GOODS = (
    PluItem(TEA, "緑茶 500ml", 138, "piece", "飲料", "りょくちゃ"),
    PluItem(MILK, "牛乳 1L", 258, "piece", "乳製品", "ぎゅうにゅう"),
    PluItem(BEER, "缶ビール 350ml", 228, "piece", "酒類", "かんびーる", 20),
    PluItem(BANANAS, "バナナ", 298, "kg", "果物", "ばなな"),
    PluItem(APPLE, "りんご ふじ", 158, "piece", "果物", "りんごふじ"),
    PluItem("1003", "みかん", 68, "piece", "果物", "みかん"),
    PluItem("1004", "トマト", 98, "piece", "野菜", "とまと"),
    PluItem("1005", "長ねぎ", 178, "piece", "野菜", "ながねぎ"),
    PluItem("1006", "にんじん", 58, "piece", "野菜", "にんじん"),
    PluItem("1007", "玉ねぎ", 48, "piece", "野菜", "たまねぎ"),
    PluItem("1008", "キャベツ", 198, "piece", "野菜", "きゃべつ"),
    PluItem("1009", "クロワッサン", 148, "piece", "パン", "くろわっさん"),
    PluItem("1010", "食パン", 178, "piece", "パン", "しょくぱん"),
    PluItem("1011", "おにぎり 鮭", 128, "piece", "惣菜", "おにぎりさけ"),
    PluItem("1012", "たまご 10個", 248, "piece", "卵", "たまご"),
    PluItem("1013", "レジ袋 M", 5, "piece", "その他", "れじぶくろ"),
    PluItem(SALMON, "刺身サーモン", None, "piece", "鮮魚", "さしみさーもん"),
)


def wedge(page: Page, code: str) -> None:
    """Type as a scanner does, at its pace even on a busy machine, as real key presses may not."""
    page.evaluate(
        """(code) => {
          const field = document.activeElement ?? document.body;
          for (const key of [...code, 'Enter']) {
            field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
          }
        }""",
        code,
    )


def stock(shop: PageShop, goods: tuple[PluItem, ...] = GOODS) -> None:
    """Take the goods into the shop's PLU master; the registers are told."""
    now_at = SystemClock().now()
    site = shop.here.sites.shop("shop-1")
    shop.here.db.write_now(
        lambda connection: import_plu(
            connection, system_actor("test"), now_at, site, PluFile(goods, ()), source="goods.py"
        )
    )
