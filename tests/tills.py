"""A shop, and sale events as its tills would send them, for tests."""

from __future__ import annotations

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from tenban.base.clock import Instant, to_rfc3339
from tenban.base.fakes import FakeClock
from tenban.sites.model import Register, Shop

STARTS_AT: Instant = FakeClock().now()


def shop_with(*registers: str, shop: str = "ebisu") -> Shop:
    return Shop(
        shop,
        shop.title(),
        ZoneInfo("Asia/Tokyo"),
        "JPY",
        (),
        (),
        tuple(Register(one, shop, one.title(), "self") for one in registers),
    )


def event(kind: str = "sale_started", **fields: Any) -> dict[str, Any]:
    """An event of sale 1 at lane-1, rung now by a right clock unless ``rung_at`` says otherwise."""
    rung_at = fields.pop("rung_at", STARTS_AT)
    return {
        "event_id": str(uuid.uuid4()),
        "register": "lane-1",
        "sale": "0001-17",
        "seq": 1,
        "type": kind,
        "rung_at": to_rfc3339(rung_at) if isinstance(rung_at, int) else rung_at,
        **fields,
    }


def item(line: str = "1", plu: str = "4901234567894", **fields: Any) -> dict[str, Any]:
    return {
        "line": line,
        "plu": plu,
        "name": "緑茶 500ml",
        "quantity": 1,
        "unit_price": 198,
        "amount": 198,
        "entered": "scan",
        **fields,
    }


def whole_sale(
    sale: str = "0001-17", register: str = "lane-1", at: Instant = STARTS_AT
) -> list[dict[str, Any]]:
    """Start, two items of which one is voided, payment, paid: one second apart, ``seq`` 1 to 6."""
    steps: list[tuple[str, dict[str, Any]]] = [
        ("sale_started", {}),
        ("item_registered", {"item": item("1")}),
        ("item_registered", {"item": item("2", "4909876543218", quantity=3, amount=300, unit_price=100)}),
        ("item_voided", {"item": {"line": "1", "quantity": 1}}),
        ("payment_started", {"total": 300}),
        ("paid", {"total": 300, "payments": [{"method": "cash", "amount": 300}]}),
    ]
    return [
        event(kind, sale=sale, register=register, seq=seq, rung_at=at + seq * 1_000_000, **fields)
        for seq, (kind, fields) in enumerate(steps, 1)
    ]
