"""Sending what webhooks are told: one message at a time to each, to the address that was checked."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
from sqlalchemy import Connection, RowMapping

from tenban.access.model import system_actor
from tenban.api.cards import card_of
from tenban.api.context import Here
from tenban.base.clock import SECOND, seconds
from tenban.base.errors import NotFound, TenbanError
from tenban.base.log import get_log
from tenban.incidents import engine
from tenban.notify import webhook_queries as queries
from tenban.notify import webhooks
from tenban.notify.board import Board
from tenban.notify.secrets import SecretKeeper
from tenban.notify.signing import headers_of
from tenban.notify.webhooks import Sending
from tenban.server.outgoing import post

log = get_log(__name__)

PATIENCE_S = 15.0
LOOK_S = 15.0
_SWEEP_S = 3600.0
_GONE = 410
_AGENT = "Tenban-Webhooks/1"

Send = Callable[[Sending], Awaitable[int]]


class NotTaken(TenbanError):  # noqa: N818  # reads as what happened
    """The receiver did not take a message."""

    code = "not_taken"


@dataclass(slots=True)
class WebhookSender:
    """Tells webhooks of incidents.

    Attributes:
        here: the running server.
        keeper: opens the secrets that sign.
        send: hands one message over and returns the answer's status; replaced in tests.
        jitter: a factor around 1 for each wait.
        delivered: messages that were taken.
        refused: attempts that failed.
    """

    here: Here
    keeper: SecretKeeper
    send: Send | None = None
    jitter: Callable[[], float] = field(
        default_factory=lambda: partial(random.SystemRandom().uniform, 0.8, 1.2)
    )
    delivered: int = 0
    refused: int = 0
    _swept_s: float = float("-inf")

    async def run(self, board: Board) -> None:
        """Send until cancelled; wakes at each commit and when something falls due."""
        while True:
            seen = board.seen
            try:
                await self.step()
                due_at = await self.here.db.read(queries.next_due_at)
            except TenbanError as error:
                # Policy: what waits, waits in the database; the next look finds it.
                log.warning("webhooks: looking failed", why=str(error))
                due_at = None
            wait_s = LOOK_S if due_at is None else (due_at - self.here.clock.now()) / SECOND
            await board.wait(seen, patience_s=min(LOOK_S, max(0.05, wait_s)))

    async def step(self) -> int:
        """Write down what is to be sent, and send all that is due; return how many were tried."""
        now_at = self.here.clock.now()
        # A commit wakes this very loop: nothing is written where there is nothing to write.
        if await self.here.db.read(webhooks.is_behind):
            await self.here.db.write(lambda c: webhooks.gather(c, now_at, self._describe))
        await self._sweep()
        sendings = await self.here.db.read(lambda c: webhooks.due(c, now_at, self.keeper))
        by_hook: dict[str, list[Sending]] = {}
        for one in sendings:
            by_hook.setdefault(one.webhook, []).append(one)
        # A receiver that is slow keeps only its own messages waiting.
        await asyncio.gather(*(self._in_turn(one) for one in by_hook.values()))
        return len(sendings)

    async def _in_turn(self, sendings: list[Sending]) -> None:
        for sending in sendings:
            if not await self._try(sending):
                return  # the others wait until it answers again

    async def _try(self, sending: Sending) -> bool:
        gone = False
        try:
            status = await (self.send or self._post)(sending)
            gone = status == _GONE
            if not 200 <= status < 300:
                raise NotTaken(f"it answered {status}")
        except (TenbanError, OSError, httpx.HTTPError, TimeoutError) as error:
            # Policy: told on the page, and tried again as long as there is hope.
            why = str(error) or type(error).__name__
            self.refused += 1
            log.warning("webhook not taken", webhook=sending.webhook, attempt=sending.attempts + 1, why=why)
            now_at, jitter = self.here.clock.now(), self.jitter()
            await self.here.db.write(
                lambda c: webhooks.refused(c, now_at, sending, why, jitter=jitter, gone=gone)
            )
            return False
        now_at = self.here.clock.now()
        await self.here.db.write(lambda c: webhooks.taken(c, now_at, sending))
        self.delivered += 1
        return True

    async def _post(self, sending: Sending) -> int:
        headers = headers_of(sending.id, self.here.clock.now() // SECOND, sending.body, sending.secrets)
        headers |= {"content-type": "application/json", "user-agent": _AGENT}
        reach = self.here.sites.webhook_reach
        answer = await post(reach, sending.url, sending.body, headers, patience_s=PATIENCE_S)
        return answer.status  # what it says besides is not read

    def _describe(self, connection: Connection, notice: RowMapping) -> dict[str, Any] | None:
        try:
            incident = engine.get(connection, system_actor("webhooks"), str(notice["subject"]))
        except NotFound:
            return None  # Policy: what is gone by now is not told of.
        return {
            "notice_id": notice["n"],
            "shop": notice["shop"],
            "incident": card_of(incident, self.here.sites),
        }

    async def _sweep(self) -> None:
        now_s = self.here.clock.monotonic_s()
        if now_s - self._swept_s < _SWEEP_S:
            return
        self._swept_s = now_s
        now_at = self.here.clock.now()
        delivered, dead = webhooks.KEEP_DELIVERED_S, webhooks.KEEP_DEAD_S
        await self.here.db.write(
            lambda c: queries.sweep(c, now_at - seconds(delivered), now_at - seconds(dead))
        )
