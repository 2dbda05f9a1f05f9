"""A process that films some lanes and serves them as RTSP cameras.

It keeps apart from the product, so that drawing never holds the product up. The parent talks to it through
a pipe: the process sends ``("painted", pieces)`` while it paints and ``("ready", port)`` when its streams can
be watched; the parent sends the opening instant once it is known. When the parent goes, the pipe closes, and
the process ends.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection

import cv2

from tenban.base.clock import SECOND, Instant, SystemClock
from tenban.simulator.encoder import Encoder
from tenban.simulator.lanes import LaneSchedule, Shop, lane_time_s, register_id
from tenban.simulator.rtp import StreamInfo, VideoPacket
from tenban.simulator.rtsp import RtspServer
from tenban.simulator.scene import Scene
from tenban.simulator.wardrobe import Wardrobe


@dataclass(frozen=True, slots=True)
class FilmJob:
    """What one process films.

    Attributes:
        shop: seed and lanes of the whole shop.
        lanes: numbers of the lanes of this process.
        width: pixels, even.
        height: pixels, even.
        fps: pictures per second.
        kbps: rate of each stream.
        variety: how many different people, baskets and bags are painted.
    """

    shop: Shop
    lanes: tuple[int, ...]
    width: int = 640
    height: int = 360
    fps: int = 15
    kbps: int = 900
    variety: int = 6


class _Lane:
    """One camera: scene, schedule, encoder."""

    def __init__(self, job: FilmJob, number: int, wardrobe: Wardrobe, phase_us: int) -> None:
        assortment = job.shop.assortment()
        self.name = register_id(number)
        self.frame = 0
        self._phase_us = phase_us
        self._fps = job.fps
        self._schedule: LaneSchedule = job.shop.schedule(number)
        self._scene = Scene(
            job.shop.lane_seed(number), assortment, wardrobe, width=job.width, height=job.height
        )
        self._encoder = Encoder(
            width=job.width, height=job.height, fps=job.fps, gop=job.fps, kbps=job.kbps, preset="ultrafast"
        )

    def due_at(self, opens_at: Instant) -> Instant:
        """Return when the next frame is to be taken."""
        return opens_at + self._phase_us + self.frame * SECOND // self._fps

    def take(self, captured_at: Instant, opens_at: Instant) -> VideoPacket:
        """Film one frame."""
        lane_s = lane_time_s(captured_at, opens_at)
        planned = self._schedule.at(lane_s)
        picture = self._scene.film(
            planned.sale.script,
            lane_s - planned.start_s,
            lane_s=lane_s,
            frame=self.frame & 0xFFFF,
        )
        self.frame += 1
        return self._encoder.encode(picture, captured_at)


def start_filming(job: FilmJob) -> tuple[multiprocessing.Process, Connection]:
    """Start the process; return it and the parent's end of the pipe."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=film, args=(job, there), name="tenban-cameras", daemon=True)
    process.start()
    there.close()
    return process, here  # type: ignore[return-value]  # a spawn process is a process


def film(job: FilmJob, pipe: Connection) -> None:
    """Film until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    cv2.setNumThreads(1)
    clock = SystemClock()
    stop = threading.Event()
    # Before the opening is known the lanes are empty: it lies far ahead.
    opening = [clock.now() + 86_400 * SECOND]
    wardrobe = Wardrobe(job.width / 960, variety=job.variety)
    for done, _ in enumerate(wardrobe.fill(job.shop.assortment()), start=1):
        if done % 5 == 0:
            pipe.send(("painted", done))
    step_us = SECOND // job.fps // max(1, job.shop.lanes)
    lanes = [_Lane(job, number, wardrobe, (number - 1) * step_us) for number in job.lanes]
    server = RtspServer()
    port = server.start()
    for lane in lanes:
        first = lane.take(clock.now(), opening[0])
        server.add_stream(lane.name, StreamInfo.of_keyframe(first.data, fps=job.fps))
    threading.Thread(target=_listen, args=(pipe, opening, stop), daemon=True).start()
    pipe.send(("ready", port))
    _film_all(lanes, opening, server, stop, fps=job.fps)
    server.stop()


def _listen(pipe: Connection, opening: list[Instant], stop: threading.Event) -> None:
    try:
        while True:
            opening[0] = pipe.recv()
    except (EOFError, OSError):  # the parent is gone or done: so are we
        stop.set()


def _film_all(
    lanes: list[_Lane], opening: list[Instant], server: RtspServer, stop: threading.Event, *, fps: int
) -> None:
    """Take each lane's frames when they are due; leave out those for which it is too late."""
    clock = SystemClock()
    known = 0
    while not stop.is_set():
        opens_at = opening[0]
        if opens_at != known:
            known = opens_at
            for lane in lanes:
                lane.frame = (clock.now() - opens_at) * fps // SECOND + 1
        lane = min(lanes, key=lambda one: one.due_at(known))
        due_at = lane.due_at(known)
        late_us = clock.now() - due_at
        if late_us < 0:
            stop.wait(-late_us / SECOND)
        elif late_us > 2 * SECOND // fps:
            lane.frame += late_us * fps // SECOND
            due_at = lane.due_at(known)
        server.push(lane.name, lane.take(due_at, known))
