"""The page of a fisheye camera: its circle, the view turned in the browser, and views that are kept."""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from av import VideoFrame
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from pages.axe import breaches
from pages.conftest import Opener
from pages.settings_shop import SettingsShop, configuration, settings_shop
from tenban.sites.fisheye import Fisheye, Turn
from tenban.vision.dewarp import Size, dewarp
from tenban.vision.fisheye import whole_panorama
from vision.rooms import Board, render

pytestmark = pytest.mark.browser

ROOM = render(
    [
        Board((0, 0, 3), (0.5, 0, 0), (0, 0.5, 0), (14, 12)),
        Board((0, -3.0, 1.6), (0.5, 0, 0), (0, 0, 0.4), (12, 6)),
        Board((3.5, 0, 1.6), (0, 0.5, 0), (0, 0, 0.4), (10, 6)),
    ],
    side=960,
    lens="equidistant",
    fov_deg=180,
    radius=0.46,
)
FISHEYE = Fisheye("ceiling", "equidistant", (0.5, 0.5), 0.46, 180.0)

CANVAS = """async ([module, picture, lens, turn, mode, width, height]) => {
  await import(module);
  const source = new Image();
  source.src = picture;
  await source.decode();
  const view = document.createElement('fisheye-view');
  document.body.append(view);
  view.canvas.style = `width:${width}px;height:${height}px;aspect-ratio:auto`;
  Object.assign(view, {lens, mode});
  view.turn = turn;
  view.source = source;
  view.draw();
  const pixels = view.canvas.toDataURL('image/png');
  view.remove();
  return pixels;
}"""


@pytest.fixture
def shop(tmp_path: Path, migrated_sqlite: Path) -> Iterator[SettingsShop]:
    frame = VideoFrame.from_ndarray(ROOM, format="bgr24").reformat(format="yuv420p")
    with settings_shop(migrated_sqlite, tmp_path, text=configuration(1), picture=frame) as shop:
        yield shop


def shot(page: Page, turn: Turn, mode: str, size: Size, **lens: Any) -> NDArray[np.uint8]:
    """Return what the browser makes of the room."""
    described = {
        "mount": "ceiling", "lens": "equidistant", "circle": [0.5, 0.5, 0.46], "fov": 180, "turned": 0,
        "coefficients": [], "views": [],
    }  # fmt: skip
    picture = "data:image/png;base64," + base64.b64encode(cv2.imencode(".png", ROOM)[1].tobytes()).decode()
    module = page.evaluate("document.querySelector('script[type=module]').src.replace(/settings[/].*/, '')")
    wanted = {"pan": turn.pan_deg, "tilt": turn.tilt_deg, "zoom": turn.zoom}
    arguments = [
        f"{module}parts/fisheye-view.js", picture, described | lens, wanted, mode, size.width, size.height,
    ]  # fmt: skip
    png = base64.b64decode(page.evaluate(CANVAS, arguments).partition(",")[2])
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), dtype=np.uint8)


def apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the share of pixels that differ visibly; edges of the squares fall between pixels."""
    assert one.shape == other.shape
    return float((np.abs(one.astype(int) - other.astype(int)).max(axis=2) > 40).mean())


def test_the_browser_turns_the_picture_as_the_server_does(visit: Opener) -> None:
    """Flat views, panorama and the lens's other forms: WebGL and OpenCV give the same picture."""
    page = visit("/settings/cameras/cam-1/lens", name="admin")
    size = Size(640, 360)
    for turn in (Turn(30, -45, 1.0), Turn(-100, -20, 2.0), Turn(0, -90, 0.7)):
        assert apart(shot(page, turn, "view", size), dewarp(ROOM, FISHEYE, turn, size)) < 0.01
    long = Size(900, 180)
    wide = shot(page, Turn(), "panorama", long)
    assert apart(wide, dewarp(ROOM, FISHEYE, whole_panorama(FISHEYE), long)) < 0.01
    other = Fisheye("wall", "polynomial", (0.52, 0.48), 0.44, 170.0, (-0.05, 0.004), 25.0)
    lens = {
        "mount": "wall", "lens": "polynomial", "circle": [0.52, 0.48, 0.44], "fov": 170, "turned": 25,
        "coefficients": [-0.05, 0.004],
    }  # fmt: skip
    turn = Turn(20, 10, 1.3)
    assert apart(shot(page, turn, "view", size, **lens), dewarp(ROOM, other, turn, size)) < 0.01
    desk = Fisheye("desk", "stereographic", (0.5, 0.5), 0.46, 180.0)
    turned = shot(page, Turn(40, 50, 1.0), "view", size, mount="desk", lens="stereographic")
    assert apart(turned, dewarp(ROOM, desk, Turn(40, 50, 1.0), size)) < 0.01


