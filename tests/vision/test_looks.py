"""Looking on while a view is watched."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tenban.base.clock import SECOND
from tenban.base.errors import BadInput, Conflict, NotFound, Unavailable
from tenban.sites.model import View
from tenban.sites.zone import Zone
from tenban.video.frames import Frame
from tenban.vision.looks import MOST_DRAFTS, Looker, LookServer, look_on
from tenban.vision.model import Observation
from tenban.vision.watch import ViewWatch
from waiting import until_async

BAGGING = Zone("bagging", ((0.5, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.9)))
VIEW = View("cam-1", (BAGGING,))
DRAWN = [{"role": "bagging", "polygon": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]}]


def frame(captured_at: int) -> Frame:
    picture = np.full((180, 320, 3), 90, dtype=np.uint8)
    return Frame("cam-1", captured_at, av.VideoFrame.from_ndarray(picture, format="bgr24"))


def moved(at: int) -> Observation:
    return Observation("item_moved", "cam-1", at, at, at, 0.8, "basket", "bagging", 1, (0.1, 0.1, 0.2, 0.2))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LookServer]:
    def view(register: str, camera: str) -> View:
        if (register, camera) != ("lane-1", "cam-1"):
            raise NotFound(f"register {register} is not watched")
        return VIEW

    server = LookServer(tmp_path / "looks.sock", view)
    yield server
    server.close()


async def first(path: Path, zones: Any = None, *, register: str = "lane-1") -> Any:
    states = look_on(path, register, "cam-1", zones)
    try:
        async for state in states:
            return state
    finally:
        await states.aclose()  # type: ignore[attr-defined]


def test_nobody_looking_is_nobody_to_serve(server: LookServer) -> None:
    """Without lookers a frame costs one look-up, and leaving brings that back."""
    assert server.at("cam-1") == ()
    looker = server.join(b'{"register": "lane-1", "camera": "cam-1", "zones": null}')
    assert server.at("cam-1") == (looker,)
    server.leave(looker)
    assert server.at("cam-1") == ()


def test_whoever_looks_gets_what_the_watch_has_before_it(server: LookServer, tmp_path: Path) -> None:
    """Tracks, counts and moves come over the socket with the instant of their picture."""
    watch = ViewWatch(VIEW)
    stop = threading.Event()

    def run() -> None:
        at = 10 * SECOND
        while not stop.wait(0.02):
            at += SECOND // 8
            watch.see(frame(at), at)
            for looker in server.at("cam-1"):
                looker.show(frame(at), watch, [moved(at)])

    thread = threading.Thread(target=run)
    thread.start()
    try:
        state = asyncio.run(first(tmp_path / "looks.sock"))
    finally:
        stop.set()
        thread.join()
    assert state["at"] > 10 * SECOND
    assert (state["brought_in"], state["tracks"], state["visitor"]) == (0, [], None)
    assert {key: state["moves"][0][key] for key in ("kind", "from", "to", "confidence")} == {
        "kind": "item_moved",
        "from": "basket",
        "to": "bagging",
        "confidence": 0.8,
    }


def test_a_slow_looker_misses_states_but_no_moves() -> None:
    """States that nobody fetched are replaced and counted; every counted move is told."""
    looker, watch = Looker("lane-1", "cam-1", None), ViewWatch(VIEW)
    for n in range(5):
        looker.show(frame(n * SECOND), watch, [moved(n * SECOND)])
    state = looker.next(0)
    assert state is not None
    assert [move["at"] for move in state["moves"]] == [n * SECOND for n in range(5)]
    assert looker.missed == 4
    assert looker.next(0) is None


def test_states_come_ten_times_a_second_at_most() -> None:
    """Between two states lies a tenth of a second, unless something was counted."""
    looker, watch = Looker("lane-1", "cam-1", None), ViewWatch(VIEW)
    for n in range(31):
        looker.show(frame(10 * SECOND + n * SECOND // 30), watch, [])
    assert looker.missed == 10


def test_drawn_zones_see_the_same_frames_beside_the_lane() -> None:
    """What is only drawn watches on its own; when it breaks, only whoever looks is told."""
    looker = Looker("lane-1", "cam-1", ViewWatch(VIEW))
    looker.try_out(frame(SECOND), SECOND)
    assert looker.draft is not None
    assert looker.draft.seen == 1
    looker.draft._eyes = [object()]  # type: ignore[list-item]  # an eye that cannot see
    looker.try_out(frame(2 * SECOND), 2 * SECOND)
    with pytest.raises(Unavailable, match="AttributeError"):
        looker.next(0)


@pytest.mark.parametrize(
    ("register", "zones", "refused"),
    [
        ("lane-9", None, NotFound),
        ("lane-1", [{"role": "bag", "polygon": []}], BadInput),
        ("lane-1", "nothing", BadInput),
    ],
)
def test_what_cannot_be_looked_at_is_told(
    server: LookServer, tmp_path: Path, register: str, zones: Any, refused: type[Exception]
) -> None:
    """An unknown view and zones that do not check are refused before anything is watched."""
    with pytest.raises(refused):
        asyncio.run(first(tmp_path / "looks.sock", zones, register=register))
    assert server.at("cam-1") == ()


def test_only_so_many_drafts_are_tried_at_once(server: LookServer) -> None:
    """Drafts cost the lane's own thread; the third is told to wait."""
    request = b'{"register": "lane-1", "camera": "cam-1", "zones": %s}'
    drawn = b'[{"role": "bagging", "polygon": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]}]'
    for _ in range(MOST_DRAFTS):
        server.join(request % drawn)
    with pytest.raises(Conflict, match="drafts"):
        server.join(request % drawn)
    server.join(request % b"null")


def test_a_watch_that_begins_anew_says_so(server: LookServer, tmp_path: Path) -> None:
    """When the zones change under a looker, the look ends with a word that it may be asked again."""

    async def look() -> None:
        async def end() -> None:
            await until_async(lambda: server.at("cam-1"))
            server.end("cam-1", "the watching begins anew")

        ending = asyncio.create_task(end())
        with pytest.raises(Unavailable, match="begins anew"):
            await first(tmp_path / "looks.sock")
        await ending

    asyncio.run(look())


def test_without_a_watcher_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    """No socket, no look; asking again may help."""
    with pytest.raises(Unavailable):
        asyncio.run(first(tmp_path / "looks.sock"))
