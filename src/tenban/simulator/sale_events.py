"""A script's till events as the contract writes them (design/register-loop.md)."""

from __future__ import annotations

import hashlib
from typing import Any

from tenban.base.clock import Instant, seconds, to_rfc3339
from tenban.base.ids import new_id
from tenban.simulator.script import Script


def sale_name(lane: str, number: int, start_at: Instant) -> str:
    """Return the till's number for a sale: unique for a lane, a start of the demo, and a count."""
    return f"{lane}-{start_at // 1_000_000}-{number:04d}"


def sale_events(
    script: Script, *, register: str, sale: str, start_at: Instant, clock_offset_s: float = 0.0
) -> list[dict[str, Any]]:
    """Return the events of one sale, ready to be posted, in the order in which they are rung.

    Args:
        script: the sale.
        register: id of the register.
        sale: the till's name for the sale.
        start_at: when the script begins.
        clock_offset_s: by how much the till's clock is fast.
    """
    events: list[dict[str, Any]] = []
    for seq, event in enumerate(script.events, start=1):
        rung_at = start_at + seconds(event.at_s + clock_offset_s)
        digest = hashlib.sha256(f"{register}/{sale}/{seq}".encode()).digest()
        events.append(
            {
                "event_id": new_id(rung_at, random_bits=int.from_bytes(digest[:10], "big")),
                "register": register,
                "sale": sale,
                "seq": seq,
                "type": event.type,
                "rung_at": to_rfc3339(rung_at),
                **event.fields,
            }
        )
    return events
