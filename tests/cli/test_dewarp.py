"""``tenban dewarp`` on pictures and videos."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from tenban.base.errors import BadInput
from tenban.cli import app
from tenban.video.film import Film
from tenban.video.frames import read_frames
from vision.rooms import Board, render

ROOM = render(
    [Board((1.4, -1.5, 2.6), (0.3, 0, 0), (0, 0.3, 0))],
    side=480,
    lens="equidistant",
    fov_deg=180,
    radius=0.46,
)


def run(*arguments: str) -> str:
    """Run the command; its mistakes come as they are."""
    done = CliRunner().invoke(app, ["dewarp", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_picture_is_turned(tmp_path: Path) -> None:
    """The circle is found, and each kind of view comes out in the size asked for."""
    source, out = tmp_path / "room.png", tmp_path / "view.png"
    cv2.imwrite(str(source), ROOM)
    told = json.loads(run(str(source), str(out), "--view", "43,-52,1.2", "--size", "640x360", "--json"))
    assert told["circle"] == pytest.approx([0.5, 0.5, 0.46], abs=0.01)
    assert told["pictures"] == 1
    view = cv2.imread(str(out))
    assert view is not None
    assert view.shape == (360, 640, 3)
    assert np.ptp(view[100:260, 200:440]) > 200  # the board, not the grey around it
    for kind in ("--panorama", "--quad"):
        assert "1 picture, image circle" in run(str(source), str(out), kind, "--circle", "0.5,0.5,0.46")


def test_a_video_is_turned_picture_by_picture(tmp_path: Path) -> None:
    """As many pictures come out as went in, at the same moments."""
    source, out = tmp_path / "room.mp4", tmp_path / "view.mp4"
    with Film(source) as film:
        for n in range(5):
            film.add(n * 100_000, ROOM)
    assert "5 pictures" in run(str(source), str(out), "--view", "43,-52,1.2", "--size", "320x180")
    frames = list(read_frames(out))
    assert [frame.captured_at for frame in frames] == [0, 100_000, 200_000, 300_000, 400_000]
    assert (frames[0].width, frames[0].height) == (320, 180)


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (["a.png", "b.png"], "--view"),
        (["a.png", "b.mp4", "--quad"], "b.mp4"),
        (["a.png", "b.png", "--view", "1,2"], "--view"),
        (["a.png", "b.png", "--view", "1,2,99"], "--view"),
        (["a.png", "b.png", "--quad", "--size", "big"], "--size"),
        (["a.png", "b.png", "--quad"], "a.png"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(arguments: list[str], where: str) -> None:
    """What was expected and what came, for each mistake."""
    with pytest.raises(BadInput, match=where):
        run(*arguments)
