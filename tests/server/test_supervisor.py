"""Keeping parts running."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from waiting import until

# Supervisors fork, which is only safe where there is one thread: each test's runs in a process of its own.
_PROGRAM = """
import os, pathlib, signal, sys, time
from tenban.base.clock import SystemClock
from tenban.base.errors import BadInput
from tenban.server import supervisor as server
from tenban.server.supervisor import Part, Supervisor, stop_with_parent
import threading

folder = pathlib.Path(sys.argv[1])

def note(name):
    with (folder / name).open("a") as file:
        file.write(f"{os.getpid()} {time.monotonic()}\\n")

def steady():
    stop = threading.Event()
    stop_with_parent(stop)
    note("steady")
    stop.wait(60)
    note("ended")

def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note("stubborn")
    time.sleep(60)

def hanging():
    stop_with_parent(threading.Event())
    note("hanging")
    time.sleep(600)

def crashing():
    note("crashing")
    os._exit(3)

def refusing():
    note("refusing")
    raise BadInput("key", expected="a file", came="none")

server.ORPHAN_PATIENCE_S = 0.3
parts = [Part(name, globals()[name], lambda name=name: note("loaded")) for name in sys.argv[2:]]
supervisor = Supervisor(parts, SystemClock())
signal.signal(signal.SIGTERM, lambda *_: supervisor.stop())
supervisor.run()
note("over")
"""


class Supervised:
    """A supervisor in a process of its own; what its parts do is noted in files."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(folder), *names],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def noted(self, name: str) -> list[tuple[int, float]]:
        """The pid and time of each note under this name."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self.folder / name).read_text().splitlines()
            return [(int(pid), float(at)) for pid, at in (line.split() for line in lines)]
        return []


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    started: list[Supervised] = []

    def start(*names: str) -> Supervised:
        started.append(Supervised(tmp_path, *names))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


def test_a_part_that_ends_is_started_again_later_and_later(run: Callable[..., Supervised]) -> None:
    """A part that crashes comes back after growing pauses, loaded once; its neighbour is left alone."""
    supervised = run("steady", "crashing")
    until(lambda: len(supervised.noted("crashing")) >= 3)
    starts = [at for _, at in supervised.noted("crashing")]
    assert starts[2] - starts[1] > starts[1] - starts[0]
    assert len(supervised.noted("steady")) == 1
    assert len(supervised.noted("loaded")) == 2


def test_a_part_that_cannot_run_says_so_in_one_sentence(run: Callable[..., Supervised]) -> None:
    """What is wrong is told without a traceback, and the part is tried again."""
    supervised = run("refusing")
    until(lambda: len(supervised.noted("refusing")) >= 2)
    supervised.process.terminate()
    out, _ = supervised.process.communicate(timeout=30)
    assert "expected a file, got none" in out
    assert "Traceback" not in out


def test_stopping_ends_every_part(run: Callable[..., Supervised]) -> None:
    """After a stop no part is left, not even one that does not listen; the supervisor goes on to its end."""
    supervised = run("steady", "stubborn")
    until(lambda: supervised.noted("steady") and supervised.noted("stubborn"))
    supervised.process.terminate()
    supervised.process.communicate(timeout=30)
    assert supervised.process.returncode == 0
    assert supervised.noted("over")
    for name in ("steady", "stubborn"):
        assert not Path(f"/proc/{supervised.noted(name)[0][0]}").exists()


def test_parts_end_with_a_parent_that_was_killed(run: Callable[..., Supervised]) -> None:
    """A supervisor that is gone without a word leaves no part behind."""
    supervised = run("steady", "crashing")
    until(lambda: supervised.noted("steady"))
    os.kill(supervised.process.pid, signal.SIGKILL)
    until(lambda: supervised.noted("ended"))


def test_a_part_that_goes_on_without_its_parent_is_ended(run: Callable[..., Supervised]) -> None:
    """It would hold the port and the cameras' folders against the server that is started next."""
    supervised = run("hanging")
    until(lambda: supervised.noted("hanging"))
    os.kill(supervised.process.pid, signal.SIGKILL)
    state = Path(f"/proc/{supervised.noted('hanging')[0][0]}/stat")

    def is_gone() -> bool:
        with contextlib.suppress(FileNotFoundError):
            return state.read_text().rpartition(")")[2].split()[0] == "Z"  # ended, and nobody asked how
        return True

    until(is_gone)


def test_a_part_has_its_name_in_the_list_of_processes(run: Callable[..., Supervised]) -> None:
    """Whoever looks at the machine sees which process does what."""
    supervised = run("steady")
    until(lambda: supervised.noted("steady"))
    pid = supervised.noted("steady")[0][0]
    assert Path(f"/proc/{pid}/comm").read_text() == "tenban-steady\n"
