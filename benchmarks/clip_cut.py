"""How fast a clip of 20 s begins and is whole, beside PyAV remuxing the same footage.

Ten minutes of 1280x720, 15 pictures a second, H.264 at about 2 Mb/s, a keyframe every two seconds, are
recorded by the product, plain and sealed. Then 20 s are cut at random places, again and again, from warm
caches, each place by every way in turn:

    tenban first byte   plan from the index, first bytes of the file (an HTTP answer would begin here)
    sealed first byte   the same from sealed footage
    heard first byte    the same with its sound (AAC, 48 kHz, one channel), which comes first in the file
    tenban middle       plan, and the first bytes of a range from the middle of the clip on: footage is read
    tenban whole        the same, all bytes read
    remux first byte    PyAV opens the segment files, seeks, remuxes into a pipe; the first byte written
    remux whole         the same, all bytes written
    processor time      of the whole; unlike the others it does not depend on what else the machine does

Run: python benchmarks/clip_cut.py [--rounds 300] [--write]
"""

from __future__ import annotations

import argparse
import gc
import io
import random
import tempfile
import threading
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import av
import numpy as np

from recording import machine, make_film
from tenban.base.clock import SECOND, SystemClock
from tenban.base.span import Span
from tenban.db.database import Database
from tenban.db.engine import open_engine
from tenban.db.keyring import open_keyring
from tenban.db.schema import metadata
from tenban.db.vault import Vault
from tenban.video.clips import plan_clip, read_range
from tenban.video.footage import Footage
from tenban.video.fragments import FragmentBuilder
from tenban.video.model import IndexBatch
from tenban.video.packets import MediaPacket, SoundPacket, StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.reader import read_camera
from tenban.video.segments import SegmentWriter
from tenban.video.settings import CameraSettings
from tenban.video.sound import SoundHeld

RESULTS = Path(__file__).parent / "results" / "clip-cut.md"
LENGTH_S = 600
CUT_S = 20


class Times(NamedTuple):
    """How long one cut took, in seconds, and how many bytes it was."""

    first: float
    middle: float | None
    whole: float
    processor: float
    size: int


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


def with_tone(film: Path, to: Path, length_s: int = 10) -> None:
    """Write the film again with a tone beside its pictures."""
    at = np.arange(length_s * 48_000) / 48_000
    wave = (0.3 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)
    with av.open(str(film)) as container, av.open(str(to), "w") as out:
        pictures = container.streams.video[0]
        copy = out.add_stream_from_template(pictures)
        tone: Any = out.add_stream("aac", rate=48_000)
        tone.codec_context.layout = "mono"
        tone.codec_context.bit_rate = 64_000
        for packet in container.demux(pictures):
            if packet.dts is not None:
                packet.stream = copy
                out.mux(packet)
        frame = av.AudioFrame.from_ndarray(wave[None, :], format="fltp", layout="mono")
        frame.sample_rate = 48_000
        for part in (frame, None):
            out.mux(tone.encode(part))


def record(footage: Footage, name: str, film: Path, index: FootageIndex) -> tuple[int, float]:
    """Record ten minutes as quickly as they can be read.

    Returns:
        when the first picture was taken, and how many seconds writing took.
    """
    camera = CameraSettings(name, str(film), speed="fast", loop=True, sound=name == "heard")
    writer = SegmentWriter(footage, name, sealed=name == "sealed")
    spent_s = 0.0
    stop = threading.Event()
    facts = IndexBatch()
    builder: FragmentBuilder | None = None
    held: SoundHeld | None = None
    first_at = 0
    for item in read_camera(camera, clock=SystemClock(), stop=stop):
        if isinstance(item, StreamInfo):
            facts.take(writer.begin(item))
            builder = FragmentBuilder(name, item.run)
            held = None if item.sound is None else SoundHeld(item.sound)
            continue
        if isinstance(item, SoundPacket):
            assert held is not None
            held.add(item)
            continue
        assert isinstance(item, MediaPacket)
        assert builder is not None
        first_at = first_at or item.captured_at
        if (fragment := builder.add(item)) is not None:
            began_s = process_time()
            sound = None if held is None else held.take(fragment.start_dts, fragment.end_dts)
            facts.take(writer.add(fragment, sound))
            spent_s += process_time() - began_s
        if item.captured_at - first_at > LENGTH_S * SECOND:
            stop.set()
    facts.take(writer.close())
    index.add(facts)
    return first_at, spent_s


