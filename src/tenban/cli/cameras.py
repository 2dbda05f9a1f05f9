"""``tenban cameras``: which cameras are on the network, and what one of them offers."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenban.base.errors import BadInput

if TYPE_CHECKING:
    from tenban.video.onvif.model import CameraReport, FoundCamera

cameras = typer.Typer(help="Cameras on the network (ONVIF).", no_args_is_help=True)

PASSWORD_NAME = "TENBAN_CAMERA_PASSWORD"  # noqa: S105  # the name of a variable
_CONFIG = Path("tenban.toml")


@cameras.command("find")
def find(
    wait: Annotated[float, typer.Option(min=0.5, max=60, help="Seconds to wait for answers.")] = 3.0,
    interface: Annotated[
        list[str] | None, typer.Option(help="Only on this network interface, such as eth0.")
    ] = None,
    config: Annotated[Path, typer.Option(help="Names the cameras that are known already.")] = _CONFIG,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Call all cameras in the network (WS-Discovery) and list those that answer."""
    from rich.console import Console

    from tenban.base.log import set_up_log
    from tenban.video.onvif.discover import find_cameras
    from tenban.video.onvif.known import known_names

    set_up_log(process="cameras", level="error")
    known = _known(config)
    with Console(stderr=True).status(f"Calling cameras for {wait:g} s"):
        found = asyncio.run(find_cameras(None, wait_s=wait, interfaces=interface))
    names = {one: known_names(one, known) for one in found}
    if as_json:
        typer.echo(
            json.dumps([{**one.as_json(), "known_as": names[one]} for one in found], ensure_ascii=False)
        )
        return
    if not found:
        typer.echo(
            "No camera answered. Cameras answer only in the same network segment, and only if ONVIF (or "
            "“discovery”) is switched on in their settings.",
            err=True,
        )
        return
    _table(
        ("name", "model", "address", "known as"),
        [_row(one, names[one]) for one in found],
    )
    typer.echo("What one of them offers: tenban cameras show ADDRESS --user NAME", err=True)


@cameras.command("show")
def show(
    address: Annotated[str, typer.Argument(help="HOST, HOST:PORT or the address find printed.")],
    user: Annotated[str, typer.Option(help="Its user; empty where it wants none.")] = "",
    *,
    from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Ask a camera what it offers; its password is asked for, or taken from TENBAN_CAMERA_PASSWORD."""
    from rich.console import Console

    from tenban.base.clock import SystemClock
    from tenban.base.log import set_up_log
    from tenban.video.onvif.ask import ask_camera

    set_up_log(process="cameras", level="error")
    password = _password(user, from_stdin=from_stdin)
    with Console(stderr=True).status("Asking the camera"):
        report = asyncio.run(ask_camera(address, user, password, clock=SystemClock()))
    if as_json:
        typer.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        _print(report)
    if report.trouble is not None:
        raise typer.Exit(1)


def _password(user: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if PASSWORD_NAME in os.environ:
        return os.environ[PASSWORD_NAME]
    return str(typer.prompt(f"Password of {user}", hide_input=True, err=True)) if user else ""


def _known(config: Path) -> list[tuple[str, str]]:
    """Return names and addresses of the cameras of a file, if there is one."""
    from tenban.sites.config import load_sites

    if not config.exists():
        if config != _CONFIG:
            raise BadInput("--config", expected="a file", came=str(config))
        return []
    return [(camera.name, camera.url) for camera in load_sites(config).cameras]


_WORDS = {
    "password": "wants another user or password",
    "clock": "refuses us; its clock or the password is wrong",
    "unreachable": "does not answer",
    "refused": "refuses the connection on that port",
    "no_name": "has no such name in this network",
    "late": "took too long",
    "not_onvif": "does not speak ONVIF there",
    "not_allowed": "is not where cameras are",
    "address": "is no address",
    "broken": "answered what cannot be understood",
}


def _print(report: CameraReport) -> None:
    from tenban.video.onvif.model import suggested

    if report.trouble is not None:
        what = _WORDS.get(report.trouble, report.trouble)
        typer.echo(f"tenban: {report.address or 'it'} {what} ({report.detail})", err=True)
    named = " ".join(filter(None, (report.maker, report.model)))
    if named:
        more = ", ".join(filter(None, (report.firmware and f"firmware {report.firmware}", report.serial)))
        typer.echo(named + (f" ({more})" if more else ""))
    if report.clock is not None:
        clock = report.clock
        off = f"{abs(clock.offset_ms) / 1000:.1f} s {'ahead of' if clock.offset_ms > 0 else 'behind'} ours"
        within = f"±{clock.within_ms / 1000:.1f} s"
        ntp = {True: ", set by a time server", False: ", set by hand", None: ""}[clock.by_ntp]
        typer.echo(f"clock: {off} ({within}{ntp})" + (" – set it right" if clock.is_far else ""))
    main, sub = suggested(report.profiles)
    marks = {main: "record", sub: "watch"}
    if report.profiles:
        _table(
            ("stream", "codec", "size", "fps", "kbit/s", "keyframe", "address", ""),
            [
                (
                    one.name,
                    one.codec or "?",
                    f"{one.width}x{one.height}" if one.width else "?",
                    f"{one.fps:g}" if one.fps else "?",
                    str(one.kbit_s or "?"),
                    f"{one.keyframe_s:g} s" if one.keyframe_s else "?",
                    one.url or "–",
                    marks.get(one, ""),
                )
                for one in report.profiles
            ],
        )
    if report.events:
        typer.echo(f"events: {', '.join(report.events)}")
    for note in report.notes:
        typer.echo(f"note: {note}", err=True)


def _row(one: FoundCamera, known_as: list[str]) -> tuple[str, str, str, str]:
    address = one.addresses[0] if one.addresses else f"– ({one.refused[0]})"
    return one.name or "?", one.model or "?", address, ", ".join(known_as) or "–"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich.cells import cell_len

    widths = [max(cell_len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    for row in [head, *rows]:
        parts = [text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True)]
        typer.echo("  ".join(parts).rstrip())
