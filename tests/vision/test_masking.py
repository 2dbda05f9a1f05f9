"""What is masked cannot be read any more, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pages.pictures import clip
from tenban.base.errors import BadInput
from tenban.video.frames import Picture, read_frames
from tenban.vision.masking import mask_clip, mask_jpeg, pixelate

PAD = [(0.4, 0.3), (0.6, 0.3), (0.6, 0.6), (0.4, 0.6)]


def pin_pad(digits: str) -> Picture:
    """A picture with digits on a pad, and texture around it."""
    picture = np.random.default_rng(1).integers(0, 255, (360, 640, 3), np.uint8)
    cv2.rectangle(picture, (256, 108), (384, 216), (200, 200, 200), -1)
    cv2.putText(picture, digits, (262, 178), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (20, 20, 20), 3)
    return picture


def test_only_the_zone_becomes_a_mosaic() -> None:
    """At most six cells a side, each of one colour; outside, with a small border, not one pixel changes."""
    picture = pin_pad("4711")
    before = picture.copy()
    masked = pixelate(picture, [PAD])
    assert np.array_equal(picture, before)
    inside = masked[118:206, 266:374].reshape(-1, 3)
    assert len(np.unique(inside, axis=0)) <= 36
    changed = np.argwhere((masked != picture).any(axis=2))
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert top >= 108 - 14
    assert left >= 256 - 14
    assert bottom <= 216 + 14
    assert right <= 384 + 14


def test_digits_cannot_be_told_apart() -> None:
    """Two PINs differ by far more before than after: what is left is less than a tenth of the contrast."""
    one, other = pin_pad("4711"), pin_pad("8053")
    masked = [pixelate(picture, [PAD])[118:206, 266:374].astype(int) for picture in (one, other)]
    before = np.abs(one[118:206, 266:374].astype(int) - other[118:206, 266:374].astype(int))
    assert before.max() == 180
    assert np.abs(masked[0] - masked[1]).max() < 0.35 * before.max()
    assert np.abs(masked[0] - masked[1]).mean() < 0.5 * before.mean()


def test_a_part_of_a_picture_is_masked_where_the_whole_would_be() -> None:
    """A cut-out shows the same zone at another place; a zone outside it changes nothing."""
    part = (0.3, 0.2, 0.7, 0.7)
    whole = np.full((400, 400, 3), 255, np.uint8)
    whole[120:240, 160:240] = np.random.default_rng(2).integers(0, 255, (120, 80, 3), np.uint8)
    cut = whole[80:280, 120:280]
    jpeg = cv2.imencode(".jpg", cut, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    masked = cv2.imdecode(np.frombuffer(mask_jpeg(jpeg, [PAD], part=part), np.uint8), cv2.IMREAD_COLOR)
    assert masked is not None
    assert masked[60:140, 60:100].std() < 0.5 * cut[60:140, 60:100].std()
    elsewhere = mask_jpeg(jpeg, [[(0.9, 0.9), (1, 0.9), (1, 1)]], part=part)
    same = cv2.imdecode(np.frombuffer(elsewhere, np.uint8), cv2.IMREAD_COLOR)
    assert same is not None
    assert np.abs(same.astype(int) - cut.astype(int)).mean() < 20
    with pytest.raises(BadInput):
        mask_jpeg(b"no picture", [PAD])


def test_a_clip_is_masked_in_every_picture_and_keeps_its_times(tmp_path: Path) -> None:
    """As many pictures at the same times; the zone is a mosaic in each."""
    source, masked = tmp_path / "clip.mp4", tmp_path / "masked.mp4"
    source.write_bytes(clip(1.0))
    mask_clip(source, [PAD], masked)
    before, after = list(read_frames(source)), list(read_frames(masked))
    assert len(before) == len(after)
    shift = after[0].captured_at - before[0].captured_at
    assert all(abs(b.captured_at + shift - a.captured_at) < 1000 for a, b in zip(after, before, strict=True))
    for frame in after:
        height, width = frame.height, frame.width
        inside = frame.bgr()[int(0.35 * height) : int(0.55 * height), int(0.43 * width) : int(0.57 * width)]
        edges = cv2.Canny(np.ascontiguousarray(inside), 60, 120)
        assert (edges > 0).mean() < 0.15
