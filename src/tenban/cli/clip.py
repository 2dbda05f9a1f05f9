"""``tenban clip``: a cut of a camera's footage, exact to the frame; or several cameras in one picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenban.base.clock import SystemClock, from_rfc3339, to_datetime, to_rfc3339
from tenban.base.errors import BadInput
from tenban.cli.serve import Config, DatabaseUrl, DataDir, of_a_shop

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tenban.base.clock import Instant
    from tenban.server.footage import Cut

_FORMS = ("%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M")
_OF_TODAY = ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M")
_LEAST = 4


def clip(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="CAMERA… FROM TO OUT",
            help="Times as 2026-11-22T10:15:00+09:00, or in the shop's zone as '2026-11-22 10:15:00', or "
            "10:15:00 of today.",
            show_default=False,
        ),
    ],
    *,
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Several cameras in one picture; coded anew.")
    ] = False,
    sound: Annotated[
        bool, typer.Option("--sound", help="With the sound, where some was recorded; written down.")
    ] = False,
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Cut recorded footage into an MP4 without coding it anew, exact to the frame."""
    if len(what) < _LEAST:
        raise BadInput("arguments", expected="CAMERA FROM TO OUT.mp4", came=" ".join(what) or "none")
    *cameras, start, end, name = what
    if len(cameras) > 1 and not side_by_side:
        came = f"{len(cameras)} ({', '.join(cameras)})"
        raise BadInput("camera", expected="one, or --side-by-side for several", came=came)
    if sound and side_by_side:
        raise BadInput("--sound", expected="one camera", came="--side-by-side, which holds no sound")
    out = Path(name)
    if out.suffix.lower() != ".mp4":
        raise BadInput("OUT", expected="a file name that ends in .mp4", came=name)
    from tenban.server.footage import cut_out, cut_side_by_side, zone_of  # heavy
    from tenban.server.settings import ServeSettings  # heavy

    of_a_shop(data, database)
    settings = ServeSettings(config, data, database)
    zone = zone_of(settings, cameras)
    span = _instant("FROM", start, zone), _instant("TO", end, zone)
    if span[1] <= span[0]:
        raise BadInput("TO", expected=f"a time after {start}", came=end)
    cut = (
        cut_side_by_side(settings, cameras, span, out, _bar)
        if side_by_side
        else cut_out(settings, cameras[0], span, out, sound=sound)
    )
    _report(out, cut, zone, as_json=as_json)


def _bar(step: Any) -> Any:
    """Run a step that tells how far it is, with a bar on standard error where somebody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("side by side", total=1.0)
        return step(lambda share: progress.update(task, completed=share))


def _instant(where: str, text: str, zone: ZoneInfo) -> Instant:
    import datetime as dt

    try:
        return from_rfc3339(text)
    except ValueError:
        pass  # Policy: a time without an offset is the shop's.
    for form in _FORMS:
        try:
            local = dt.datetime.strptime(text.replace(" ", "T"), form).replace(tzinfo=zone)
        except ValueError:
            continue
        return from_rfc3339(local.isoformat())
    today = to_datetime(SystemClock().now()).astimezone(zone).date()
    for form in _OF_TODAY:
        try:
            time = dt.datetime.strptime(text, form).replace(tzinfo=zone).timetz()
        except ValueError:
            continue
        return from_rfc3339(dt.datetime.combine(today, time).isoformat())
    expected = "2026-11-22T10:15:00+09:00, or 2026-11-22 10:15:00 or 10:15:00 of the shop's clock"
    raise BadInput(where, expected=expected, came=text)


def _report(out: Path, cut: Cut, zone: ZoneInfo, *, as_json: bool) -> None:
    gaps = [
        {"camera": camera, "start_at": to_rfc3339(gap.start_at), "end_at": to_rfc3339(gap.end_at), "why": why}
        for camera, gap, why in cut.gaps
    ]
    if as_json:
        told = {
            "out": str(out),
            "cameras": list(cut.cameras),
            "start_at": to_rfc3339(cut.span.start_at),
            "end_at": to_rfc3339(cut.span.end_at),
            "frames": cut.frames,
            "bytes": out.stat().st_size,
            "coded_anew": cut.coded_anew,
            "sound": cut.sound,
            "gaps": gaps,
            "note": cut.note,
        }
        print(json.dumps(told, ensure_ascii=False))  # noqa: T201  # the report
        return
    shown = f"{_local(cut.span.start_at, zone)} – {_local(cut.span.end_at, zone)}"
    print(f"{out}: {', '.join(cut.cameras)}, {shown}, {cut.frames} pictures")  # noqa: T201  # the report
    for camera, gap, why in cut.gaps:
        missing = f"{_local(gap.start_at, zone)} – {_local(gap.end_at, zone)}"
        print(f"  no footage of {camera} {missing}: {why}")  # noqa: T201  # the report
    if cut.note:
        print(f"  {cut.note}")  # noqa: T201  # the report


def _local(at: Instant, zone: ZoneInfo) -> str:
    return f"{to_datetime(at).astimezone(zone):%Y-%m-%d %H:%M:%S.%f}"[:-3]
