"""The work on tries, with real children."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
from pathlib import Path
from typing import Any

import av
import pytest
from typer.testing import CliRunner

from server.films import ZONES, grey, one_item
from tenban.access.model import Actor, Function
from tenban.base.clock import SystemClock, seconds
from tenban.base.ids import new_id
from tenban.cli import app
from tenban.db import Database
from tenban.server.tries import TryWorker
from tenban.sites.model import Trying
from tenban.tries import desk, queries, work
from tenban.tries.files import ANNOTATED, FIRST, TryFiles
from tenban.tries.model import State, Try
from vaults import sealed_blobs

ANA = Actor("person", "person:ana", "Ana", "shop-1", frozenset({Function.TRIES_MAKE}))


class Desk:
    """A person at the desk, and a worker behind it."""

    def __init__(self, database: Database, folder: Path, limits: Trying = Trying()) -> None:  # noqa: B008  # frozen
        self.db, self.clock, self.limits = database, SystemClock(), limits
        self.files = TryFiles(folder / "tries", 0, sealed_blobs(database, folder).vault)
        self.worker = TryWorker(database, self.clock, self.files, limits)

    def bring(self, video: Path, name: str = "film.mp4") -> Try:
        now_at = self.clock.now()
        try_id = new_id(now_at)
        incoming = self.files.begin(try_id, most_mb=self.limits.max_mb)
        incoming.add(video.read_bytes())
        incoming.finish()
        self.files.keep(incoming, try_id)
        came = desk.Upload(name, incoming.size, incoming.sha256)
        return self.db.write_now(lambda c: desk.take_upload(c, ANA, now_at, self.limits, try_id, came))

    def start(self, one: Try, **more: Any) -> None:
        more = {"zones": ZONES, "registered": 0, **more}
        self.db.write_now(lambda c: desk.start(c, ANA, self.clock.now(), one.id, **more))

    def now(self, one: Try) -> Try:
        found = self.db.read_now(lambda c: queries.by_id(c, one.id))
        assert found is not None
        return found

    async def work(self) -> None:
        while await self.worker.step():
            pass


@pytest.fixture
def table(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return one_item(tmp_path_factory.mktemp("film") / "film.mp4")


async def test_a_video_is_checked_counted_and_says_what_tenban_count_says(
    table: Desk, film: Path, tmp_path: Path
) -> None:
    """The result is the object that ``tenban count --json`` prints about the same file and zones."""
    one = table.bring(film)
    await table.work()
    ready = table.now(one)
    assert ready.state == State.READY
    assert ready.video is not None
    assert (ready.video["codec"], ready.video["width"], ready.video["pictures"]) == ("h264", 480, 90)
    assert table.files.open(one.id, FIRST).all().startswith(b"\xff\xd8\xff")
    table.start(one)
    await table.work()
    done = table.now(one)
    assert done.state == State.DONE
    zones = tmp_path / "zones.json"
    zones.write_text(json.dumps({"zones": ZONES}), encoding="utf-8")
    arguments = ["count", str(film), "--zones", str(zones), "--registered", "0", "--json"]
    assert done.result == json.loads(CliRunner().invoke(app, arguments, catch_exceptions=False).stdout)
    assert done.result["judgement"] == "detected"
    with av.open(io.BytesIO(table.files.open(one.id, ANNOTATED).all())) as annotated:
        assert annotated.streams.video[0].codec_context.name == "h264"


async def test_other_zones_need_no_second_upload(table: Desk, film: Path) -> None:
    """What was counted can be counted again with other zones and another number."""
    one = table.bring(film)
    await table.work()
    table.start(one)
    await table.work()
    far = [{"role": "bagging", "polygon": [[0, 0.9], [0.1, 0.9], [0.1, 1], [0, 1]]}]
    table.start(one, zones=far, registered=1)
    await table.work()
    again = table.now(one)
    assert again.result is not None
    assert (again.result["brought_in"], again.result["judgement"]) == (0, "not_detected")


async def test_a_file_that_is_no_video_is_refused_in_words(table: Desk, tmp_path: Path) -> None:
    """The sentence says what was expected and what came, in both languages."""
    path = tmp_path / "film.mp4"
    path.write_text("just text, whatever it is called", encoding="utf-8")
    one = table.bring(path)
    await table.work()
    failed = table.now(one)
    assert failed.state == State.FAILED
    assert failed.error is not None
    assert "Expected a video file (MP4" in failed.error["en"]
    assert "動画ファイル" in failed.error["ja"]


async def test_a_step_whose_worker_was_killed_is_done_again(table: Desk, film: Path) -> None:
    """A lease that nobody renews runs out, and the next worker takes the try."""
    one = table.bring(film)
    early_at = table.clock.now() - seconds(work.LEASE_S + 1)
    killed = table.db.write_now(lambda c: work.claim(c, early_at))  # and then nothing: the worker is gone
    assert killed is not None
    await table.work()
    assert table.now(one).state == State.READY


async def test_a_killed_child_fails_the_step_and_a_retry_does_it(
    table: Desk, film: Path, tmp_path: Path
) -> None:
    """A crash of the decoder costs its own try one step, and nothing else."""
    one = table.bring(film)
    await table.work()
    table.start(one)
    stepping = asyncio.create_task(table.worker.step())
    await _kill_child(stepping)
    await stepping
    assert table.now(one).state == State.FAILED
    assert table.worker.broken == 1
    table.db.write_now(lambda c: desk.retry(c, ANA, table.clock.now(), one.id))
    await table.work()
    assert table.now(one).state == State.DONE


async def _kill_child(stepping: asyncio.Task[bool]) -> None:
    while not stepping.done():
        await asyncio.sleep(0.02)
        for pid in _video_children():
            os.kill(pid, signal.SIGKILL)
            return


def _video_children() -> list[int]:
    found = []
    for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        with contextlib.suppress(FileNotFoundError):
            if "try_child" in Path(f"/proc/{pid}/cmdline").read_text():
                found.append(int(pid))
    return found


async def test_cancelling_stops_the_child_and_keeps_the_zones(table: Desk, tmp_path: Path) -> None:
    """Whoever cancels has the video and the zones as they were."""
    one = table.bring(one_item(tmp_path / "long.mp4", length_s=20))
    await table.work()
    table.start(one)
    stepping = asyncio.create_task(table.worker.step())
    while table.now(one).state != State.COUNTING:  # noqa: ASYNC110  # the state is told by the database
        await asyncio.sleep(0.02)
    table.db.write_now(lambda c: desk.cancel(c, ANA, table.clock.now(), one.id))
    await stepping
    left = table.now(one)
    assert (left.state, left.result, len(left.zones or [])) == (State.READY, None, 2)


async def test_what_needs_more_memory_than_allowed_is_refused(database: Database, tmp_path: Path) -> None:
    """A child over its memory ends, and its try says so."""
    table = Desk(database, tmp_path, Trying(memory_mb=150))
    one = table.bring(grey(tmp_path / "grey.mp4"))
    await table.work()
    failed = table.now(one)
    assert failed.state == State.FAILED
    assert "memory" in (failed.error or {})["en"]


async def test_a_try_is_deleted_by_itself(table: Desk, film: Path) -> None:
    """When its time is over, files and words are gone; who, when and the hash stay."""
    one = table.bring(film)
    table.db.write_now(lambda c: queries.change(c, one.id, delete_at=table.clock.now()))
    await table.worker.sweep()
    gone = table.now(one)
    assert (gone.state, gone.name, gone.sha256) == (State.DELETED, "", one.sha256)
    assert not table.files.of(one.id).exists()


async def test_a_sample_is_rendered_once_and_comes_with_its_zones(table: Desk) -> None:
    """A sample clip is a video like any other, with zones and figures proposed."""
    now_at = table.clock.now()
    one = table.db.write_now(lambda c: desk.take_sample(c, ANA, now_at, table.limits, "honest"))
    await table.work()
    ready = table.now(one)
    assert ready.state == State.READY, ready.error
    assert ready.registered == 2
    assert {zone["role"] for zone in ready.zones or []} >= {"basket", "bagging"}
    assert (table.files.samples / "honest.mp4").exists()
