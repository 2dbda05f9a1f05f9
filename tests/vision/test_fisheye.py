"""Facts of the lens geometry that hold for every lens, mount and view."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenban.base.errors import BadInput
from tenban.sites.fisheye import LENSES, MOUNTS, Fisheye, Turn
from tenban.vision.fisheye import flat_rays, panorama_rays, to_picture, to_rays, to_turn, whole_panorama

fisheyes = st.builds(
    Fisheye,
    mount=st.sampled_from(MOUNTS),
    lens=st.sampled_from([lens for lens in LENSES if lens != "polynomial"]),
    centre=st.tuples(st.floats(0.4, 0.6), st.floats(0.4, 0.6)),
    radius=st.floats(0.3, 0.7),
    fov_deg=st.floats(120, 178),
    turned_deg=st.floats(-180, 180),
) | st.builds(
    Fisheye,
    mount=st.sampled_from(MOUNTS),
    lens=st.just("polynomial"),
    fov_deg=st.floats(120, 200),
    coefficients=st.tuples(st.floats(-0.02, 0.1), st.floats(0, 0.01)),
)
turns = st.builds(Turn, st.floats(-180, 180), st.floats(-90, 90), st.floats(0.25, 8))


@given(fisheyes, st.floats(0, 0.999), st.floats(0, 2 * math.pi))
def test_a_point_comes_back_from_its_direction(fisheye: Fisheye, share: float, around: float) -> None:
    """Within the circle, picture to direction to picture ends where it began."""
    radius = share * fisheye.radius * 1000
    point = np.array(
        [
            fisheye.centre[0] * 1000 - 0.5 + radius * math.cos(around),
            fisheye.centre[1] * 800 - 0.5 + radius * math.sin(around),
        ]
    )
    rays = to_rays(fisheye, point[np.newaxis], 1000, 800)
    assert np.linalg.norm(rays) == pytest.approx(1)
    assert to_picture(fisheye, rays, 1000, 800)[0] == pytest.approx(point, abs=1e-4)


@given(fisheyes, turns)
@settings(max_examples=50)
def test_a_view_looks_where_it_is_turned(fisheye: Fisheye, turn: Turn) -> None:
    """The direction of a view's middle has its pan and tilt; rays are unit vectors."""
    rays = flat_rays(fisheye, turn, 5, 3)
    assert np.linalg.norm(rays, axis=-1) == pytest.approx(np.ones((3, 5)))
    pan, tilt = to_turn(fisheye, rays[1, 2])
    assert tilt == pytest.approx(turn.tilt_deg, abs=1e-6)
    if abs(turn.tilt_deg) < 89:
        assert (pan - turn.pan_deg + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)


@given(fisheyes)
def test_beyond_the_circle_there_is_no_direction(fisheye: Fisheye) -> None:
    """Outside the circle, and for directions behind the lens, nothing is made up."""
    outside = np.array([[fisheye.centre[0] * 1000 + fisheye.radius * 1000 + 2, fisheye.centre[1] * 800]])
    assert np.isnan(to_rays(fisheye, outside, 1000, 800)).all()
    assert np.isnan(to_picture(fisheye, np.array([[0.001, 0.0, -1.0]]), 1000, 800)).all()


@given(fisheyes)
@settings(max_examples=30)
def test_a_whole_panorama_has_a_picture_everywhere(fisheye: Fisheye) -> None:
    """On a ceiling and a desk all of it lies within the circle."""
    if fisheye.mount == "wall":
        return
    rays = panorama_rays(fisheye, whole_panorama(fisheye), 36, 9)
    assert not np.isnan(to_picture(fisheye, rays, 1000, 1000)).any()


def test_zoom_is_the_focal_length_in_half_widths() -> None:
    """Zoom 1 shows 90 degrees from edge to edge, zoom 2 shows 53."""
    for zoom, across in ((1.0, 90.0), (2.0, 2 * math.degrees(math.atan(0.5)))):
        rays = flat_rays(Fisheye("wall"), Turn(zoom=zoom), 2001, 3)[1]
        assert math.degrees(math.acos(float(rays[0] @ rays[-1]))) == pytest.approx(across, abs=0.05)


@pytest.mark.parametrize(
    ("fisheye", "expected"),
    [
        (Fisheye("wall", "orthographic", fov_deg=200), "180"),
        (Fisheye("wall", "polynomial"), "k1"),
        (Fisheye("wall", coefficients=(0.1,)), "k1"),
        (Fisheye("wall", "polynomial", coefficients=(-0.5,)), "grows"),
    ],
)
def test_a_lens_that_cannot_be_is_refused(fisheye: Fisheye, expected: str) -> None:
    """The refusal says what was expected."""
    with pytest.raises(BadInput, match=expected):
        fisheye.check("camera.fisheye")


@pytest.mark.parametrize(("pan", "tilt", "zoom"), [(0, 91, 1), (0, 0, 0), (math.nan, 0, 1), (0, 0, 9)])
def test_a_turn_that_cannot_be_is_refused(pan: float, tilt: float, zoom: float) -> None:
    """Out of bounds, or no number."""
    with pytest.raises(BadInput):
        Turn.checked(pan, tilt, zoom, where="view")


def test_a_pan_is_brought_round() -> None:
    """190 degrees to the right are 170 to the left."""
    assert Turn.checked(190, 0, 1, where="view").pan_deg == pytest.approx(-170)
