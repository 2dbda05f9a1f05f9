"""Receipts as ESC/POS, for printers with Japanese characters (Shift_JIS as cp932).

Commands after Epson's public "ESC/POS Command Reference": ESC @ (initialize), ESC R (international set),
FS & and FS C (Kanji mode, code system), ESC a (align), ESC E (bold), GS ! (size), ESC p (drawer), GS V (cut).
"""

from __future__ import annotations

from typing import Final

from tenban.base.clock import to_datetime
from tenban.pos.receipt import Receipt
from tenban.pos.sales import SaleLine

INIT: Final = b"\x1b@"
JAPAN: Final = b"\x1bR\x08"  # 0x5C prints as the yen sign
SHIFT_JIS: Final = b"\x1c&\x1cC\x01"
LEFT: Final = b"\x1ba\x00"
CENTRE: Final = b"\x1ba\x01"
BOLD: Final = b"\x1bE\x01"
PLAIN: Final = b"\x1bE\x00"
LARGE: Final = b"\x1d!\x11"  # twice as wide and high
TALL: Final = b"\x1d!\x01"
NORMAL: Final = b"\x1d!\x00"
DRAWER: Final = b"\x1bp\x00\x19\xfa"
CUT: Final = b"\x1dVB\x03"

_WORDS: Final = {
    "ja": {
        "receipt": "領収書", "register": "レジ", "number": "取引番号", "total": "合計", "tax": "(税込)",
        "cash": "現金", "tendered": "お預かり", "change": "お釣り", "card": "カード", "ic": "交通系IC",
        "qr": "コード決済", "items": "点", "thanks": "ありがとうございました", "cashier": "担当",
        "voided": "取消済", "simulated": "※模擬決済です。請求はありません。",
    },
    "en": {
        "receipt": "RECEIPT", "register": "Register", "number": "Sale", "total": "TOTAL",
        "tax": "(tax incl.)",
        "cash": "Cash", "tendered": "Received", "change": "Change", "card": "Card", "ic": "IC card",
        "qr": "Code payment", "items": "items", "thanks": "Thank you", "cashier": "Cashier",
        "voided": "VOIDED", "simulated": "Simulated payment, nothing charged.",
    },
}  # fmt: skip


def encode(text: str) -> bytes:
    """Return text in Shift_JIS; what it cannot say becomes 〓, the printers' sign for a missing letter."""
    return b"".join(_one(sign) for sign in text)


def _one(sign: str) -> bytes:
    if sign in {"¥", "￥"}:
        return b"\\"
    if ord(sign) < 0x20:
        return b" "  # a control character in a name must not command the printer
    try:
        return sign.encode("cp932")
    except UnicodeEncodeError:
        return "〓".encode("cp932")


def width(text: str) -> int:
    """Return how many half-width columns text takes: a Shift_JIS letter of two bytes takes two."""
    return len(encode(text))


def cut_to(text: str, columns: int) -> str:
    """Return as much of the text as fits, never half a letter."""
    kept, taken = "", 0
    for sign in text:
        taken += width(sign)
        if taken > columns:
            return kept
        kept += sign
    return kept


def row(left: str, right: str, columns: int) -> bytes:
    """Return a line with one text at each end; a left one that is too long takes a line of its own."""
    room = columns - width(right) - 1
    if width(left) > room and width(left) <= columns:
        return encode(left) + b"\n" + b" " * (columns - width(right)) + encode(right) + b"\n"
    left = cut_to(left, room)
    gap = columns - width(left) - width(right)
    return encode(left) + b" " * gap + encode(right) + b"\n"


def receipt_bytes(receipt: Receipt, *, language: str = "ja", columns: int = 48) -> bytes:
    """Return what goes to the printer for one receipt, the cut at its end included.

    Args:
        receipt: of a finished sale.
        language: ``ja`` or ``en``; names of articles stay as the shop wrote them.
        columns: half-width letters a line holds: 48 on 80 mm paper, 32 on 58 mm.
    """
    say = _WORDS[language]
    moment = to_datetime(receipt.at).astimezone(receipt.zone)
    parts = [INIT, JAPAN, SHIFT_JIS, CENTRE]
    parts += [LARGE, encode(cut_to(receipt.shop, columns // 2)), b"\n", NORMAL]
    parts += [BOLD, encode(say["voided"] if receipt.voided else say["receipt"]), b"\n", PLAIN, LEFT]
    parts.append(row(moment.strftime("%Y-%m-%d %H:%M"), f"{say['register']} {receipt.register}", columns))
    parts.append(row(say["number"], receipt.sale, columns))
    if receipt.cashier:
        parts.append(row(say["cashier"], receipt.cashier, columns))
    parts.append(b"-" * columns + b"\n")
    for line in receipt.lines:
        parts += _line(line, columns)
    parts.append(b"-" * columns + b"\n")
    count = sum(line.quantity for line in receipt.lines)
    parts += [BOLD, TALL, row(f"{say['total']} {say['tax']}", _yen(receipt.total), columns), NORMAL, PLAIN]
    parts.append(row("", f"{count} {say['items']}", columns))
    for payment in receipt.payments:
        name = say.get(payment.method, payment.method)
        parts.append(row(f"{name} {payment.card or ''}".strip(), _yen(payment.amount or 0), columns))
    if receipt.tendered is not None:
        parts.append(row(say["tendered"], _yen(receipt.tendered), columns))
        parts.append(row(say["change"], _yen(receipt.change or 0), columns))
    if any(payment.method != "cash" for payment in receipt.payments):
        parts += [encode(say["simulated"]), b"\n"]
    parts += [b"\n", CENTRE, encode(say["thanks"]), b"\n", LEFT, CUT]
    return b"".join(parts)


def _line(line: SaleLine, columns: int) -> list[bytes]:
    name, amount = line.name or line.plu or "", _yen(line.net_amount)
    if line.weight_g:
        return [row(name, amount, columns), encode(f"  {line.weight_g} g"), b"\n"]
    if line.quantity > 1:
        each = f"  {line.quantity} x {_yen(line.unit_price or 0)}"
        return [row(name, "", columns), row(each, amount, columns)]
    return [row(name, amount, columns)]


def _yen(amount: int) -> str:
    return f"¥{amount:,}"
