"""The blurred form of pictures and clips: what is drawn, and heads where the shop has what finds people.

What it needs (OpenCV, PyAV, ONNX Runtime) is imported only where something is blurred.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tenban.base.errors import TenbanError, Unavailable
from tenban.sites.fisheye import Aim
from tenban.sites.model import Blurring, Polygon


def blurred_still(jpeg: bytes, what: Blurring, part: tuple[float, float, float, float] | None) -> bytes:
    """Return a JPEG blurred.

    Args:
        jpeg: a picture, or a part of one.
        what: is blurred, in 0–1 of the whole picture.
        part: which part of the whole it shows; None: all of it.

    Raises:
        BadInput: it is no picture.
        Unavailable: what finds people cannot be loaded: nothing is given away unblurred for that.
    """
    from tenban.vision.masking import WHOLE, mask_jpeg

    if not what.model:
        return mask_jpeg(jpeg, what.polygons, part=part or WHOLE)
    from tenban.vision.heads import heads

    detector = _detector(what.model)
    return mask_jpeg(jpeg, what.polygons, part=part or WHOLE, find=lambda one: heads(one, detector))


def blurred_clip(
    plain: Path, what: Blurring, aim: Aim | None, to: Path, told: Callable[[float], None]
) -> None:
    """Write a clip anew, turned as a named view shows it and blurred.

    It is written anew where nothing is blurred, too: a picture that was hidden before its beginning must not
    be in what is given away.

    Args:
        plain: the clip; it is gone afterwards.
        what: is blurred.
        aim: how it is turned first; None: not at all.
        to: where it goes.
        told: how many seconds are done; may raise to stop.

    Raises:
        BadInput: it is no video.
        Unavailable: what finds people cannot be loaded.
    """
    from tenban.vision.masking import mask_clip

    if aim is not None:
        from tenban.vision.turned import turn_clip

        turned = plain.with_name(f"turned-{plain.name}")
        turn_clip(plain, aim, turned)
        turned.replace(plain)
    heads: Sequence[Sequence[Polygon]] = ()
    if what.model:
        from tenban.vision.heads import follow_heads

        heads = follow_heads(plain, _detector(what.model), told)
    mask_clip(plain, what.polygons, to, of_picture=heads, told=told)
    plain.unlink()


def _detector(model: str) -> Any:
    from tenban.vision.heads import load_people_detector

    try:
        return load_people_detector(model)
    except TenbanError as error:
        raise Unavailable(f"people cannot be blurred: {error}") from error
