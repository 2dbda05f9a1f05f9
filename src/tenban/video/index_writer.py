"""Index rows of all cameras, gathered for a moment and committed together."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tenban.base.errors import Unavailable
from tenban.base.log import get_log
from tenban.video.forcing import Forcer, wait_s
from tenban.video.model import IndexBatch
from tenban.video.queries import FootageIndex

log = get_log(__name__)


class IndexWriter:
    """Commits what recorders learn, on a thread of its own, each round after its bytes are on the disk.

    Sixty-four cameras so cost a few commits a second, not sixty-four. While the database does not
    commit, facts wait; when too many do, the newest are given up and counted, and the next start of the
    recorder finds them again in the footage files.

    Args:
        index: where the facts go.
        forcer: forces what was written; None: the rows do not wait for the disk.
        batch_s: how long a fact may wait for others; longer where forcing takes long.
        retry_s: how long to wait after the database did not commit.
        most_waiting: facts that wait at most.
        on_committed: called after each commit.
    """

    def __init__(
        self,
        index: FootageIndex,
        *,
        forcer: Forcer | None = None,
        batch_s: float = 0.1,
        retry_s: float = 1.0,
        most_waiting: int = 100_000,
        on_committed: Callable[[], None] | None = None,
    ) -> None:
        self._index = index
        self._forcer = forcer
        self._batch_s = batch_s
        self._retry_s = retry_s
        self._most_waiting = most_waiting
        self._on_committed = on_committed
        self._waiting = IndexBatch()
        self._lock = threading.Lock()
        self._due = threading.Event()
        self._closing = threading.Event()
        self._incomplete: set[str] = set()
        self.commits = 0
        self.failures = 0
        self.given_up = 0
        self._thread = threading.Thread(target=self._work, name="index-writer", daemon=True)
        self._thread.start()

    def put(self, facts: IndexBatch) -> None:
        """Hand over facts; returns at once."""
        if not facts:
            return
        with self._lock:
            if len(self._waiting) >= self._most_waiting:
                self._give_up(facts)
                return
            if self._incomplete:
                facts = self._without_incomplete(facts)
            self._waiting.take(facts)
        self._due.set()

    def close(self, *, patience_s: float = 10.0) -> None:
        """Commit what waits and end the thread."""
        self._closing.set()
        self._due.set()
        self._thread.join(patience_s)
        if self._forcer is not None:
            self._forcer.close()

    def is_incomplete(self, segment: str | None) -> bool:
        """Tell whether facts of a file were given up; nothing more of it is taken."""
        return segment in self._incomplete

    def _give_up(self, facts: IndexBatch) -> None:
        """Let go of facts; their files stay marked as unfinished, so the next start looks into them."""
        self.given_up += len(facts)
        self._incomplete |= {one.id for one in facts.segments} | {one.segment for one in facts.fragments}
        self._incomplete |= {segment for segment, _ in facts.ended}

    def _without_incomplete(self, facts: IndexBatch) -> IndexBatch:
        kept = IndexBatch(
            facts.segments,
            [one for one in facts.fragments if one.segment not in self._incomplete],
            [one for one in facts.ended if one[0] not in self._incomplete],
            facts.states,
            facts.keys,
            {one: path for one, path in facts.written.items() if one not in self._incomplete},
            facts.runs,
            facts.sizes,
        )
        self.given_up += len(facts) - len(kept)
        return kept

    def _work(self) -> None:
        while True:
            self._due.wait()
            self._closing.wait(wait_s(self._batch_s, self._forcer.last_s if self._forcer else 0.0))
            self._due.clear()
            self.round()
            if self._closing.is_set() and not self._waiting:
                return

    def round(self) -> None:
        """Force what was written since the last round, then commit its facts."""
        with self._lock:
            batch, self._waiting = self._waiting, IndexBatch()
        if not batch:
            return
        lost = set() if self._forcer is None else self._forcer.force(batch)
        if lost:
            with self._lock:
                self._incomplete |= lost
                batch = self._without_incomplete(batch)
        self._commit(batch)

    def _commit(self, batch: IndexBatch) -> None:
        while True:
            try:
                self._index.add(batch)
            except Unavailable as error:
                # Policy: recording goes on; the facts wait until the database commits again.
                self.failures += 1
                log.warning("footage index not written", facts=len(batch), error=str(error))
                if self._closing.wait(self._retry_s):
                    return
                continue
            except Exception:  # worker loop
                # Policy: facts the database will never take are given up: they alone, not their neighbours.
                parts = batch.by_file()
                if len(parts) > 1:
                    for part in parts:
                        self._commit(part)
                    return
                with self._lock:
                    self._give_up(batch)
                log.exception("footage index refused facts", facts=len(batch))
                return
            self.commits += 1
            if self._on_committed is not None:
                self._on_committed()
            return
