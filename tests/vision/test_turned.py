"""A fisheye camera's named view is watched like a camera: what moves in it is counted."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import numpy as np

from tenban.sites.fisheye import Aim, Fisheye, Turn
from tenban.sites.model import View
from tenban.video.film import Film
from tenban.video.frames import Frame, read_frames
from tenban.video.ring import FrameRing
from tenban.vision.fisheye import flat_rays, to_rays
from tenban.vision.turned import VIEW_SIZE, TurnedRing, turn_clip, turn_frame
from tenban.vision.watch import ViewWatch
from vision.table import BAGGING, BAGGING_ZONE, BASKET, BASKET_ZONE, HEIGHT, WIDTH, Item, carry, film

SIDE = 960
AIM = Aim(Fisheye("ceiling", "equidistant", (0.5, 0.5), 0.5, 185), Turn(60, -45, 1.1))


def through_the_lens() -> tuple[np.ndarray, np.ndarray]:
    """Return where each pixel of the fisheye picture lies on a flat picture in the view's place."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)
    rays = to_rays(AIM.fisheye, np.stack([x, y], axis=-1), SIDE, SIDE)
    middle, right, below = (flat_rays(AIM.fisheye, AIM.turn, 3, 3)[at] for at in ((1, 1), (1, 2), (2, 1)))
    right = right - middle * (right @ middle)
    below = below - middle * (below @ middle)
    right, below = right / np.linalg.norm(right), below / np.linalg.norm(below)
    ahead = rays @ middle
    focal = AIM.turn.zoom * WIDTH / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.where(ahead > 0, rays @ right / ahead * focal + (WIDTH - 1) / 2, -10)
        v = np.where(ahead > 0, rays @ below / ahead * focal + (HEIGHT - 1) / 2, -10)
    return np.nan_to_num(u, nan=-10).astype(np.float32), np.nan_to_num(v, nan=-10).astype(np.float32)


def test_an_item_carried_below_a_ceiling_camera_is_counted() -> None:
    """Seen through the lens and turned back, the table is the table: one item goes from basket to bag."""
    u, v = through_the_lens()
    view = View("ceiling-1", (BASKET_ZONE, BAGGING_ZONE))
    watch = ViewWatch(view)
    seen = []
    for frame in film([Item(BASKET)], [carry(0, 1.5, BASKET, BAGGING)], length_s=5):
        round_picture = cv2.remap(
            frame.bgr(), u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(90, 90, 90)
        )
        whole = av.VideoFrame.from_ndarray(round_picture, format="bgr24").reformat(format="yuv420p")
        turned = turn_frame(replace(frame, picture=whole), AIM, "ceiling-1")
        assert (turned.width, turned.height) == (VIEW_SIZE.width, VIEW_SIZE.height)
        seen += watch.see(turned, turned.captured_at)
    moves = [one for one in seen if one.kind == "item_moved"]
    assert [(one.from_zone, one.to_zone, one.camera) for one in moves] == [("basket", "bagging", "ceiling-1")]


def test_a_clip_is_turned_whole(tmp_path: Path) -> None:
    """As many pictures at the same moments, in the view's size."""
    source, turned = tmp_path / "whole.mp4", tmp_path / "turned.mp4"
    picture = np.full((480, 480, 3), 120, np.uint8)
    with Film(source) as film_of_room:
        for n in range(4):
            film_of_room.add(n * 66_000, picture)
    turn_clip(source, AIM, turned)
    frames = list(read_frames(turned))
    assert [round(frame.captured_at, -3) for frame in frames] == [0, 66_000, 132_000, 198_000]
    assert (frames[0].width, frames[0].height) == (VIEW_SIZE.width, VIEW_SIZE.height)


def test_a_turned_clip_goes_into_a_pipe(tmp_path: Path) -> None:
    """What cannot be gone back in gets the same pictures, in fragments; the aim goes over as JSON."""
    source, turned = tmp_path / "whole.mp4", tmp_path / "turned.mp4"
    with Film(source) as film_of_room:
        for n in range(4):
            film_of_room.add(n * 66_000, np.full((480, 480, 3), 120, np.uint8))
    read_end, write_end = os.pipe()
    with ThreadPoolExecutor(1) as elsewhere, os.fdopen(read_end, "rb") as reader:
        taken = elsewhere.submit(reader.read)
        with os.fdopen(write_end, "wb") as writer:
            turn_clip(source, Aim.from_json(json.loads(json.dumps(AIM.as_json()))), writer)
        turned.write_bytes(taken.result())
    assert b"moof" in turned.read_bytes()
    frames = list(read_frames(turned))
    assert [round(frame.captured_at, -3) for frame in frames] == [0, 66_000, 132_000, 198_000]
    assert (frames[0].width, frames[0].height) == (VIEW_SIZE.width, VIEW_SIZE.height)


def test_stills_of_a_view_are_turned_when_they_are_asked_for() -> None:
    """The ring holds whole pictures; a still of the view has its size, its part and its moment."""
    ring = FrameRing()
    white = np.full((SIDE, SIDE, 3), 255, np.uint8)
    white[: SIDE // 2] = 0
    whole = av.VideoFrame.from_ndarray(white, format="bgr24").reformat(format="yuv420p")
    ring.add(Frame("ceiling", 5_000_000, whole))
    up, down = (
        TurnedRing(ring, Aim(AIM.fisheye, Turn(pan, -40)), "v").still(5_000_000, width=320)
        for pan in (0, 180)
    )
    shades = SimpleNamespace(
        up=cv2.imdecode(np.frombuffer(up.jpeg, np.uint8), 1),
        down=cv2.imdecode(np.frombuffer(down.jpeg, np.uint8), 1),
    )
    assert (up.width, up.height, up.captured_at) == (320, 180, 5_000_000)
    assert shades.up[:90].mean() < 20
    assert shades.down[:90].mean() > 230
    part = TurnedRing(ring, AIM, "v").still(5_000_000, box=(0.25, 0.25, 0.75, 0.75))
    assert (part.width, part.height) == (640, 360)
