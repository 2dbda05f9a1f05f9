"""A sale in words: the lines of its journal, and its receipt as text. Card numbers come masked as kept."""

from __future__ import annotations

from typing import Any

from tenban.base.clock import to_datetime, to_rfc3339
from tenban.base.money import Money
from tenban.pos.model import SaleEvent
from tenban.pos.receipt import Receipt
from tenban.pos.sales import Sale


def journal_lines(known: Sale) -> list[dict[str, Any]]:
    """Return the steps of a sale for people to read, in their order: when, what, and what of it."""
    return [
        {
            "at": to_rfc3339(event.occurred_at),
            "rung_at": to_rfc3339(event.rung_at),
            "doubted": event.clock_doubted,
            "register": event.register,
            "type": event.type.value,
            "name": event.item.name if event.item else None,
            "plu": event.item.plu if event.item else None,
            "quantity": event.item.quantity if event.item else None,
            "amount": _amount(event),
            "cashier": event.cashier,
            "reason": event.reason or event.note,
            "payments": [
                {"method": one.method, "amount": one.amount, "card": one.card} for one in event.payments
            ],
        }
        for event in known.events
    ]


_METHODS = {
    "cash": "現金 / cash",
    "card": "カード / card",
    "ic": "交通系IC / IC card",
    "qr": "コード決済 / code payment",
    "emoney": "電子マネー / e-money",
}


def receipt_text(receipt: Receipt) -> str:
    """Return a receipt as plain text, in both languages."""
    when = to_datetime(receipt.at).astimezone(receipt.zone)
    out = [receipt.shop, f"{when:%Y-%m-%d %H:%M:%S}  {receipt.register}", f"No. {receipt.sale}"]
    out += [f"レジ係 / cashier: {receipt.cashier}"] if receipt.cashier else []
    out += ["*** 取消済み / voided ***"] if receipt.voided else []
    out.append("-" * 40)
    for line in receipt.lines:
        out.append(
            f"{line.name or line.plu or '?'}  x{line.quantity}  {Money(line.net_amount, receipt.currency)}"
        )
    out += ["-" * 40, f"合計 / total  {Money(receipt.total, receipt.currency)}"]
    for paid in receipt.payments:
        card = f" {paid.card}" if paid.card else ""
        amount = "" if paid.amount is None else f"  {Money(paid.amount, receipt.currency)}"
        out.append(f"{_METHODS.get(paid.method, paid.method)}{card}{amount}")
    if receipt.tendered is not None:
        out.append(f"お預り / tendered  {Money(receipt.tendered, receipt.currency)}")
    if receipt.change is not None:
        out.append(f"お釣り / change  {Money(receipt.change, receipt.currency)}")
    return "\n".join(out) + "\n"


def _amount(event: SaleEvent) -> int | None:
    if event.item is not None:
        return event.item.amount
    return event.total if event.amount is None else event.amount
