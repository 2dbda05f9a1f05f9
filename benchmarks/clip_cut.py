"""How fast a clip of 20 s begins and is whole, beside PyAV remuxing the same footage.

Ten minutes of 1280x720, 15 pictures a second, H.264 at about 2 Mb/s, a keyframe every two seconds, are
recorded by the product. Then 20 s are cut at random places, again and again, from warm caches:

    tenban first byte   plan from the index, first bytes of the file (an HTTP answer would begin here)
    tenban whole        the same, all bytes read
    remux first byte    PyAV opens the segment files, seeks, remuxes into a pipe; the first byte written
    remux whole         the same, all bytes written
    processor time      of the whole; unlike the others it does not depend on what else the machine does

Run: python benchmarks/clip_cut.py [--rounds 300] [--write]
"""

from __future__ import annotations

import argparse
import io
import random
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from time import process_time

import av

from recording import machine, make_film
from tenban.base.clock import SECOND, SystemClock
from tenban.base.span import Span
from tenban.db.database import Database
from tenban.db.engine import open_engine
from tenban.db.schema import metadata
from tenban.video.clips import plan_clip, read_range
from tenban.video.fragments import FragmentBuilder
from tenban.video.model import IndexBatch
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.reader import read_camera
from tenban.video.segments import SegmentWriter
from tenban.video.settings import CameraSettings

RESULTS = Path(__file__).parent / "results" / "clip-cut.md"
LENGTH_S = 600
CUT_S = 20


class FirstByte(io.RawIOBase):
    """A pipe's end that remembers when the first media byte came."""

    def __init__(self) -> None:
        self.first_s: float | None = None

    def writable(self) -> bool:
        """Tell that it may be written to."""
        return True

    def write(self, data: object) -> int:
        """Take bytes and drop them."""
        self.first_s = self.first_s or SystemClock().monotonic_s()
        return len(memoryview(data))  # type: ignore[arg-type]  # av hands over bytes


def record(folder: Path, index: FootageIndex) -> int:
    """Record ten minutes as quickly as they can be read; return when the first picture was taken."""
    film = folder / "film.mp4"
    make_film(film)
    camera = CameraSettings("cam", str(film), speed="fast", loop=True)
    writer = SegmentWriter(folder / "footage", "cam")
    stop = threading.Event()
    facts = IndexBatch()
    builder: FragmentBuilder | None = None
    first_at = 0
    for item in read_camera(camera, clock=SystemClock(), stop=stop):
        if isinstance(item, StreamInfo):
            facts.take(writer.begin(item))
            builder = FragmentBuilder("cam", item.run)
            continue
        assert isinstance(item, MediaPacket)
        assert builder is not None
        first_at = first_at or item.captured_at
        if (fragment := builder.add(item)) is not None:
            facts.take(writer.add(fragment))
        if item.captured_at - first_at > LENGTH_S * SECOND:
            stop.set()
    facts.take(writer.close())
    index.add(facts)
    return first_at


def remux(index: FootageIndex, root: Path, span: Span) -> tuple[float, float, float]:
    """Cut with PyAV as one would without an index of samples; return the times in seconds."""
    began_s, began_cpu_s = SystemClock().monotonic_s(), process_time()
    rows = index.for_span("cam", span)
    sink = FirstByte()
    flags = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(sink, "w", format="mp4", options=flags) as out:
        copy = None
        for path in dict.fromkeys(segment.path for _, segment in rows):
            started_at = next(segment.started_at for _, segment in rows if segment.path == path)
            with av.open(str(root / path)) as container:
                stream = container.streams.video[0]
                assert stream.time_base is not None
                copy = copy or out.add_stream_from_template(stream)
                if span.start_at > started_at:
                    container.seek(
                        round((span.start_at - started_at) / SECOND / stream.time_base), stream=stream
                    )
                shift = round(started_at / SECOND / stream.time_base) - round(
                    span.start_at / SECOND / stream.time_base
                )
                for packet in container.demux(stream):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.dts += shift
                    packet.pts += shift
                    if packet.pts * stream.time_base > CUT_S:
                        break
                    packet.stream = copy
                    out.mux(packet)
    ended_s = SystemClock().monotonic_s()
    return (sink.first_s or ended_s) - began_s, ended_s - began_s, process_time() - began_cpu_s


def tenban(index: FootageIndex, root: Path, span: Span) -> tuple[float, float, float]:
    began_s, began_cpu_s = SystemClock().monotonic_s(), process_time()
    plan = plan_clip(index, "cam", span)
    parts = read_range(plan, root)
    next(parts)
    first_s = SystemClock().monotonic_s()
    for _ in parts:
        pass
    return first_s - began_s, SystemClock().monotonic_s() - began_s, process_time() - began_cpu_s


def rank(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] * 1000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--write", action="store_true", help="write the results page")
    given = parser.parse_args()
    chance = random.Random(3)  # noqa: S311  # places to cut, no secrets
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/index.db"
        engine = open_engine(url, writes=True)
        metadata.create_all(engine)
        engine.dispose()
        database = Database(url)
        index = FootageIndex(database)
        first_at = record(folder, index)
        ways: dict[str, Callable[[FootageIndex, Path, Span], tuple[float, float, float]]] = {
            "tenban": tenban,
            "remux": remux,
        }
        taken: dict[str, list[tuple[float, float, float]]] = {way: [] for way in ways}
        for _ in range(given.rounds):
            start_at = first_at + chance.randrange((LENGTH_S - CUT_S - 1) * SECOND)
            for way, cut in ways.items():
                taken[way].append(cut(index, folder / "footage", Span(start_at, start_at + CUT_S * SECOND)))
        database.close()
    lines = ["| | p50 ms | p99 ms | p50 ratio to remux |", "|---|---|---|---|"]
    for place, what in enumerate(("first byte", "whole", "processor time")):
        base = rank([one[place] for one in taken["remux"]], 0.5)
        for way, times in taken.items():
            values = [one[place] for one in times]
            middle = rank(values, 0.5)
            lines.append(f"| {way} {what} | {middle:.2f} | {rank(values, 0.99):.2f} | {middle / base:.2f} |")
    print("\n".join(lines))
    if given.write:
        RESULTS.write_text(
            f"# How fast a clip is cut\n\n{__doc__}\n{given.rounds} cuts; {machine()}.\n\n"
            + "\n".join(lines)
            + "\n"
        )


if __name__ == "__main__":
    main()
