"""Work that comes round until the server stops: once an hour, or as it comes in."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Protocol

from tenban.base.clock import Clock
from tenban.base.log import get_log
from tenban.db.wake import Listener

log = get_log(__name__)

HOUR_S = 3600.0
_LOOK_S = 1.0


async def hourly(
    work: Callable[[], Awaitable[object]],
    clock: Clock,
    sleep: Callable[[float], Awaitable[None]],
    stop: threading.Event,
    *,
    first_after_s: float = 0.0,
) -> None:
    """Do something once an hour.

    Args:
        work: what is done; deals with what goes wrong itself.
        clock: tells when an hour has passed.
        sleep: waits for a number of seconds.
        stop: ends it; looked at once a second.
        first_after_s: how long after the start it is done first.
    """
    next_s = clock.monotonic_s() + first_after_s
    while not stop.is_set():
        if clock.monotonic_s() >= next_s:
            next_s = clock.monotonic_s() + HOUR_S
            await work()
        await sleep(_LOOK_S)


class Worker(Protocol):
    """Something that works off what waits in the database, one after the other."""

    async def sweep(self) -> None:
        """Clear away what is over."""
        ...

    async def step(self, stop: threading.Event) -> bool:
        """Do the next thing; False where nothing waits."""
        ...


async def one_after_another(worker: Worker, listener: Listener, stop: threading.Event, failed: str) -> None:
    """Let a worker work; it wakes at each commit.

    Args:
        worker: does the work.
        listener: waits for a commit.
        stop: ends it.
        failed: what the log says where a step broke off.
    """
    while not stop.is_set():
        try:
            await worker.sweep()
            worked = await worker.step(stop)
        except Exception:
            # Worker loop: one thing that cannot be worked on must not stop the others.
            log.exception(failed)
            worked = False
        if not worked:
            await listener.wait()
