"""Videos that strangers send."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import pytest

from server.films import grey, one_item
from tenban.video.strange import Limits, Unfit, inspect_video

LIMITS = Limits(length_s=5, long_side=1920, short_side=1080)


def refusal(path: Path, limits: Limits = LIMITS) -> str:
    with pytest.raises(Unfit) as refused:
        inspect_video(path, limits, picture=path.with_suffix(".jpg"))
    assert refused.value.told is not None
    assert "必要です" in refused.value.told["ja"]
    return refused.value.told["en"]


@pytest.mark.parametrize(
    ("codec", "container", "found"),
    [("libx264", "mp4", "mov"), ("libx264", "matroska", "matroska"), ("mpeg4", "avi", "avi")],
)
def test_what_it_is_decides_and_not_its_name(tmp_path: Path, codec: str, container: str, found: str) -> None:
    """Three containers, all named as something else; the first picture comes as a JPEG."""
    path = grey(tmp_path / "holiday.exe", codec=codec, container_format=container)
    facts = inspect_video(path, LIMITS, picture=tmp_path / "first.jpg")
    assert (facts.container, facts.width, facts.height, facts.pictures) == (found, 160, 90, 10)
    assert facts.length_s == pytest.approx(1.0, abs=0.15)
    assert facts.said_s is None
    assert cv2.imread(str(tmp_path / "first.jpg")).shape == (90, 160, 3)


@pytest.mark.parametrize(
    ("content", "came"),
    [
        (b"", "is empty"),
        (b"hello", "is none of these"),
        (b"PK\x03\x04" + bytes(100), "is a ZIP file"),
        (b"\x89PNG\r\n", "is a PNG file"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "is none of these"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "is none of these"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(5000), "is cut off or damaged"),
        (b"\x1a\x45\xdf\xa3" + bytes(5000), "is cut off or damaged"),
        (b"RIFF\x00\x00\x00\x00AVI " + bytes(5000), "is cut off or damaged"),
    ],
)
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes, came: str) -> None:
    """Also play lists, which would have FFmpeg open other files and addresses."""
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    assert came in refusal(path)


def test_a_film_without_its_index_is_refused(tmp_path: Path) -> None:
    """An MP4 whose index stood at its end and was cut off cannot be read, and is said to be so."""
    path = grey(tmp_path / "film.mp4", pictures=40)
    path.write_bytes(path.read_bytes()[:-800])
    assert "cut off or damaged" in refusal(path)


def test_a_film_that_breaks_off_counts_as_far_as_it_goes(tmp_path: Path) -> None:
    """Its header stands first, so what is there can be used; how long it should be is told."""
    path = one_item(tmp_path / "film.mp4", length_s=4)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    facts = inspect_video(path, LIMITS, picture=tmp_path / "first.jpg")
    assert 0.5 < facts.length_s < 3.5
    assert facts.said_s == pytest.approx(4, abs=0.2)


def test_too_long_is_refused_by_the_pictures_own_times(tmp_path: Path) -> None:
    """Whether there are many pictures, or few that are far apart."""
    assert "at most" in refusal(grey(tmp_path / "many.mp4", pictures=80))
    assert "is longer" in refusal(grey(tmp_path / "far.mp4", pictures=5, gap_s=3600))


def test_a_header_that_claims_years_changes_nothing(tmp_path: Path) -> None:
    """What ``mvhd`` and ``mdhd`` say (ISO/IEC 14496-12, 8.2.2 and 8.4.2) is no reason to believe it."""
    path = grey(tmp_path / "film.mp4")
    data = bytearray(path.read_bytes())
    for box in (b"mvhd", b"mdhd"):
        at = data.index(box) + 4
        assert data[at] == 0, "version 0: creation, modification, timescale, duration"
        struct.pack_into(">I", data, at + 16, 0xFFFFFFF0)
    path.write_bytes(bytes(data))
    facts = inspect_video(path, LIMITS, picture=tmp_path / "first.jpg")
    assert facts.length_s < 2


def test_other_codecs_and_sizes_are_refused(tmp_path: Path) -> None:
    """Told with what is taken and what came."""
    assert "is in flv" in refusal(grey(tmp_path / "old.avi", codec="flv", container_format="avi"))
    assert "has 320×240" in refusal(grey(tmp_path / "large.mp4", width=320, height=240), Limits(5, 300, 300))
    assert "has 32×32" in refusal(grey(tmp_path / "small.mp4", width=32, height=32))
