"""The real judge over a page shop's facts, looking when a test says so; vision is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from pages.shop import JUDGE, PageShop
from tenban.base.clock import SECOND
from tenban.base.errors import Unavailable
from tenban.findings.facts import Observation as ObservationFact
from tenban.findings.live import LiveJudge
from tenban.findings.mapping import fact_of_observation
from tenban.findings.settings import RulesSettings
from tenban.pos.link import issue_command
from tenban.vision.model import Observation
from tenban.vision.queries import add_observations, observations_since


async def _blind(*_: Any, **__: Any) -> Any:
    raise Unavailable("no watcher in this test")


@dataclass
class TestJudge:
    """Looks at the shop's facts when told; moves are put into the database as a watcher does."""

    __test__ = False
    shop: PageShop
    judge: LiveJudge
    loop: asyncio.AbstractEventLoop

    def look(self) -> None:
        self.run(self._look())

    async def _look(self) -> None:
        await self.judge.step()
        await self.judge.settle()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run on the judge's own thread: the browser's driver has this one's event loop."""
        asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def move(self, register: str = "lane-1", *, ago_s: float = 4.0) -> None:
        """An item went into the bag a while ago; nothing can still be on its way for it."""
        now_at = self.shop.here.clock.now()
        at = now_at - round(ago_s * SECOND)
        seen = Observation(
            kind="item_moved",
            camera="cam-1",
            started_at=at - SECOND,
            at=at,
            proven_at=at + SECOND // 2,
            confidence=0.9,
            from_zone="basket",
            to_zone="bagging",
            track=1,
            box=(0.7, 0.3, 0.8, 0.4),
            left_box=(0.1, 0.3, 0.2, 0.4),
        )
        self.shop.here.db.write_now(lambda c: add_observations(c, register, [seen], now_at))
        self.look()

    def seen(self) -> list[ObservationFact]:
        kept = self.shop.here.db.read_now(lambda c: observations_since(c, 0))
        return [fact_of_observation(one) for one in kept]


@contextmanager
def judged(shop: PageShop, settings: RulesSettings | None = None) -> Iterator[TestJudge]:
    """Judge the shop's facts from here on."""
    loop = asyncio.new_event_loop()
    here = shop.here
    judge = LiveJudge(
        db=here.db,
        clock=here.clock,
        sites=here.sites,
        settings=settings or RulesSettings(),
        blobs=here.blobs,
        ask=_blind,
        tell_register=partial(issue_command, actor=JUDGE),
        actor=JUDGE,
    )
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    testing = TestJudge(shop, judge, loop)
    try:
        testing.run(judge.recall())
        testing.look()
        yield testing
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
