"""Original footage holds all that is needed to show what is asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av

from tenban.base.clock import SECOND, SystemClock
from tenban.base.span import Span
from tenban.cases.originals import originals
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.simulator.barcode import read_stamp
from tenban.video.footage import Footage
from tenban.video.queries import FootageIndex
from tenban.video.recorder import run_recorder
from tenban.video.settings import CameraSettings, RecordingSettings
from video.conftest import film as film  # noqa: PLC0414  # the fixture


def test_a_span_late_in_a_long_group_is_there_from_its_keyframe_on(
    film: Callable[..., Any], migrated_sqlite: Path, tmp_path: Path
) -> None:
    """All fragments between the keyframe and the span come along: every picture of the part decodes."""
    copy = tmp_path / "tenban.db"
    copy.write_bytes(migrated_sqlite.read_bytes())
    db = Database(sqlite_url(copy))
    index = FootageIndex(db)
    camera = CameraSettings("cam", str(film(frames=60, gop=30).path), speed="fast")
    recording = RecordingSettings(min_free_mib=1, batch_s=0.02)
    run_recorder([camera], tmp_path, index, SystemClock(), threading.Event(), recording=recording)
    t0 = index.recorded_from("cam")
    assert t0 is not None
    span = Span(t0 + 3_700_000, t0 + 3_800_000)
    footage = Footage(tmp_path / "footage")
    (part,) = originals(index, footage, "cam", [span])
    (tmp_path / "part.mp4").write_bytes(b"".join(part.read(footage)))
    with av.open(str(tmp_path / "part.mp4")) as video:
        stamps = [read_stamp(frame.to_ndarray(format="gray")) for frame in video.decode(video=0)]
    assert [stamp.frame for stamp in stamps if stamp] == list(range(30, 60))
    assert (part.span.start_at, part.span.end_at) == (t0 + 2 * SECOND, t0 + 4 * SECOND)
    db.close()
