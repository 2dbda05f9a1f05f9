"""A progress bar over a video, on standard error, where somebody is looking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from tenban.base.clock import SECOND
from tenban.video.frames import Frame, length_s, read_frames

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def watched(video: Path) -> Iterator[Frame]:
    """Yield a video's frames while a bar shows how far it got.

    Raises:
        BadInput: as `read_frames`.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(video.name, total=length_s(video))
        for frame in read_frames(video):
            yield frame
            progress.update(task, completed=frame.captured_at / SECOND)
