"""Keeping parts running."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from tenban.base.clock import SystemClock
from tenban.server import supervisor
from tenban.server.supervisor import Part, Supervisor


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run parts that are small Python programs instead of ``python -m tenban``."""
    started: list[tuple[Supervisor, threading.Thread]] = []
    real = supervisor.subprocess.Popen

    def popen(command: list[str], **options: Any) -> Any:
        return real([command[0], "-c", command[3]], **options)

    monkeypatch.setattr(supervisor.subprocess, "Popen", popen)

    def run(*parts: Part) -> Supervisor:
        watched = Supervisor(parts, SystemClock())
        thread = threading.Thread(target=watched.run)
        thread.start()
        started.append((watched, thread))
        return watched

    yield run
    for watched, thread in started:
        watched.stop()
        thread.join(20)


def _until(condition: Any) -> None:
    give_up_s = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < give_up_s
        time.sleep(0.05)


def test_a_part_that_ends_is_started_again(running: Any) -> None:
    """A part that crashes comes back; its neighbour is left alone."""
    crashing = Part("crashing", ["raise SystemExit(3)"])
    steady = Part("steady", ["import time; time.sleep(60)"])
    running(crashing, steady)
    _until(lambda: crashing.restarts >= 2)
    assert steady.restarts == 0


def test_the_pause_before_a_restart_grows(running: Any) -> None:
    """A part that keeps crashing is started less and less often."""
    crashing = Part("crashing", ["raise SystemExit(3)"])
    running(crashing)
    _until(lambda: crashing.restarts >= 2)
    assert crashing.pause_s > supervisor.FIRST_PAUSE_S


def test_stopping_ends_every_part(running: Any) -> None:
    """After a stop no part is left running."""
    part = Part("steady", ["import time; time.sleep(60)"])
    watched = running(part)
    _until(lambda: part.process is not None)
    process = part.process
    watched.stop()
    assert process is not None
    assert process.wait(15) is not None
