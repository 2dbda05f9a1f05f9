"""Work that comes round: once an hour, until the server stops."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable

from tenban.base.clock import Clock

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
