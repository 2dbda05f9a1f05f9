"""Tills: what they post, in which order, and how they answer commands."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import httpx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve

from tenban.base.clock import SECOND, SystemClock, from_rfc3339
from tenban.simulator.lanes import Shop
from tenban.simulator.sale_events import sale_events
from tenban.simulator.till import Till, mix_up

SHOP = Shop(seed=3, lanes=1)
SALE = SHOP.schedule(1).sale(0).sale


def events(offset_s: float = 0.0) -> list[dict[str, Any]]:
    return sale_events(
        SALE.script, register="lane-1", sale="s-1", start_at=1_795_000_000_000_000, clock_offset_s=offset_s
    )


def test_events_are_as_the_contract_writes_them() -> None:
    """Ids are UUIDs and differ, seq counts from one, times carry an offset, the fields are the type's."""
    posted = events()
    assert len({uuid.UUID(event["event_id"]) for event in posted}) == len(posted)
    assert [event["seq"] for event in posted] == list(range(1, len(posted) + 1))
    assert posted == events()
    for event in posted:
        if event["type"] == "item_registered":
            assert set(event["item"]) >= {
                "line",
                "plu",
                "name",
                "quantity",
                "unit_price",
                "amount",
                "entered",
            }
        if event["type"] == "paid":
            assert sum(payment["amount"] for payment in event["payments"]) == event["total"]


def test_a_wrong_clock_shifts_every_time_by_the_same() -> None:
    """A till whose clock is fast rings every event early by that much, and nothing else changes."""
    for right, wrong in zip(events(), events(4.0), strict=True):
        assert from_rfc3339(wrong["rung_at"]) - from_rfc3339(right["rung_at"]) == 4 * SECOND
        assert right["seq"] == wrong["seq"]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_mixing_up_loses_nothing(seed: int) -> None:
    """Every event is posted at least once; only neighbours change places."""
    posted = events()
    sent = [event["seq"] for batch in mix_up(posted, np.random.default_rng(seed)) for event in batch]
    assert set(sent) == {event["seq"] for event in posted}
    first = list(dict.fromkeys(sent))
    assert all(abs(seq - place) <= 1 for place, seq in enumerate(first, start=1))


async def test_a_till_delivers_through_an_outage() -> None:
    """What the product could not take is posted again until it is taken, in order."""
    taken: list[int] = []
    failures = iter([503, None, 429])

    def product(request: httpx.Request) -> httpx.Response:
        failure = next(failures, 200)
        if failure is None:
            raise httpx.ConnectError("away")
        if failure != 200:
            return httpx.Response(failure)
        batch = json.loads(request.content)
        assert request.headers["authorization"] == "Bearer secret"
        taken.extend(event["seq"] for event in batch)
        results = [{"event_id": event["event_id"], "status": "stored"} for event in batch]
        return httpx.Response(200, json={"results": results})

    async with httpx.AsyncClient(transport=httpx.MockTransport(product), base_url="http://shop") as http:
        till = make_till(http, "ws://unused")
        clock = SystemClock()
        long_ago_at = clock.now() - 500 * SECOND
        task = asyncio.create_task(till.ring(long_ago_at))
        while len(set(taken)) < len(SALE.script.events):  # noqa: ASYNC110  # the fake counts, it sets no event
            await asyncio.sleep(0.05)
        task.cancel()
    assert till.counts["retries"] == 3
    assert till.counts["stored"] >= len(SALE.script.events)


async def test_a_till_acknowledges_commands_and_comes_back() -> None:
    """Lamps are lit and acknowledged, holding is refused with a reason, a lost link is made anew."""
    answers: list[dict[str, Any]] = []
    connections = 0
    done = asyncio.Event()

    async def product(link: ServerConnection) -> None:
        nonlocal connections
        connections += 1
        assert link.request is not None
        assert link.request.headers["Authorization"] == "Bearer secret"
        kind = "lamp" if connections == 1 else "hold_payment"
        await link.send(json.dumps({"command_id": f"c{connections}", "type": kind, "colour": "red"}))
        answers.append(json.loads(await link.recv()))
        if connections == 2:
            done.set()

    async with serve(product, "127.0.0.1", 0) as server, httpx.AsyncClient(timeout=60) as http:
        port = next(iter(server.sockets)).getsockname()[1]
        till = make_till(http, f"ws://127.0.0.1:{port}/api/v1/registers/lane-1/link")
        task = asyncio.create_task(till.obey())
        await asyncio.wait_for(done.wait(), 20)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert answers[0] == {"ack": "c1", "result": "done"}
    assert answers[1]["result"] == "refused"
    assert till.lamp == "red"


def make_till(http: httpx.AsyncClient, link_url: str) -> Till:
    return Till(
        http=http,
        link_url=link_url,
        register="lane-1",
        token="secret",
        schedule=SHOP.schedule(1),
        clock=SystemClock(),
    )
