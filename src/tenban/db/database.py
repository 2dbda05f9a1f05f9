"""The database of one process: a reading engine, a writing engine, one group-commit writer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DataError

from tenban.db.engine import normalise_url, open_engine
from tenban.db.refusals import told
from tenban.db.wake import Waker, open_waker
from tenban.db.writer import GroupWriter

T = TypeVar("T")
Item = TypeVar("Item")
Result = TypeVar("Result")


class Database:
    """Reads and writes by functions of a connection; a write returns once it is durable.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://…``.
        waker: who is told after each commit; None tells nobody.
    """

    def __init__(self, url: str, *, waker: Waker | None = None) -> None:
        self.url = normalise_url(url)
        self.waker = waker
        self._reader = open_engine(self.url, writes=False)
        self._writer_engine = open_engine(self.url, writes=True)
        self.writer = GroupWriter(self._writer_engine, announce=waker.wake if waker else None)

    @classmethod
    def open(cls, url: str, run_dir: str) -> Database:
        """Open a database whose commits wake the other processes that listen in ``run_dir``."""
        return cls(url, waker=open_waker(normalise_url(url), run_dir))

    def read_now(self, run: Callable[[Connection], T]) -> T:
        """Read on the calling thread."""
        try:
            with self._reader.begin() as connection:
                return run(connection)
        except DataError as error:
            raise told(error) from error

    def write_now(self, run: Callable[[Connection], T]) -> T:
        """Write, and wait on the calling thread until it is durable."""
        return self.writer.submit(run).result()

    async def read(self, run: Callable[[Connection], T]) -> T:
        """Read on a worker thread."""
        return await asyncio.to_thread(self.read_now, run)

    async def write(self, run: Callable[[Connection], T]) -> T:
        """Write, and wait without blocking the event loop until it is durable."""
        return await asyncio.wrap_future(self.writer.submit(run))

    async def write_merged(
        self, merge: Callable[[Connection, Sequence[Item]], Sequence[Result]], item: Item
    ) -> Result:
        """Write one item together with all that wait for the same ``merge``; see GroupWriter."""
        return await asyncio.wrap_future(self.writer.submit_merged(merge, item))

    def close(self) -> None:
        """Commit what waits and close both engines."""
        self.writer.close()
        self._reader.dispose()
        self._writer_engine.dispose()
        if self.waker is not None:
            self.waker.close()
