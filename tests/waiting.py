"""Waiting for what comes about by itself: no longer than it takes, as long as a busy machine may need."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 60.0
_EVERY_S = 0.02


def until(
    holds: Callable[[], T],
    what: str = "it",
    *,
    within_s: float = PATIENCE_S,
    pause: Callable[[float], object] = time.sleep,
) -> T:
    """Ask until the answer is true, and return it.

    Args:
        holds: what is asked.
        what: what is waited for, as an error would say it.
        within_s: for how long at most.
        pause: waits between two questions, for so many seconds.
    """
    give_up_s = time.monotonic() + within_s
    while not (answer := holds()):
        assert time.monotonic() < give_up_s, f"{what} did not come about within {within_s} s: {answer!r}"
        pause(_EVERY_S)
    return answer


async def until_async(
    holds: Callable[[], object | Awaitable[object]], what: str = "it", *, within_s: float = PATIENCE_S
) -> None:
    """As ``until``, in a loop; what is asked may have to be awaited."""
    give_up_s = time.monotonic() + within_s
    while True:
        answer = holds()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return
        assert time.monotonic() < give_up_s, f"{what} did not come about within {within_s} s: {answer!r}"
        await asyncio.sleep(_EVERY_S)
