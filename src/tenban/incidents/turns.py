"""What nobody answers goes on to the supervisors. What waits, waits in the database."""

from __future__ import annotations

from tenban.access.model import Actor
from tenban.base.clock import SECOND, Clock
from tenban.base.log import get_log
from tenban.db import Database
from tenban.incidents import engine, queries
from tenban.notify.board import Board

log = get_log(__name__)

LONGEST_LOOK_S = 5.0


class Turns:
    """Looks for incidents whose time to be answered has run out.

    Several may look at the same database: a turn is taken under the row's lock, so each goes on once.

    Attributes:
        passed_on: incidents passed on since the start.
        failed: looks that ended with an error; each is in the log and is made again.
    """

    def __init__(self, db: Database, clock: Clock, actor: Actor) -> None:
        self._db = db
        self._clock = clock
        self._actor = actor
        self.passed_on = 0
        self.failed = 0

    async def run(self, board: Board) -> None:
        """Look until cancelled; wakes at each commit, and when the next one falls due."""
        while True:
            seen = board.seen
            wait_s = LONGEST_LOOK_S
            try:
                await self.step()
                due_at = await self._db.read(queries.next_due_at)
                if due_at is not None:
                    wait_s = min(wait_s, max(0.02, (due_at - self._clock.now()) / SECOND))
            except Exception:
                # Worker loop: a database that does not answer now is asked again; nothing due is lost.
                self.failed += 1
                log.exception("turns not looked at")
            await board.wait(seen, patience_s=wait_s)

    async def step(self) -> int:
        """Pass on what is due; return how many went on."""
        now_at = self._clock.now()
        due_at = await self._db.read(queries.next_due_at)
        if due_at is None or due_at > now_at:
            return 0
        gone = await self._db.write(lambda connection: engine.pass_on_due(connection, self._actor, now_at))
        self.passed_on += len(gone)
        for incident in gone:
            log.info("incident passed on", incident=incident.id, place=incident.place)
        return len(gone)
