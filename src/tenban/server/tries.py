"""The jobs process's work on tries: one child at a time, watched, limited, and begun again when killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tenban.access.model import Actor, system_actor
from tenban.base.clock import Clock, Instant
from tenban.base.log import get_log
from tenban.db import Database
from tenban.db.keyring import KeyMissing
from tenban.db.sealing import Damaged
from tenban.db.wake import Listener
from tenban.server.rounds import one_after_another
from tenban.sites.model import Trying
from tenban.tries import queries, refusals, work
from tenban.tries.files import TryFiles
from tenban.tries.model import State, Told, Try

log = get_log(__name__)

RENEW_S = 1.0
SWEEP_S = 60.0
CHECK_S = 60.0
RENDER_S = 240.0
COUNT_LEAST_S = 120.0
COUNT_PER_S = 40.0
"""Counting a second of video may take this long: 4K pictures on a shared core took 18 s."""
_KEPT_ENVIRONMENT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV")
_MOST_LINE = 4_000_000


@dataclass(slots=True)
class TryWorker:
    """Works on tries until told to stop.

    Attributes:
        done: steps that ended as they should, refusals included.
        broken: children that crashed or ran over their limits.
    """

    db: Database
    clock: Clock
    files: TryFiles
    limits: Trying
    actor: Actor = field(default_factory=lambda: system_actor("jobs"))
    done: int = 0
    broken: int = 0
    _swept_s: float = float("-inf")

    async def run(self, listener: Listener, stop: threading.Event) -> None:
        """Take one after the other; wake at each commit."""
        await one_after_another(self, listener, stop, "try failed")

    async def step(self, stop: threading.Event | None = None) -> bool:
        """Do the next step of one try; False where there is nothing to do."""
        now_at = self.clock.now()
        waiting = await self.db.read(lambda connection: queries.any_to_work_on(connection, now_at))
        if not waiting:
            return False
        one = await self.db.write(lambda connection: work.claim(connection, now_at))
        if one is not None:
            await self._work_on(one, stop or threading.Event())
        return True

    async def sweep(self) -> None:
        """Delete what is over, in the database first, then on the disk."""
        now_s = self.clock.monotonic_s()
        if now_s - self._swept_s < SWEEP_S:
            return
        self._swept_s = now_s
        now_at = self.clock.now()
        if await self.db.read(lambda connection: queries.overdue(connection, now_at)):
            gone = await self.db.write(lambda connection: work.expire(connection, self.actor, now_at))
            for try_id in gone:
                await asyncio.to_thread(self.files.remove, try_id)
            log.info("tries deleted", count=len(gone))
        kept = await self.db.read(queries.alive_ids)
        swept = await asyncio.to_thread(self.files.sweep, kept, now_at)
        if swept:
            log.info("leftovers of tries deleted", count=len(swept))

    async def _work_on(self, one: Try, stop: threading.Event) -> None:
        assert one.lease_at is not None, "claimed just now"  # noqa: S101
        held = _Held(one.lease_at)
        said: dict[str, Any] = {}
        most_s = 0.0
        try:
            work_folder = await asyncio.to_thread(self.files.lay_out, one.id)
            job, most_s = self._job(one, work_folder)
            async with asyncio.timeout(most_s), _child(job) as child:
                said = await self._follow(one, held, child, stop)
            if "found" in said:
                await asyncio.to_thread(self.files.take_back, one.id)
        except TimeoutError:
            said = {"refused": refusals.too_slow(most_s)}
            self.broken += 1
        except (Damaged, KeyMissing) as error:
            log.warning("video cannot be opened", id=one.id, why=str(error))
            said = {"refused": refusals.file_damaged()}
        finally:
            await asyncio.to_thread(self.files.clear, one.id)
        if held.at is None:
            log.info("try taken back", id=one.id)
            return
        await self._settle(one, held.at, said, stopped=stop.is_set())

    async def _follow(
        self, one: Try, held: _Held, child: asyncio.subprocess.Process, stop: threading.Event
    ) -> dict[str, Any]:
        """Read what the child says, and hold the try meanwhile; ends early when it was taken back."""
        assert child.stdout is not None  # noqa: S101  # asked for
        progress = 0.0
        reading = asyncio.ensure_future(child.stdout.readline())
        try:
            while True:
                done, _ = await asyncio.wait({reading}, timeout=RENEW_S)
                if done:
                    line = reading.result()
                    said = _read(line)
                    if "progress" not in said:
                        return said
                    progress = float(said["progress"])
                    reading = asyncio.ensure_future(child.stdout.readline())
                if stop.is_set():
                    return {}
                await self._renew(one, held, progress)
                if held.at is None:
                    return {}
        finally:
            reading.cancel()

    async def _renew(self, one: Try, held: _Held, progress: float) -> None:
        now_s, now_at, held_at = self.clock.monotonic_s(), self.clock.now(), held.at
        if held_at is None or now_s - held.renewed_s < RENEW_S:
            return
        held.renewed_s = now_s
        held.at = await self.db.write(
            lambda connection: work.renew(connection, one, held_at, now_at, progress)
        )

    async def _settle(self, one: Try, held_at: Instant, said: dict[str, Any], *, stopped: bool) -> None:
        now_at = self.clock.now()
        found, refused = said.get("found"), said.get("refused")
        if found is not None:
            end = work.counted if one.state == State.COUNTING else work.checked
            told = found["result"] if one.state == State.COUNTING else found
            await self.db.write(lambda connection: end(connection, one, held_at, now_at, told))
            self.done += 1
            return
        if stopped:
            await self.db.write(lambda connection: work.release(connection, one, held_at, now_at))
            return
        why: Told = refused or refusals.over_limits()
        if not self.files.has_video(one.id) and one.sample is None:
            why = refusals.file_gone()
        if refused is None:
            self.broken += 1
            log.warning("try broke", id=one.id, state=one.state, why=said.get("broke", "it crashed"))
        else:
            self.done += 1
        await self.db.write(lambda connection: work.failed(connection, one, held_at, now_at, why))

    def _job(self, one: Try, work_folder: Path) -> tuple[dict[str, Any], float]:
        """Return what the child is told, and how many seconds it has."""
        limits = self.limits
        job: dict[str, Any] = {
            "folder": str(work_folder),
            "memory_mb": limits.memory_mb,
            "max_s": limits.max_s,
            "max_width": limits.max_width,
            "max_height": limits.max_height,
        }
        most_s = CHECK_S
        if one.state == State.COUNTING:
            assert one.video is not None, "only what was checked is counted"  # noqa: S101
            most_s = max(COUNT_LEAST_S, COUNT_PER_S * float(one.video["length_s"]))
            job |= {"do": "count", "video": one.video, "zones": one.zones, "registered": one.registered}
        elif one.sample is not None:
            most_s = RENDER_S
            job |= {"do": "sample", "sample": one.sample, "samples": str(self.files.samples)}
        else:
            job["do"] = "check"
        return {**job, "cpu_s": int(most_s * 2)}, most_s


def _read(line: bytes) -> dict[str, Any]:
    """Return what a child says; nothing where it ended, or where it was made to say something else."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}  # Policy: a child that does not speak properly has crashed.
    return said if isinstance(said, dict) else {}


@dataclass(slots=True)
class _Held:
    """The lease as last renewed; None once it is another's."""

    at: Instant | None
    renewed_s: float = float("-inf")


@contextlib.asynccontextmanager
async def _child(job: dict[str, Any]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a child that knows nothing of ours but its job; it is gone when the context is left."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    few_threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # each reserves memory
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tenban.server.try_child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**kept, **few_threads},
        limit=_MOST_LINE,
        start_new_session=True,
    )
    try:
        assert child.stdin is not None  # noqa: S101  # asked for
        child.stdin.write(json.dumps(job).encode() + b"\n")
        with contextlib.suppress(
            ConnectionError
        ):  # Policy: a child that died at once says nothing; told as such
            await child.stdin.drain()
        child.stdin.close()
        yield child
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        await child.wait()
