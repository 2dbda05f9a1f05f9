"""An attendant's tablet without a person: signs in, listens, measures, labels if asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tenban.base.clock import MILLISECOND, SECOND, Clock, Instant, from_rfc3339
from tenban.base.errors import Unavailable
from tenban.base.log import get_log
from tenban.simulator.scoring import Found

_log = get_log(__name__)

Labeller = Callable[[Found], str | None]


@dataclass(slots=True)
class Seen:
    """An incident as its notices told of it.

    Attributes:
        card: the newest card.
        brief_ms: from the proof on the frame to the brief's arrival; None before it came.
        clip_ready_s: from the clip's end, or the proof where that came later (what was left in a basket is
            known at the payment), to the notice that it can be played; None before it came.
    """

    card: dict[str, Any]
    brief_ms: float | None = None
    clip_ready_s: float | None = None

    @property
    def withdrawn(self) -> bool:
        """Tell whether the product took it back."""
        return bool(self.card["state"] == "withdrawn")

    def found(self) -> Found:
        """Return what scoring needs."""
        return Found(self.card["register"], self.card["sale"], self.card["rule"], self.withdrawn)


@dataclass(slots=True)
class Watch:
    """Everything an attendant has seen so far; pure but for what it is told.

    Attributes:
        incidents: by id.
        notices: how many came.
    """

    incidents: dict[str, Seen] = field(default_factory=dict)
    notices: int = 0

    def take(self, notice: dict[str, Any], *, arrived_at: Instant) -> Seen:
        """Note one notice."""
        card = notice["incident"]
        self.notices += 1
        seen = self.incidents.setdefault(card["id"], Seen(card))
        seen.card = card
        kind = notice["kind"]
        if kind == "brief" and seen.brief_ms is None and card.get("decidable_at"):
            seen.brief_ms = (arrived_at - from_rfc3339(card["decidable_at"])) / MILLISECOND
        elif kind == "clip" and seen.clip_ready_s is None:
            clip = card.get("clip") or {}
            if clip.get("state") == "ready" and clip.get("end_at"):
                known_at = from_rfc3339(card.get("decidable_at") or clip["end_at"])
                seen.clip_ready_s = (arrived_at - max(known_at, from_rfc3339(clip["end_at"]))) / SECOND
        return seen

    def found(self) -> list[Found]:
        """Return all incidents as scoring needs them."""
        return [seen.found() for seen in self.incidents.values()]

    def brief_ms(self) -> list[float]:
        """Return every measured brief."""
        return [seen.brief_ms for seen in self.incidents.values() if seen.brief_ms is not None]

    def clip_ready_s(self) -> list[float]:
        """Return every measured clip."""
        return [seen.clip_ready_s for seen in self.incidents.values() if seen.clip_ready_s is not None]


class Attendant:
    """A signed-in client of the live channel.

    Args:
        http: client of its own, with a cookie jar, whose base URL is the product.
        clock: the wall clock; the product runs on the same machine, so that differences mean something.
        label: returns the outcome to write on an incident (``true``, ``false_alarm``), or None to leave it.
        label_after_s: how long to wait before labelling; whoever tries the demo may look and decide first.
    """

    def __init__(
        self,
        *,
        http: httpx.AsyncClient,
        clock: Clock,
        label: Labeller | None = None,
        label_after_s: float = 90.0,
    ) -> None:
        self._http = http
        self._clock = clock
        self._label = label
        self._label_after_s = label_after_s
        self._last_id = ""
        self._labelled: set[str] = set()
        self.watch = Watch()

    async def sign_in(self, name: str, password: str) -> None:
        """Sign in.

        Raises:
            Unavailable: the product refused.
        """
        answer = await self._http.post("/api/v1/session", json={"name": name, "password": password})
        if answer.is_error:
            raise Unavailable(
                f"the product refused {name}'s sign-in: {answer.status_code} {answer.text[:200]}"
            )

    async def listen(self) -> None:
        """Take notices for ever, from where the last connection broke off."""
        while True:
            headers = {"Last-Event-ID": self._last_id} if self._last_id else {}
            try:
                async with self._http.stream(
                    "GET", "/api/v1/watch/stream", headers=headers, timeout=httpx.Timeout(10, read=None)
                ) as answer:
                    answer.raise_for_status()
                    async for event_id, data in read_events(answer.aiter_lines()):
                        self._last_id = event_id or self._last_id
                        self.watch.take(json.loads(data), arrived_at=self._clock.now())
            except httpx.HTTPError as error:  # away: connect again, resume by Last-Event-ID
                _log.debug("stream lost", why=str(error))
            await asyncio.sleep(0.5)

    async def write_labels(self) -> None:
        """Label what was seen long enough ago, for ever, as a person would who knows the truth."""
        while self._label is not None:
            await asyncio.sleep(1.0)
            for incident_id, seen in list(self.watch.incidents.items()):
                opened_at = from_rfc3339(seen.card["opened_at"])
                young = self._clock.now() - opened_at < self._label_after_s * SECOND
                if incident_id in self._labelled or young or seen.withdrawn:
                    continue
                outcome = self._label(seen.found())
                if outcome is None:
                    continue
                self._labelled.add(incident_id)
                try:
                    await self._http.post(
                        f"/api/v1/incidents/{incident_id}/state",
                        json={"state": "resolved", "outcome": outcome, "reason": None},
                    )
                except httpx.HTTPError as error:  # a label is no fact of the demo's: leave it out
                    _log.debug("label not written", incident=incident_id, why=str(error))


async def read_events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, str]]:
    """Yield (id, data) of each ``notice`` event of a server-sent stream (WHATWG HTML, section 9.2)."""
    name, event_id, data = "", "", []
    async for line in lines:
        if line:
            key, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if key == "event":
                name = value
            elif key == "id":
                event_id = value
            elif key == "data":
                data.append(value)
            continue
        if data and name == "notice":
            yield event_id, "\n".join(data)
        name, data = "", []
