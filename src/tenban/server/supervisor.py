"""Starting the parts of one machine, each in a process of its own, and starting again what ends.

A part that ends is started again at once where it has run for ten seconds; one that ends sooner, after a
pause that grows from a fifth of a second to ten seconds. Parts end with their parent, even if it is killed:
each holds one end of a pipe that closes when the parent is gone.

Parts are forked from the supervisor, which imports once what they run and never uses any of it: a part
is back within milliseconds instead of the seconds its imports take, and all share that memory.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess

from tenban.base.clock import Clock
from tenban.base.errors import TenbanError
from tenban.base.log import get_log

log = get_log(__name__)

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
STEADY_S = 10.0
STOP_PATIENCE_S = 8.0
ORPHAN_PATIENCE_S = 3.0
"""A part whose parent was killed stands in the next one's way: it holds the port and the cameras' folders."""
PARENT_PIPE = "TENBAN_PARENT_PIPE"


@dataclass(slots=True)
class Part:
    """One process to keep running.

    Attributes:
        name: what the log and the list of processes call it.
        run: what the process does; it ends when this returns.
        load: imports what ``run`` needs; called once, before the first start.
    """

    name: str
    run: Callable[[], None]
    load: Callable[[], None] = lambda: None
    process: ForkProcess | None = None
    started_s: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    start_again_s: float = 0.0
    restarts: int = field(default=0)


class Supervisor:
    """Keeps parts running until it is stopped."""

    def __init__(self, parts: Sequence[Part], clock: Clock) -> None:
        self._parts = parts
        self._clock = clock
        self._stop = threading.Event()
        self._read_end, self._write_end = os.pipe()
        self._context = multiprocessing.get_context("fork")

    def stop(self) -> None:
        """Ask :meth:`run` to end every part and return; may be called from a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Start every part and keep it running until :meth:`stop`."""
        for part in self._parts:
            # The first ones listed run while the others' imports are still being read.
            part.load()
            self._start(part)
        while not self._stop.wait(0.1):
            for part in self._parts:
                self._look_after(part)
        self._end_all()

    def _look_after(self, part: Part) -> None:
        now_s = self._clock.monotonic_s()
        if part.process is None:
            if now_s >= part.start_again_s:
                part.restarts += 1
                self._start(part)
            return
        code = part.process.exitcode
        if code is None:
            return
        ran_s = now_s - part.started_s
        is_steady = ran_s > STEADY_S
        part.pause_s = FIRST_PAUSE_S if is_steady else min(part.pause_s * 2, LONGEST_PAUSE_S)
        wait_s = 0.0 if is_steady else part.pause_s
        part.start_again_s = now_s + wait_s
        part.process = None
        log.warning("part ended", part=part.name, code=code, ran_s=round(ran_s, 1), again_in_s=wait_s)

    def _start(self, part: Part) -> None:
        part.started_s = self._clock.monotonic_s()
        # No child's collector looks at what lives now again: its marks would copy the shared memory.
        gc.collect()
        gc.freeze()
        part.process = self._context.Process(target=self._be, args=(part,), name=part.name)
        part.process.start()
        log.info("part started", part=part.name, pid=part.process.pid)

    def _be(self, part: Part) -> None:
        """In the child: become the part."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        os.close(self._write_end)
        os.environ[PARENT_PIPE] = str(self._read_end)
        _call_process(f"tenban-{part.name}")
        try:
            part.run()
        except TenbanError as error:
            # Policy: one sentence, as on the command line; the supervisor starts the part again.
            log.error("part cannot run", part=part.name, why=str(error))  # noqa: TRY400  # no traceback
            sys.exit(2)

    def _end_all(self) -> None:
        running = [part.process for part in self._parts if part.process is not None]
        for process in running:
            process.terminate()
        deadline_s = self._clock.monotonic_s() + STOP_PATIENCE_S
        for process in running:
            process.join(max(0.1, deadline_s - self._clock.monotonic_s()))
            if process.exitcode is None:
                process.kill()
                process.join()
        os.close(self._write_end)
        os.close(self._read_end)


def _call_process(name: str) -> None:
    """Name this process in the list of processes, where the system can (prctl(2), 15 characters)."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(15, name.encode()[:15], 0, 0, 0)


def stop_with_parent(stop: threading.Event) -> None:
    """In a part: set the event when the parent is gone, or when asked to end by SIGTERM or SIGINT.

    A part whose parent is gone has :data:`ORPHAN_PATIENCE_S` to end.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    pipe = os.environ.get(PARENT_PIPE)
    if pipe is None:
        return

    def watch() -> None:
        os.read(int(pipe), 1)
        stop.set()
        # What is announced is on the disk by then; whoever looks at a live picture may not hold up the shop.
        threading.Event().wait(ORPHAN_PATIENCE_S)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
