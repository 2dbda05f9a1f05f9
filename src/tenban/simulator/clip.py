"""Films simulated sales into files: for benchmarks of counting, for tests, for pictures.

::

    studio = Studio(width=960, height=540, fps=15)
    truth = studio.render_clip(seed=7, path=Path("out/7.mp4"))

writes ``7.mp4`` (H.264, as a camera would send it), ``7.zones.json`` (zones file), ``7.truth.json``
(``Truth``, times in seconds of the video) and ``7.events.jsonl`` (sale events; the video's first frame is at
``START_AT``). The film ends when the goods are taken away, so that what lies in bagging at its end is what
was counted. Each seed is another sale; seeds share ten lanes, each with its own furniture, camera and light.
``Studio.frames`` gives the same pictures without files.

One studio keeps its sprites: film many clips with one. A clip of 30 s at 640x360 takes about three seconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from tenban.base.clock import Instant
from tenban.simulator.products import make_assortment
from tenban.simulator.sale_events import sale_events
from tenban.simulator.scene import Scene
from tenban.simulator.script import Sale, Script, Truth
from tenban.simulator.shoppers import write_sale
from tenban.simulator.sprites import Frame
from tenban.simulator.wardrobe import Wardrobe

START_AT: Instant = 1_795_316_400_000_000  # 2026-11-22T03:00:00Z, noon in Tokyo
_LANES = 10


class Studio:
    """Films sales, one after the other.

    Args:
        width: pixels, even.
        height: pixels, even; 9/16 of the width.
        fps: pictures per second.
        articles: how many different products there are.
        variety: how many different people, baskets and bags there are.
    """

    def __init__(
        self, *, width: int = 960, height: int = 540, fps: int = 15, articles: int = 80, variety: int = 24
    ) -> None:
        self.width, self.height, self.fps = width, height, fps
        self.assortment = make_assortment(np.random.default_rng(11), articles)
        self._wardrobe = Wardrobe(width / 960, variety=variety)
        self._scenes: dict[int, Scene] = {}

    def sale(self, seed: int, *, behaviours: tuple[str, ...] | None = None) -> Sale:
        """Write the sale of a seed; ``behaviours`` (see ``shoppers.BEHAVIOURS``) are drawn where None."""
        return write_sale(seed, self.assortment, behaviours=behaviours)

    def script(self, seed: int, *, behaviours: tuple[str, ...] | None = None) -> Script:
        """Return what is played in the sale of a seed, without the truth."""
        return self.sale(seed, behaviours=behaviours).script

    def scene(self, lane: int) -> Scene:
        """Return a lane, built on first use."""
        if lane not in self._scenes:
            self._scenes[lane] = Scene(
                lane, self.assortment, self._wardrobe, width=self.width, height=self.height
            )
        return self._scenes[lane]

    def frames(self, sale: Sale, *, lane: int | None = None, until_s: float | None = None) -> Iterator[Frame]:
        """Yield the camera's pictures (planar YUV 4:2:0), from the first sight of the shopper.

        Args:
            sale: what to film.
            lane: seed of the lane; follows from the sale's seed where None.
            until_s: end of the film; when the goods are taken away where None.
        """
        script = sale.script
        scene = self.scene(script.seed % _LANES if lane is None else lane)
        end_s = sale.truth.taken_at_s if until_s is None else until_s
        lane_s = script.seed % 997 * 7.0  # so that sales of one lane differ in light and passers-by
        for frame in range(int(end_s * self.fps)):
            at_s = frame / self.fps
            yield scene.film(script, at_s, lane_s=lane_s + at_s, frame=frame)

    def render_clip(
        self,
        *,
        seed: int,
        path: Path,
        behaviours: tuple[str, ...] | None = None,
        lane: int | None = None,
        until_s: float | None = None,
        kbps: int = 1_500,
        told: Callable[[int], None] | None = None,
    ) -> Truth:
        """Film one sale into an MP4 with zones, truth and sale events beside it; return the truth.

        ``told`` is called with the number of each picture.
        """
        sale = self.sale(seed, behaviours=behaviours)
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=self.fps)
            stream.width, stream.height, stream.pix_fmt = self.width, self.height, "yuv420p"
            stream.gop_size = self.fps
            stream.bit_rate = kbps * 1_000
            stream.options = {"preset": "superfast", "tune": "zerolatency"}
            stream.codec_context.thread_count = 1
            for number, picture in enumerate(self.frames(sale, lane=lane, until_s=until_s)):
                frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
                frame.pts, frame.time_base = number, Fraction(1, self.fps)
                container.mux(stream.encode(frame))
                if told is not None:
                    told(number)
            container.mux(stream.encode(None))
        view = self.scene(seed % _LANES if lane is None else lane).view
        _write_json(path.with_suffix(".zones.json"), {"zones": view.zones()})
        _write_json(path.with_suffix(".truth.json"), asdict(sale.truth))
        events = sale_events(sale.script, register="lane-1", sale=f"seed-{seed}", start_at=START_AT)
        lines = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
        path.with_suffix(".events.jsonl").write_text(lines, encoding="utf-8")
        return sale.truth


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