def remux(index: FootageIndex, footage: Footage, span: Span) -> Times:
    """Cut with PyAV as one would without an index of samples; return the times in seconds."""
    began_s, began_cpu_s = SystemClock().monotonic_s(), process_time()
    rows = index.for_span("tenban", span)
    sink = FirstByte()
    flags = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(sink, "w", format="mp4", options=flags) as out:
        copy = None
        for path in dict.fromkeys(segment.path for _, segment in rows):
            started_at = next(segment.started_at for _, segment in rows if segment.path == path)
            with av.open(str(footage.root / path)) as container:
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
    return Times(
        (sink.first_s or ended_s) - began_s, None, ended_s - began_s, process_time() - began_cpu_s, 0
    )


def tenban(index: FootageIndex, footage: Footage, span: Span, *, camera: str = "tenban") -> Times:
    began_s, began_cpu_s = SystemClock().monotonic_s(), process_time()
    plan = plan_clip(index, camera, span, sound=camera == "heard")
    parts = read_range(plan, footage)
    next(parts)
    first_s = SystemClock().monotonic_s()
    for _ in parts:
        pass
    ended_s, ended_cpu_s = SystemClock().monotonic_s(), process_time()
    again = plan_clip(index, camera, span, sound=camera == "heard")
    middle = read_range(again, footage, plan.length_bytes // 2)
    next(middle)
    middle_s = SystemClock().monotonic_s() - ended_s
    middle.close()  # type: ignore[attr-defined]  # a generator
    return Times(first_s - began_s, middle_s, ended_s - began_s, ended_cpu_s - began_cpu_s, plan.length_bytes)


sealed = partial(tenban, camera="sealed")
heard = partial(tenban, camera="heard")


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
        vault = Vault(database, open_keyring(folder / "keys", {}), SystemClock())
        footage = Footage(folder / "footage", vault)
        film = folder / "film.mp4"
        make_film(film)
        loud = folder / "loud.mp4"
        with_tone(film, loud)
        films = {"tenban": film, "sealed": film, "heard": loud}
        began = {name: record(footage, name, one, index) for name, one in films.items()}
        ways = {"tenban": tenban, "sealed": sealed, "heard": heard, "remux": remux}
        taken: dict[str, list[Times]] = {way: [] for way in ways}
        gc.collect()
        gc.freeze()  # as the server's processes do
        for _ in range(given.rounds):
            after = chance.randrange((LENGTH_S - CUT_S - 1) * SECOND)
            for way, cut in ways.items():
                start_at = began.get(way, began["tenban"])[0] + after
                taken[way].append(cut(index, footage, Span(start_at, start_at + CUT_S * SECOND)))
        database.close()
    lines = ["| | p50 ms | p99 ms | p50 ratio to remux |", "|---|---|---|---|"]
    for place, what in enumerate(("first byte", "middle", "whole", "processor time")):
        base = rank([one[place] or one.whole for one in taken["remux"]], 0.5)
        for way, times in taken.items():
            values = [value for one in times if (value := one[place]) is not None]
            if not values:
                continue
            half = rank(values, 0.5)
            ratio = f"{half / base:.2f}" if what != "middle" else "–"
            lines.append(f"| {way} {what} | {half:.2f} | {rank(values, 0.99):.2f} | {ratio} |")
    for way in began:
        rate = sum(one.size for one in taken[way]) / sum(one.whole for one in taken[way]) / 1e6
        cost = began[way][1] / LENGTH_S
        lines += ["", f"{way}: {rate:,.0f} MB/s cut and read; writing takes {cost:.3%} of a core per camera."]
    print("\n".join(lines))
    if given.write:
        RESULTS.write_text(
            f"# How fast a clip is cut\n\n{__doc__}\n{given.rounds} cuts; {machine()}.\n\n"
            + "\n".join(lines)
            + "\n"
        )


if __name__ == "__main__":
    main()
