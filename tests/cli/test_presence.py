"""``tenban presence`` from the outside."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from typer.testing import CliRunner

from tenban.cli import app


def test_an_empty_position_has_no_spans(tmp_path: Path) -> None:
    """Nobody there: an empty list, and a sentence without --json."""
    video, zones = tmp_path / "empty.mp4", tmp_path / "zones.json"
    with av.open(str(video), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for number in range(30):
            picture = av.VideoFrame.from_ndarray(np.full((96, 160, 3), 128, dtype=np.uint8), format="bgr24")
            picture.pts, picture.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    place = {"role": "operator", "polygon": [[0.2, 0.2], [0.8, 0.2], [0.8, 0.9], [0.2, 0.9]]}
    zones.write_text(json.dumps({"zones": [place]}), encoding="utf-8")
    said = CliRunner().invoke(app, ["presence", str(video), "--zones", str(zones), "--json"])
    assert json.loads(said.stdout) == {"spans": []}
