"""The attendant's client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tenban.base.clock import SECOND, SystemClock, to_rfc3339
from tenban.base.errors import Unavailable
from tenban.simulator.attendant import Attendant, Watch, read_events

AT = 1_795_000_000_000_000


def notice(kind: str, *, state: str = "unconfirmed", clip: str = "pending") -> dict[str, Any]:
    return {
        "notice_id": 1,
        "kind": kind,
        "incident": {
            "id": "i-1",
            "rule": "item_not_registered",
            "register": "lane-1",
            "sale": "s-1",
            "state": state,
            "opened_at": to_rfc3339(AT),
            "decidable_at": to_rfc3339(AT),
            "clip": {"state": clip, "url": None, "end_at": to_rfc3339(AT + 5 * SECOND)},
        },
    }


def test_brief_and_clip_are_measured_once() -> None:
    """The brief counts from the proof, the clip from its own end; repeats change nothing."""
    watch = Watch()
    watch.take(notice("brief"), arrived_at=AT + 40_000)
    watch.take(notice("brief"), arrived_at=AT + 9 * SECOND)
    watch.take(notice("clip", clip="ready"), arrived_at=AT + 5_700_000)
    assert watch.brief_ms() == [40.0]
    assert watch.clip_ready_s() == [0.7]
    assert len(watch.found()) == 1


def test_a_clip_of_what_was_known_later_counts_from_then() -> None:
    """Nobody can order a clip before its finding could be concluded."""
    watch = Watch()
    late = notice("clip", clip="ready")
    late["incident"]["decidable_at"] = to_rfc3339(AT + 9 * SECOND)
    watch.take(late, arrived_at=AT + 9_500_000)
    assert watch.clip_ready_s() == [0.5]


def test_a_clip_that_failed_is_not_ready() -> None:
    """A notice of a failed clip measures nothing."""
    watch = Watch()
    watch.take(notice("clip", clip="failed"), arrived_at=AT)
    assert watch.clip_ready_s() == []


def test_a_withdrawn_incident_is_known_as_such() -> None:
    """The newest card decides."""
    watch = Watch()
    watch.take(notice("brief"), arrived_at=AT)
    watch.take(notice("withdrawn", state="withdrawn"), arrived_at=AT)
    assert watch.found()[0].withdrawn


async def test_server_sent_events_are_read() -> None:
    """Comments, other events and several data lines are told apart; the id stays until the next."""

    async def lines() -> AsyncIterator[str]:
        for line in (
            "retry: 1000",
            "",
            ": still here",
            "",
            "id: 4",
            "event: notice",
            "data: a",
            "data: b",
            "",
        ):
            yield line
        for line in ("event: other", "data: x", "", "event: notice", "data:c", ""):
            yield line

    assert [event async for event in read_events(lines())] == [("4", "a\nb"), ("4", "c")]


async def test_a_lost_stream_is_resumed_from_the_last_notice() -> None:
    """The second connection names the last id, so that nothing is told twice or lost."""
    asked: list[str] = []

    def product(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("last-event-id", ""))
        text = f"id: 7\nevent: notice\ndata: {json.dumps(notice('brief'))}\n\n"
        return httpx.Response(200, text=text if len(asked) == 1 else "")

    async with httpx.AsyncClient(transport=httpx.MockTransport(product), base_url="http://shop") as http:
        attendant = Attendant(http=http, clock=SystemClock())
        task = asyncio.create_task(attendant.listen())
        while len(asked) < 2:  # noqa: ASYNC110  # the fake counts, it sets no event
            await asyncio.sleep(0.05)
        task.cancel()
    assert asked[:2] == ["", "7"]
    assert attendant.watch.notices == 1


async def test_labels_follow_the_truth() -> None:
    """An incident old enough is labelled once with what the truth says."""
    posted: list[dict[str, Any]] = []

    def product(request: httpx.Request) -> httpx.Response:
        posted.append(json.loads(request.content))
        return httpx.Response(200, json={})

    async with httpx.AsyncClient(transport=httpx.MockTransport(product), base_url="http://shop") as http:
        attendant = Attendant(http=http, clock=SystemClock(), label=lambda found: "false_alarm")
        attendant.watch.take(notice("brief"), arrived_at=AT)
        task = asyncio.create_task(attendant.write_labels())
        while not posted:  # noqa: ASYNC110  # the fake counts, it sets no event
            await asyncio.sleep(0.05)
        task.cancel()
    assert posted == [{"state": "resolved", "outcome": "false_alarm", "reason": None}]


async def test_a_refused_sign_in_is_said() -> None:
    """A wrong password is an error that names who was refused."""
    transport = httpx.MockTransport(lambda request: httpx.Response(401, text="no"))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
        attendant = Attendant(http=http, clock=SystemClock())
        with pytest.raises(Unavailable, match="refused tally"):
            await attendant.sign_in("tally", "wrong")
