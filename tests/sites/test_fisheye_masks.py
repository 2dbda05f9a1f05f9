"""What is blurred of a fisheye camera: in the view it was drawn on, and all of what it may lie in."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from tenban.sites.fisheye import Fisheye, Preset, Turn
from tenban.sites.model import WHOLE, Camera, Register, Shop, Sites, View
from tenban.sites.zone import Zone

PAD = ((0.1, 0.1), (0.2, 0.1), (0.2, 0.2))
PRESETS = tuple(Preset(f"ceiling-{n}", f"View {n}", Turn(pan_deg=90.0 * n)) for n in (1, 2))


def house(drawn_on: str) -> Sites:
    ceiling = Camera("ceiling", "shop", "Ceiling", "rtsp://x/1", fisheye=Fisheye("ceiling", presets=PRESETS))
    door = Camera("door", "shop", "Door", "rtsp://x/2")
    view = View(drawn_on, (Zone("mask", PAD),))
    registers = (
        Register("lane-1", "shop", "1", "self", views=(view,)),
        Register("lane-2", "shop", "2", "self", views=(View("ceiling-2", ()),)),
    )
    shop = Shop("shop", "Shop", ZoneInfo("Asia/Tokyo"), "JPY", (), (ceiling, door), registers)
    return Sites("Company", (shop,))


def test_a_zone_on_a_named_view_blurs_there_and_all_of_the_whole_picture() -> None:
    """The view has the zone itself, the whole picture is blurred whole, other views and cameras are not."""
    sites = house("ceiling-1")
    assert sites.masks("ceiling-1") == (PAD,)
    assert sites.masks("ceiling") == (WHOLE,)
    assert sites.masks("ceiling-2") == sites.masks("door") == ()


def test_a_zone_on_the_whole_picture_blurs_its_views_whole() -> None:
    """Where in a view it lies is not known, so nothing of the view is shown."""
    sites = house("ceiling")
    assert sites.masks("ceiling") == (PAD,)
    assert sites.masks("ceiling-1", "ceiling-2") == (WHOLE,)


def test_an_ordinary_camera_has_its_own_zones_only() -> None:
    """Its zones blur its own picture and no other."""
    sites = house("door")
    assert sites.masks("door") == (PAD,)
    assert sites.masks("ceiling", "ceiling-1") == ()
