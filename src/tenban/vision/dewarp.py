"""Turned views of fisheye pictures: OpenCV's remap over tables that are made once for each view."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from tenban.sites.fisheye import Fisheye, Turn
from tenban.video.frames import Frame, Picture
from tenban.vision.fisheye import Panorama, flat_rays, panorama_rays, quad_turns, to_picture

Wanted: TypeAlias = Turn | Panorama
_Table: TypeAlias = tuple[NDArray[np.int16], NDArray[np.uint16]]

_BLACK_LUMA, _BLACK_CHROMA = 16, 128
_TABLES_KEPT = 48
"""Two to a view of a frame; 5.5 MB of luma for 1280x720, 1.4 MB of colour."""


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels across and down."""

    width: int
    height: int

    @property
    def halved(self) -> Size:
        """The size of the colour planes."""
        return Size(self.width // 2, self.height // 2)


def dewarp(picture: Picture, fisheye: Fisheye, wanted: Wanted, size: Size) -> Picture:
    """Return a view of a fisheye picture.

    Args:
        picture: BGR or one plane, shape (height, width, 3) or (height, width).
        fisheye: its lens and mount.
        wanted: which view.
        size: of the view; what lies outside the image circle is black.
    """
    height, width = picture.shape[:2]
    return _remap(picture, table(fisheye, wanted, Size(width, height), size), 0)


def quad_of(picture: Picture, fisheye: Fisheye, size: Size) -> Picture:
    """Return four views in one picture; see :func:`tenban.vision.fisheye.quad_turns`."""
    part = size.halved
    views = [dewarp(picture, fisheye, turn, part) for turn in quad_turns(fisheye)]
    return np.vstack([np.hstack(views[:2]), np.hstack(views[2:])])


def dewarp_frame(frame: Frame, fisheye: Fisheye, wanted: Wanted, size: Size, *, camera: str) -> Frame:
    """Return a frame with a view instead of the whole picture, in planes as decoders give them.

    Args:
        frame: as decoded.
        fisheye: lens and mount of its camera.
        wanted: which view.
        size: of the view; even numbers.
        camera: what the frame's camera is called then.
    """
    picture = frame.picture
    if picture.format.name not in {"yuv420p", "yuvj420p"}:
        picture = picture.reformat(format="yuv420p")
    planes = [
        np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(-1, plane.line_size)[
            : plane.height, : plane.width
        ]
        for plane in picture.planes[:3]
    ]
    whole = Size(picture.width, picture.height)
    luma = table(fisheye, wanted, whole, size)
    chroma = table(fisheye, wanted, whole.halved, size.halved)
    full_range = picture.format.name == "yuvj420p" or picture.color_range == 2  # AVCOL_RANGE_JPEG
    black = 0 if full_range else _BLACK_LUMA
    turned = [_remap(planes[0], luma, black), *(_remap(one, chroma, _BLACK_CHROMA) for one in planes[1:])]
    yuv = np.concatenate([plane.reshape(-1) for plane in turned]).reshape(size.height * 3 // 2, size.width)
    view = av.VideoFrame.from_ndarray(yuv, format="yuv420p")
    view.color_range, view.colorspace = picture.color_range, picture.colorspace
    return replace(frame, camera=camera, picture=view)


@lru_cache(maxsize=_TABLES_KEPT)
def table(fisheye: Fisheye, wanted: Wanted, whole: Size, size: Size) -> _Table:
    """Return where each pixel of a view comes from, in OpenCV's fixed-point form (1/32 pixel)."""
    if isinstance(wanted, Turn):
        rays = flat_rays(fisheye, wanted, size.width, size.height)
    else:
        rays = panorama_rays(fisheye, wanted, size.width, size.height)
    places = to_picture(fisheye, rays, whole.width, whole.height)
    places[np.isnan(places)] = -8.0  # outside: the border's colour
    one, two = cv2.convertMaps(
        places[..., 0].astype(np.float32), places[..., 1].astype(np.float32), cv2.CV_16SC2
    )
    return np.asarray(one, dtype=np.int16), np.asarray(two, dtype=np.uint16)


def _remap(plane: NDArray[np.uint8], made: _Table, border: int) -> NDArray[np.uint8]:
    turned = cv2.remap(
        plane, made[0], made[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=border
    )
    return np.asarray(turned, dtype=np.uint8)
