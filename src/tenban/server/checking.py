"""Footage compared with its index by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tenban.base.clock import SystemClock
from tenban.base.errors import BadInput
from tenban.server.accounts import open_database
from tenban.server.sealing import open_vault
from tenban.server.settings import ServeSettings
from tenban.video.check import WORDS, Report, check_camera, repair_camera
from tenban.video.footage import Footage
from tenban.video.queries import FootageIndex


def check_footage(
    settings: ServeSettings,
    *,
    cameras: list[str],
    deep: bool,
    repair: bool,
    on_progress: Callable[[int, int], None],
) -> dict[str, Any]:
    """Check footage, beside a running server or without one.

    Args:
        settings: where everything is.
        cameras: only these; all where empty.
        deep: read every byte.
        repair: set right what can be, of cameras nobody records.
        on_progress: told how many files of how many are done.

    Returns:
        files, fragments, growing, problems (with their words), refused, sound.

    Raises:
        BadInput: there is no footage of a camera.
    """
    report = Report()
    clock = SystemClock()
    with open_database(settings) as db:
        index = FootageIndex(db)
        footage = Footage(settings.data_dir / "footage", open_vault(settings, db, clock))
        on_disk = (
            [one.name for one in footage.root.iterdir() if one.is_dir()] if footage.root.is_dir() else []
        )
        all_cameras = sorted({*index.cameras(), *on_disk})
        for camera in cameras:
            if camera not in all_cameras:
                expected = f"one of {', '.join(all_cameras)}" if all_cameras else "a camera with footage"
                raise BadInput("camera", expected=expected, came=camera)
        total = index.count_files()
        for camera in cameras or all_cameras:
            found = check_camera(
                index,
                footage,
                camera,
                report,
                clock=clock,
                deep=deep,
                on_file=lambda: on_progress(report.files, total),
            )
            if repair and found:
                repair_camera(index, footage, camera, found, report)
    problems = [asdict(one) | {"words": WORDS[one.kind]} for one in report.problems]
    return {
        "files": report.files,
        "fragments": report.fragments,
        "growing": report.growing,
        "problems": problems,
        "refused": report.refused,
        "sound": report.is_sound,
    }
