"""Footage that was recorded earlier, and what tills told meanwhile, for tests of playing it back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from tenban.access.model import system_actor
from tenban.base.clock import SECOND, Instant, to_rfc3339
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.vault import Vault
from tenban.pos.intake import Intake
from tenban.server.jobs import Eye
from tenban.server.pictures import KeptPictures
from tenban.simulator.barcode import Stamp
from tenban.simulator.encoder import stamped_picture
from tenban.sites.model import Sites
from tenban.video.footage import Footage
from tenban.video.fragments import FragmentBuilder
from tenban.video.model import IndexBatch
from tenban.video.packets import MediaPacket, SoundPacket, StreamInfo
from tenban.video.queries import FootageIndex
from tenban.video.reader import read_camera
from tenban.video.segments import SegmentWriter
from tenban.video.settings import CameraSettings
from tenban.video.sound import SoundHeld

FPS = 10


def stamped_film(
    path: Path, *, length_s: int = 20, size: tuple[int, int] = (320, 180), codec: str = "libx264"
) -> Path:
    """Make a film whose frame ``n`` is stamped with ``n``; ten pictures a second, a keyframe each second."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=FPS)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        keys = f"keyint={FPS}" + (":pools=none:log-level=none" if codec == "libx265" else "")
        params = codec.removeprefix("lib") + "-params"
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", params: keys}
        for number in range(length_s * FPS):
            picture = stamped_picture(*size, Stamp(number, 0))
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def keep_footage(
    db: Database,
    data_dir: Path,
    camera: str,
    film: Path,
    start_at: Instant,
    length_s: float,
    *,
    vault: Vault | None = None,
    sound: bool = False,
) -> None:
    """Record a film, over and over, as if it had been filmed from an instant on; sealed with a vault."""
    footage = Footage(data_dir / "footage", vault)
    writer = SegmentWriter(footage, camera, sealed=vault is not None)
    stop, facts = threading.Event(), IndexBatch()
    builder: FragmentBuilder | None = None
    held: SoundHeld | None = None
    settings = CameraSettings(camera, str(film), speed="fast", loop=True, sound=sound)
    for one in read_camera(settings, clock=FakeClock(start_at), stop=stop):
        if isinstance(one, StreamInfo):
            facts.take(writer.begin(one))
            builder = FragmentBuilder(camera, one.run)
            held = None if one.sound is None else SoundHeld(one.sound)
            continue
        if isinstance(one, SoundPacket):
            assert held is not None
            held.add(one)
            continue
        assert isinstance(one, MediaPacket)
        assert builder is not None
        if one.captured_at >= start_at + round(length_s * SECOND):
            break
        fragment = builder.add(one)
        if fragment is not None:
            part = None if held is None else held.take(fragment.start_dts, fragment.end_dts)
            facts.take(writer.add(fragment, part))
    last = builder.flush() if builder else None
    if last is not None:
        facts.take(writer.add(last))
    facts.take(writer.close())
    FootageIndex(db).add(facts)


def kept_pictures(db: Database, data_dir: Path) -> KeptPictures:
    """Return the pictures of what was recorded, as the jobs process has them."""
    return KeptPictures(FootageIndex(db), Footage(data_dir / "footage"), Eye, FakeClock())


def tell(
    db: Database,
    sites: Sites,
    events: Sequence[dict[str, Any]],
    *,
    ahead_us: int = 0,
    late_us: Sequence[int] = (20_000,),
) -> None:
    """Let tills tell events as they happen: ``rung_at`` is an instant of ours; their clocks may be ahead."""
    clock = FakeClock()
    intake = Intake(db, clock, sites)

    async def run() -> None:
        for place, event in enumerate(events):
            at = int(event["rung_at"])
            clock.step_to(at + late_us[place % len(late_us)])
            (result,) = await intake.take_in(
                system_actor("till"), [{**event, "rung_at": to_rfc3339(at + ahead_us)}]
            )
            assert result.status == "stored", result

    # In a thread of its own: the caller may have a loop that runs.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(run())).result()
