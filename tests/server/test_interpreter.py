"""The interpreter of the web process."""

from __future__ import annotations

import gc
import sys

from tenban.server.interpreter import SWITCH_INTERVAL_S, settle


def test_what_lives_at_the_start_is_not_looked_at_again() -> None:
    """Settling puts what exists aside for the collector, which still collects what comes after."""
    thresholds, interval_s = gc.get_threshold(), sys.getswitchinterval()
    try:
        settle()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
        assert sys.getswitchinterval() <= SWITCH_INTERVAL_S * 1.01
        loop: list[object] = []
        loop.append(loop)
        del loop
        assert gc.collect() >= 1
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(interval_s)
