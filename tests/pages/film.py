"""Stills and clips of simulated sales, for the screenshots."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from pages.pictures import jpeg
from tenban.simulator.clip import Studio
from tenban.simulator.script import Sale

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Shot:
    """What an incident shows: stills as JPEG, the box over what matters, the clip."""

    operator: bytes
    seen: bytes
    crop: bytes
    box: Box
    after: bytes
    clip: bytes


class Filmer:
    """Films the decisive seconds of simulated sales."""

    def __init__(self) -> None:
        self._studio = Studio(width=960, height=540, fps=15, variety=8)

    def forgotten_scan(self, seed: int) -> Shot:
        """Film an item that goes into the bag without being scanned."""
        sale = self._studio.sale(seed, behaviours=("forgotten_scan",))
        move = next(
            one for one in sale.truth.moves if one.to_zone == "bagging" and one.registered_at_s is None
        )
        at_s = (move.entered_at_s + move.released_at_s) / 2
        return self._shot(sale, at_s, item=move.item)

    def walk_away(self, seed: int) -> Shot:
        """Film a shopper who leaves before paying."""
        sale = self._studio.sale(seed, behaviours=("walks_away",))
        return self._shot(sale, sale.truth.left_at_s - 0.8, item=None)

    def _shot(self, sale: Sale, at_s: float, *, item: int | None) -> Shot:
        seen = self._picture(sale, at_s)
        box = self._box(sale, item, at_s) if item is not None else (0.0, 0.0, 1.0, 1.0)
        height, width = seen.shape[:2]
        x0, y0, x1, y1 = (round(part * size) for part, size in zip(box, (width, height) * 2, strict=True))
        return Shot(
            operator=jpeg(self._picture(sale, sale.truth.arrived_at_s + 1.5)),
            seen=jpeg(seen),
            crop=jpeg(seen[y0:y1, x0:x1]),
            box=box,
            after=jpeg(self._picture(sale, at_s + 6)),
            clip=self._clip(sale, max(at_s - 3, 0), at_s + 2),
        )

    def _yuv(self, sale: Sale, at_s: float) -> NDArray[np.uint8]:
        scene = self._studio.scene(sale.script.seed % 10)
        return scene.film(sale.script, at_s, lane_s=at_s, frame=int(at_s * 15))

    def _picture(self, sale: Sale, at_s: float) -> NDArray[np.uint8]:
        picture: NDArray[np.uint8] = cv2.cvtColor(self._yuv(sale, at_s), cv2.COLOR_YUV2BGR_I420)
        return picture

    def _box(self, sale: Sale, item: int, at_s: float) -> Box:
        spot = sale.script.where(item, at_s)
        assert spot is not None
        view = self._studio.scene(sale.script.seed % 10).view
        x, y = view.matrix() @ np.array([*spot[0], 1.0]) / (view.width, view.height)
        half_x, half_y = 0.085, 0.15
        x, y = np.clip(x, half_x, 1 - half_x), np.clip(y, half_y, 1 - half_y)
        return float(x - half_x), float(y - half_y), float(x + half_x), float(y + half_y)

    def _clip(self, sale: Sale, from_s: float, to_s: float) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "clip.mp4"
            with av.open(path, "w", options={"movflags": "faststart"}) as container:
                stream = container.add_stream("libx264", rate=15, options={"preset": "veryfast", "bf": "0"})
                stream.width, stream.height, stream.pix_fmt = 960, 540, "yuv420p"
                for number in range(round((to_s - from_s) * 15)):
                    frame = av.VideoFrame.from_ndarray(
                        self._yuv(sale, from_s + number / 15), format="yuv420p"
                    )
                    frame.pts, frame.time_base = number, Fraction(1, 15)
                    container.mux(stream.encode(frame))
                container.mux(stream.encode())
            return path.read_bytes()
