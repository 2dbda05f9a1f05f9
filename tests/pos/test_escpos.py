"""Receipts as ESC/POS bytes."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.base.clock import from_rfc3339
from tenban.pos.escpos import CUT, INIT, cut_to, encode, receipt_bytes, row, width
from tenban.pos.model import Payment
from tenban.pos.receipt import Receipt
from tenban.pos.sales import SaleLine

AT = from_rfc3339("2026-11-22T03:05:57Z")


def line(name: str, amount: int, quantity: int = 1, weight_g: int | None = None) -> SaleLine:
    return SaleLine("1", "x", name, amount // quantity, None, quantity, 0, weight_g, amount, 1, AT)


RECEIPT = Receipt(
    shop="みどり食品 大宮店",
    register="7",
    sale="20261122-120557",
    at=AT,
    zone=ZoneInfo("Asia/Tokyo"),
    currency="JPY",
    lines=(line("緑茶 500ml", 276, 2), line("バナナ", 191, weight_g=642), line("牛乳 1L", 258)),
    total=725,
    payments=(Payment("cash", 725),),
    tendered=1000,
    change=275,
    cashier=None,
    voided=False,
)


def printed(data: bytes) -> list[str]:
    """The lines of a print-out without its commands."""
    for command in (b"\x1b@", b"\x1bR\x08", b"\x1c&", b"\x1cC\x01", CUT):
        data = data.replace(command, b"")
    for command in (b"\x1ba", b"\x1bE", b"\x1d!"):
        while command in data:
            at = data.index(command)
            data = data[:at] + data[at + 3 :]
    return data.decode("cp932").splitlines()


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_every_line_fits_the_paper(columns: int) -> None:
    """No line is wider than the paper, and amounts end at its edge."""
    lines = printed(receipt_bytes(RECEIPT, columns=columns))
    assert all(width(one) <= columns for one in lines)
    total = next(one for one in lines if one.startswith("合計"))
    assert width(total) == columns
    assert total.endswith("\\725")


def test_a_receipt_in_japanese() -> None:
    """It begins by resetting the printer, says all that was bought and paid, and ends with the cut."""
    data = receipt_bytes(RECEIPT, columns=32)
    assert data.startswith(INIT)
    assert data.endswith(CUT)
    assert [one.split() for one in printed(data)][2:9] == [
        ["2026-11-22", "12:05", "レジ", "7"],
        ["取引番号", "20261122-120557"],
        ["-" * 32],
        ["緑茶", "500ml"],
        ["2", "x", "\\138", "\\276"],
        ["バナナ", "\\191"],
        ["642", "g"],
    ]
    assert ["お釣り", "\\275"] in [one.split() for one in printed(data)]


def test_a_receipt_in_english() -> None:
    """The words change; the names of articles stay as the shop wrote them."""
    text = "\n".join(printed(receipt_bytes(RECEIPT, language="en")))
    assert "TOTAL (tax incl.)" in text
    assert "緑茶 500ml" in text
    assert "Change" in text


def test_what_shift_jis_cannot_say_becomes_a_mark() -> None:
    """A letter the printer does not have is shown as missing; nothing else of the name is lost."""
    assert encode("café 🍎 鴎") == b"caf" + "〓".encode("cp932") + " 〓 鴎".encode("cp932")


def test_a_name_cannot_command_the_printer() -> None:
    """Control characters in a name are printed as spaces."""
    assert encode("a\x1bp\x00\x19b") == b"a p  b"


@given(st.text(), st.text(max_size=12), st.integers(24, 64))
def test_rows_are_exactly_as_wide_as_the_paper(left: str, right: str, columns: int) -> None:
    """Whatever the texts, each printed row has the paper's width and ends with the right-hand text."""
    right = cut_to(right, columns - 2)
    rows = row(left, right, columns).decode("cp932").split("\n")
    assert rows[-1] == ""
    assert width(rows[-2]) == columns
    assert rows[-2].endswith(encode(right).decode("cp932"))