def test_a_camera_becomes_a_fisheye_camera_with_a_named_view(
    visit: Opener, shop: SettingsShop, axe: str
) -> None:
    """The circle is found, the view is turned by drag and keys, kept with a name, saved, and undone."""
    page = visit("/settings/cameras/cam-1/lens", name="admin", held_to_axe=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Lens of レーン1 天井")
    page.get_by_role("button", name="Find the circle").click()
    expect(page.get_by_text("The circle was found.")).to_be_visible()
    circle = [float(one) for one in page.get_by_label("Circle: middle x").input_value().split(",")]
    assert circle == pytest.approx([0.5, 0.5, 0.46], abs=0.01)
    page.get_by_role("button", name="Edge of the circle").press("ArrowRight")
    expect(page.get_by_label("Circle: middle x")).not_to_have_value(", ".join(map(str, circle)))
    assert breaches(page, axe) == []

    page.get_by_role("button", name="One view").click()
    canvas = page.locator("fisheye-view canvas")
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 120, y, steps=3)
    page.mouse.up()
    canvas.press("ArrowDown")
    canvas.press("+")
    told = page.locator(".turn")
    expect(told).to_contain_text("50.0° down · zoom 1.20")
    expect(told).not_to_contain_text("0.0° right · ")  # dragged to the left: it looks to the right
    page.get_by_role("button", name="Keep this view").click()
    page.get_by_label("Name of the view").fill("レジ1の手元")
    page.get_by_role("button", name="Save as a fisheye camera").click()
    expect(page.locator(".toast")).to_contain_text("set up as a fisheye camera (views: レジ1の手元)")
    camera = tomllib.loads(shop.text)["shop"][0]["camera"][0]
    (view,) = camera["fisheye"]["view"]
    assert (view["id"], view["name"], view["tilt"], view["zoom"]) == ("cam-1-1", "レジ1の手元", -50.0, 1.2)
    assert 0 < view["pan"] < 90
    assert breaches(page, axe) == []

    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Save as a fisheye camera")).to_be_visible()
    assert "fisheye" not in shop.text


PLAY = """async ([module, video, lens]) => {
  await import(module);
  const bytes = Uint8Array.from(atob(video), (sign) => sign.charCodeAt(0));
  const player = document.createElement('clip-player');
  document.body.append(player);
  const turning = lens && {lens, turn: {pan: 10, tilt: -40, zoom: 1}};
  await player.play(URL.createObjectURL(new Blob([bytes], {type: 'video/mp4'})), turning);
}"""


def test_a_clip_of_a_fisheye_camera_plays_turned(visit: Opener, video: bytes) -> None:
    """The player shows the view, not the round picture, and draws each picture anew."""
    page = visit("/settings/cameras/cam-1/lens", name="admin")
    module = page.evaluate("document.querySelector('script[type=module]').src.replace(/settings[/].*/, '')")
    lens = {
        "mount": "ceiling", "lens": "equidistant", "circle": [0.5, 0.5, 0.3], "fov": 180, "turned": 0,
        "coefficients": [],
    }  # fmt: skip
    page.evaluate(PLAY, [f"{module}parts/clip-player.js", base64.b64encode(video).decode(), lens])
    player = page.locator("clip-player")
    expect(player.locator("video")).to_be_hidden()
    expect(player.locator("fisheye-view")).to_have_attribute("data-mode", "view")
    expect(player.locator("fisheye-view")).to_have_attribute("data-drawn", re.compile(r"^([6-9]|\d\d+)$"))


def test_what_is_seen_of_a_picture_can_be_looked_at(visit: Opener) -> None:
    """A double click on the panorama turns the view there; four views turn each by itself."""
    page = visit("/settings/cameras/cam-1/lens", name="admin")
    canvas = page.locator("fisheye-view canvas")
    page.get_by_role("button", name="Panorama", exact=True).click()
    box = canvas.bounding_box()
    assert box is not None
    canvas.dblclick(position={"x": box["width"] * 0.75, "y": box["height"] * 0.5})
    expect(page.get_by_role("button", name="One view")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".turn")).to_contain_text("90.0° right")
    page.get_by_role("button", name="Four views").click()
    expect(page.locator("fisheye-view")).to_have_attribute("data-mode", "quad")
