"""``tenban dewarp``: a turned view of a fisheye picture or video."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenban.base.errors import BadInput
from tenban.sites.fisheye import LENSES, MOUNTS, Fisheye, Turn

if TYPE_CHECKING:
    from collections.abc import Callable

_PICTURES = {".jpg", ".jpeg", ".png"}


def dewarp(
    source: Annotated[Path, typer.Argument(help="Picture (JPEG, PNG) or video.", show_default=False)],
    out: Annotated[Path, typer.Argument(help="Where it goes: .jpg, .png or .mp4.", show_default=False)],
    view: Annotated[
        str | None, typer.Option(help="PAN,TILT,ZOOM: degrees to the right, degrees up, 1 for 90° across.")
    ] = None,
    panorama: Annotated[bool, typer.Option("--panorama", help="All around instead of one view.")] = False,  # noqa: FBT002  # a flag
    quad: Annotated[bool, typer.Option("--quad", help="Four views in one picture.")] = False,  # noqa: FBT002  # a flag
    mount: Annotated[str, typer.Option(help=f"{', '.join(MOUNTS)}.")] = "ceiling",
    lens: Annotated[str, typer.Option(help=f"{', '.join(LENSES)}.")] = "equidistant",
    fov: Annotated[float, typer.Option(help="Degrees across the image circle.")] = 180.0,
    circle: Annotated[
        str | None,
        typer.Option(help="X,Y,R of the image circle: shares of width, height, width. Default: found."),
    ] = None,
    coefficients: Annotated[str | None, typer.Option(help="K1,…,K4 of a polynomial lens.")] = None,
    turned: Annotated[float, typer.Option(help="Degrees to turn the picture clockwise first.")] = 0.0,
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT of what comes out.")] = "1280x720",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,  # noqa: FBT002  # a flag
) -> None:
    """Turn a fisheye picture or video: straight edges come out straight."""
    if (view is not None) + panorama + quad != 1:
        raise BadInput("--view, --panorama, --quad", expected="one of them", came="none or several")
    is_picture = source.suffix.lower() in _PICTURES
    if is_picture != (out.suffix.lower() in _PICTURES) or (not is_picture and out.suffix.lower() != ".mp4"):
        expected = "a picture for a picture (.jpg, .png), and .mp4 for a video"
        raise BadInput(str(out), expected=expected, came=out.suffix or "no ending")
    from tenban.vision.dewarp import Size, dewarp, quad_of  # heavy
    from tenban.vision.fisheye import whole_panorama  # heavy

    width, height = _numbers(size.replace("x", ","), 2, "--size", "such as 1280x720")
    if not (64 <= width <= 8192 and 64 <= height <= 8192):
        raise BadInput("--size", expected="64 to 8192 pixels each way", came=size)
    wanted_size = Size(int(width) // 2 * 2, int(height) // 2 * 2)
    turn = None
    if view is not None:
        turn = Turn.checked(*_numbers(view, 3, "--view", "pan,tilt,zoom such as 30,-40,1.5"), where="--view")

    def shown(fisheye: Fisheye) -> Callable[[Any], Any]:
        if quad:
            return lambda picture: quad_of(picture, fisheye, wanted_size)
        wanted = turn if turn is not None else whole_panorama(fisheye)
        return lambda picture: dewarp(picture, fisheye, wanted, wanted_size)

    def described(first: Any) -> Fisheye:
        return _fisheye(first, mount, lens, fov, circle, coefficients, turned)

    pictures, fisheye = (_one if is_picture else _film)(source, out, described, shown)
    circle_found = [round(one, 4) for one in (*fisheye.centre, fisheye.radius)]
    if as_json:
        print(json.dumps({"out": str(out), "pictures": pictures, "circle": circle_found}))  # noqa: T201  # the report
        return
    told = ",".join(str(one) for one in circle_found)
    print(f"{out}: {pictures} picture{'s' * (pictures != 1)}, image circle {told}")  # noqa: T201  # the report


def _one(source: Path, out: Path, described: Any, shown: Any) -> tuple[int, Fisheye]:
    from tenban.vision.pictures import read_picture, write_picture  # heavy

    picture = read_picture(source)
    fisheye = described(picture)
    write_picture(out, shown(fisheye)(picture))
    return 1, fisheye


def _film(source: Path, out: Path, described: Any, shown: Any) -> tuple[int, Fisheye]:
    from tenban.cli.progress import watched  # heavy
    from tenban.video.film import Film  # heavy

    fisheye, turned, count = None, None, 0
    with Film(out) as film:
        for frame in watched(source):
            picture = frame.bgr()
            if turned is None:
                fisheye = described(picture)
                turned = shown(fisheye)
            film.add(frame.captured_at, turned(picture))
            count += 1
    assert fisheye is not None  # noqa: S101  # a video without a picture is refused by its reader
    return count, fisheye


def _fisheye(
    first: Any, mount: str, lens: str, fov: float, circle: str | None, coefficients: str | None, turned: float
) -> Fisheye:
    if mount not in MOUNTS:
        raise BadInput("--mount", expected=", ".join(MOUNTS), came=mount)
    if lens not in LENSES:
        raise BadInput("--lens", expected=", ".join(LENSES), came=lens)
    if not 90 <= fov <= 240:
        raise BadInput("--fov", expected="90 to 240 degrees", came=fov)
    if circle is None:
        from tenban.vision.circle import find_circle  # heavy

        x, y, r = find_circle(first)
    else:
        x, y, r = _numbers(circle, 3, "--circle", "x,y,r such as 0.5,0.5,0.48")
    ks = () if coefficients is None else tuple(_numbers(coefficients, None, "--coefficients", "k1 to k4"))
    fisheye = Fisheye(mount, lens, (x, y), r, fov, ks, turned)  # type: ignore[arg-type]  # checked above
    fisheye.check("--lens")
    return fisheye


def _numbers(text: str, count: int | None, where: str, expected: str) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise BadInput(where, expected=expected, came=text) from error
    if not all(math.isfinite(one) for one in found) or (count is not None and len(found) != count):
        raise BadInput(where, expected=expected, came=text)
    return found
