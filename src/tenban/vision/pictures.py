"""Pictures in files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from tenban.base.errors import BadInput
from tenban.video.frames import Picture


def read_picture(path: Path) -> Picture:
    """Return a picture, BGR, shape (height, width, 3).

    Raises:
        BadInput: it is missing, or no picture.
    """
    try:
        coded = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    except OSError as error:
        raise BadInput(str(path), expected="a picture", came=error) from error
    picture = cv2.imdecode(coded, cv2.IMREAD_COLOR) if coded.size else None
    if picture is None:
        raise BadInput(str(path), expected="a picture (JPEG or PNG)", came="something else")
    return np.asarray(picture, dtype=np.uint8)


def write_picture(path: Path, picture: Picture) -> None:
    """Write a picture; the path's ending says in which form.

    Raises:
        BadInput: it cannot be written there.
    """
    done, coded = cv2.imencode(path.suffix, picture)
    try:
        path.write_bytes(coded.tobytes() if done else b"")
    except OSError as error:
        raise BadInput(str(path), expected="a place where a picture can be written", came=error) from error
