"""A till as the product meets it: posts sale events, obeys commands over its link.

Its clock may be wrong, it sometimes sends an event twice or two in the wrong order, and what it cannot
deliver it keeps and sends again, in order.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import httpx
import numpy as np
import websockets
from websockets.asyncio.client import connect

from tenban.base.clock import SECOND, Clock, Instant, from_rfc3339, seconds
from tenban.base.log import get_log
from tenban.simulator.lanes import LaneSchedule
from tenban.simulator.sale_events import sale_events, sale_name

_TWICE, _SWAPPED = 0.03, 0.03
_RETRY_S = 0.5

_log = get_log(__name__)


class Till:
    """One register's till.

    Args:
        http: client whose base URL is the product.
        link_url: ``ws://…/api/v1/registers/{id}/link``.
        register: the register's id.
        token: its bearer token.
        schedule: the lane's sales.
        clock: where the time comes from.
        clock_offset_s: by how much the till's own clock is fast.
        seed: of delays, repeats and swaps.

    Attributes:
        counts: events ``stored``, ``duplicate`` and ``refused`` by the product, ``retries`` of posts,
            ``commands`` acknowledged.
        lamp: colour last shown.
        problems: what the product refused, in its own words.
    """

    def __init__(
        self,
        *,
        http: httpx.AsyncClient,
        link_url: str,
        register: str,
        token: str,
        schedule: LaneSchedule,
        clock: Clock,
        clock_offset_s: float = 0.0,
        seed: int = 0,
    ) -> None:
        self._http = http
        self._link_url = link_url
        self._register = register
        self._headers = {"Authorization": f"Bearer {token}"}
        self._schedule = schedule
        self._clock = clock
        self._offset_s = clock_offset_s
        self._rng = np.random.default_rng((seed, 8))
        self.counts: Counter[str] = Counter()
        self.lamp = "off"
        self.problems: list[str] = []

    async def ring(self, opens_at: Instant) -> None:
        """Post the lane's events as they happen, for ever."""
        number = 0
        while True:
            planned = self._schedule.sale(number)
            start_at = opens_at + seconds(planned.start_s)
            sale = sale_name(self._register, number, opens_at)
            events = sale_events(
                planned.sale.script,
                register=self._register,
                sale=sale,
                start_at=start_at,
                clock_offset_s=self._offset_s,
            )
            for batch in mix_up(events, self._rng):
                latest_at = max(from_rfc3339(event["rung_at"]) for event in batch) - seconds(self._offset_s)
                delay_s = float(self._rng.gamma(2.0, 0.015))
                await asyncio.sleep(max(0.0, (latest_at - self._clock.now()) / SECOND) + delay_s)
                await self._post(batch)
            number += 1

    async def _post(self, batch: list[dict[str, Any]]) -> None:
        """Deliver, however often it takes: a till keeps its journal until it was taken."""
        while True:
            try:
                answer = await self._http.post("/api/v1/sale-events", json=batch, headers=self._headers)
            except httpx.TransportError:  # the product is away: keep the batch, try again
                answer = None
            if answer is not None and answer.status_code == httpx.codes.OK:
                break
            if answer is not None and answer.status_code < 500 and answer.status_code != 429:
                self.counts["refused"] += len(batch)
                self.problems.append(f"{answer.status_code} {answer.text[:200]}")
                return
            self.counts["retries"] += 1
            await asyncio.sleep(_RETRY_S)
        for result in answer.json()["results"]:
            self.counts[result["status"]] += 1
            if result["status"] == "refused":
                self.problems.append(str(result.get("error", {}).get("message", "")))

    async def obey(self) -> None:
        """Take commands over the link and acknowledge them, for ever."""
        while True:
            try:
                async with connect(self._link_url, additional_headers=self._headers) as link:
                    async for message in link:
                        await link.send(json.dumps(self._do(json.loads(message))))
            except (OSError, websockets.WebSocketException) as error:  # away or refused: try again
                _log.debug("link lost", register=self._register, why=str(error))
            await asyncio.sleep(_RETRY_S * 2)

    def _do(self, command: dict[str, Any]) -> dict[str, Any]:
        """Carry out a command; return the acknowledgement."""
        self.counts["commands"] += 1
        if command["type"] == "lamp":
            self.lamp = str(command.get("colour", "off"))
        if command["type"] == "hold_payment":  # its shoppers follow a script and would pay all the same
            return {"ack": command["command_id"], "result": "refused", "reason": "this till cannot hold"}
        return {"ack": command["command_id"], "result": "done"}


def mix_up(events: list[dict[str, Any]], rng: np.random.Generator) -> list[list[dict[str, Any]]]:
    """Return the posts that bring these events: one each, some repeated, some neighbours swapped.

    Swapped neighbours lie at most two seconds apart; the earlier one is sent after the later.
    """
    posts: list[list[dict[str, Any]]] = []
    waiting: list[dict[str, Any]] = []
    for index, event in enumerate(events):
        after = events[index + 1] if index + 1 < len(events) else None
        near = (
            after is not None and from_rfc3339(after["rung_at"]) - from_rfc3339(event["rung_at"]) < 2 * SECOND
        )
        if not waiting and near and rng.random() < _SWAPPED:
            waiting = [event]
            continue
        posts.append([event])
        posts += [[one] for one in waiting]
        waiting = []
        if rng.random() < _TWICE:
            posts.append([event])
    return posts
