"""``tenban try-camera``: does this address answer, and with what?"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from tenban.base.errors import BadInput

_NAME = "tried"


def try_camera(
    url: Annotated[str, typer.Argument(help="Its address; - reads it from standard input.")],
    transport: Annotated[str, typer.Option(help="tcp or udp.")] = "tcp",
    still: Annotated[Path | None, typer.Option(help="Write the picture here (JPEG).")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Open a camera for a few seconds and say what it sends, or what is wrong."""
    from tenban.base.clock import SystemClock
    from tenban.base.log import set_up_log
    from tenban.sites.reach import Reach
    from tenban.video.probe import probe
    from tenban.video.settings import CameraSettings
    from tenban.video.trial import Trial

    set_up_log(process="try-camera", level="error")  # the report is all that goes to standard output
    os.nice(5)  # whoever tries a camera can wait; the lanes cannot
    allow = None
    if url == "-":
        url, transport, allow = _from_input(sys.stdin.read(), transport)
    if transport not in {"tcp", "udp"}:
        raise BadInput("--transport", expected="tcp or udp", came=transport)
    # Whoever types an address here sits at the machine; what a page sends comes with its limits.
    reach = None if allow is None else Reach("camera", tuple(allow))
    try:
        camera = CameraSettings(_NAME, url, "udp" if transport == "udp" else "tcp", reach=reach)
        tried = probe(camera, SystemClock())
    except BadInput as error:
        tried = Trial("address", str(error))
    if still is not None and tried.jpeg is not None:
        still.write_bytes(tried.jpeg)
    if as_json:
        typer.echo(json.dumps(tried.as_json(), ensure_ascii=False))
    elif tried.trouble is None:
        typer.echo(
            f"{tried.codec}, {tried.width}x{tried.height}, {tried.fps} pictures/s, {tried.kbit_s} kbit/s; "
            f"first picture after {tried.first_s} s, a keyframe every {tried.keyframe_s or '?'} s"
        )
    else:
        # Which camera, whoever typed its address knows.
        why = (tried.detail or str(tried.codec)).removeprefix(f"camera {_NAME} url: ")
        typer.echo(f"tenban: {tried.trouble}: {why}", err=True)
    if tried.trouble is not None:
        raise typer.Exit(1)


def _from_input(text: str, transport: str) -> tuple[str, str, list[str] | None]:
    try:
        asked = json.loads(text)
    except ValueError:
        return text.strip(), transport, None
    return str(asked["url"]), str(asked.get("transport", transport)), asked.get("allow")
