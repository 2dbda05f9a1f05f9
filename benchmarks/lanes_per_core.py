"""How many 720p15 lanes one core decodes and counts, beside decode with OpenCV's MOG2 in the same run.

python benchmarks/lanes_per_core.py [--seconds N]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import cv2
import numpy as np

from tenban.sites.zone import Zone
from tenban.video.frames import Frame, read_frames
from tenban.vision.transfer import TransferCounter

FPS = 15
ZONES = [
    Zone.checked("basket", [(0.03, 0.1), (0.35, 0.1), (0.35, 0.8), (0.03, 0.8)], where="benchmark"),
    Zone.checked("scan", [(0.4, 0.1), (0.6, 0.1), (0.6, 0.8), (0.4, 0.8)], where="benchmark"),
    Zone.checked("bagging", [(0.65, 0.1), (0.97, 0.1), (0.97, 0.8), (0.65, 0.8)], where="benchmark"),
]


def film(path: Path, length_s: int) -> None:
    """Draw a table over which a hand keeps moving items, with a camera's noise."""
    rng = np.random.default_rng(3)
    table = cv2.GaussianBlur(rng.integers(90, 190, (720, 1280, 3), dtype=np.uint8), (0, 0), 3)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.options = {"preset": "superfast", "g": str(FPS)}
        for number in range(length_s * FPS):
            at_s = number / FPS
            picture = table.copy()
            x = round(640 - 400 * np.cos(at_s * 1.5))
            cv2.line(picture, (640, 800), (x, 330), (110, 140, 215), 70)
            cv2.rectangle(picture, (x - 50, 280), (x + 50, 350), (40, 40, 200), -1)
            noisy = cv2.add(picture, rng.integers(0, 5, picture.shape, dtype=np.uint8))
            frame = av.VideoFrame.from_ndarray(noisy, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def cost(path: Path, work: Callable[[Frame], object]) -> float:
    """Return processor seconds per picture."""
    start, pictures = time.process_time(), 0
    for frame in read_frames(path):
        work(frame)
        pictures += 1
    return (time.process_time() - start) / pictures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=30)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "lane.mp4"
        film(path, asked.seconds)
        subtractor = cv2.createBackgroundSubtractorMOG2()
        counter = TransferCounter(ZONES, camera="benchmark")
        found = {
            "decode": cost(path, lambda frame: frame.picture),
            "decode + MOG2 320x180": cost(path, lambda frame: subtractor.apply(frame.bgr(320))),
            "decode + item counting": cost(path, counter.see),
        }
    base = found["decode + MOG2 320x180"]
    for name, each_s in found.items():
        lanes = 1 / (each_s * FPS)
        print(f"{name:26} {each_s * 1e3:6.2f} ms a picture  {lanes:6.1f} lanes a core  x{each_s / base:.2f}")
    print(json.dumps({name: round(1 / (each_s * FPS), 2) for name, each_s in found.items()}))


if __name__ == "__main__":
    main()
