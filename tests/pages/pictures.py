"""Pictures and clips for browser tests: a counter from above, drawn, not photographed."""

from __future__ import annotations

import functools
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 960, 540


def counter(
    seed: int = 0, *, hand: tuple[float, float] | None = (0.62, 0.5), bag: bool = True
) -> NDArray[np.uint8]:
    """Return a checkout from above, BGR: basket on the left, scanner, bagging place on the right."""
    rng = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH, 3), (96, 104, 110), np.uint8)
    cv2.rectangle(picture, (0, 90), (WIDTH, 430), (172, 178, 182), -1)
    cv2.rectangle(picture, (30, 120), (330, 400), (70, 60, 150), -1)
    cv2.rectangle(picture, (48, 138), (312, 382), (52, 46, 116), -1)
    cv2.rectangle(picture, (390, 150), (560, 370), (70, 72, 74), -1)
    cv2.rectangle(picture, (410, 200), (540, 320), (28, 30, 30), -1)
    cv2.line(picture, (420, 260), (530, 260), (40, 40, 220), 3)
    if bag:
        cv2.ellipse(picture, (770, 260), (150, 120), 0, 0, 360, (196, 204, 206), -1)
        cv2.ellipse(picture, (770, 260), (128, 100), 0, 0, 360, (120, 128, 132), -1)
    for _ in range(7):
        x, y = int(rng.integers(70, 270)), int(rng.integers(160, 340))
        colour = tuple(int(value) for value in rng.integers(60, 235, 3))
        if rng.random() < 0.5:
            cv2.circle(picture, (x, y), int(rng.integers(20, 34)), colour, -1)
        else:
            cv2.rectangle(
                picture, (x, y), (x + int(rng.integers(34, 60)), y + int(rng.integers(30, 52))), colour, -1
            )
    if hand:
        x, y = int(hand[0] * WIDTH), int(hand[1] * HEIGHT)
        cv2.line(picture, (x - 40, HEIGHT), (x, y), (86, 62, 40), 74)
        cv2.circle(picture, (x, y), 38, (146, 178, 216), -1)
        cv2.rectangle(picture, (x - 34, y - 74), (x + 34, y - 6), (40, 160, 235), -1)
        cv2.rectangle(picture, (x - 24, y - 54), (x + 24, y - 30), (240, 240, 240), -1)
    noise = rng.normal(0, 5, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def jpeg(picture: NDArray[np.uint8]) -> bytes:
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 82])
    assert done
    return bytes(data)


def cut(picture: NDArray[np.uint8], box: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = box
    part: NDArray[np.uint8] = picture[
        int(y0 * HEIGHT) : int(y1 * HEIGHT), int(x0 * WIDTH) : int(x1 * WIDTH)
    ].copy()
    return part


@functools.cache
def evidence(seed: int) -> tuple[bytes, bytes, bytes, tuple[float, float, float, float]]:
    """Return operator still, evidence still, its cut-out and the box."""
    box = (0.56, 0.3, 0.76, 0.62)
    seen = counter(seed, hand=(0.66, 0.5))
    return jpeg(counter(seed, hand=(0.2, 0.55))), jpeg(seen), jpeg(cut(seen, box)), box


def clip(seconds: float = 3.0, fps: int = 15) -> bytes:
    """Return an H.264 MP4 of a hand that crosses the counter."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        with av.open(path, "w", options={"movflags": "faststart"}) as container:
            stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "bf": "0"})
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            stream.time_base = Fraction(1, fps)
            frames = round(seconds * fps)
            for number in range(frames):
                picture = counter(3, hand=(0.15 + 0.65 * number / frames, 0.5))
                frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
                frame.pts = number
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path.read_bytes()
