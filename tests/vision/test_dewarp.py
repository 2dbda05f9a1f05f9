"""Views of rendered fisheye rooms: what is straight there is straight in the view, and in its place."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tenban.sites.fisheye import Fisheye, Lens, Mount, Turn
from tenban.video.frames import Frame
from tenban.vision.dewarp import Size, dewarp, dewarp_frame
from tenban.vision.fisheye import Panorama, flat_rays, to_picture, whole_panorama
from vision.rooms import POLYNOMIAL, Board, render

HD = Size(1280, 720)
SIDE = 1200

# The same board, 0.3 m squares, ahead of a camera on a wall, below one on a ceiling, above one on a desk.
WALL = Board((-1.6, 0.5, 2.2), (0.3, 0, 0), (0, 0.3, 0))
FLOOR = Board((1.4, -1.5, 2.6), (0.3, 0, 0), (0, 0.3, 0))
SHELF = Board((-1.2, -1.9, 0.9), (0.3, 0, 0), (0, 0, 0.3))


def corners_in(view: NDArray[np.uint8], board: Board) -> NDArray[np.float64]:
    """Find the board's inner corners, shape (rows, columns, 2)."""
    columns, rows = board.squares[0] - 1, board.squares[1] - 1
    grey = cv2.cvtColor(view, cv2.COLOR_BGR2GRAY)
    flags = cv2.CALIB_CB_ACCURACY
    found, corners = cv2.findChessboardCornersSB(grey, (columns, rows), flags=flags)
    assert found, "the board is not to be found in the view"
    return np.asarray(corners, dtype=np.float64).reshape(rows, columns, 2)


def bend(points: NDArray[np.float64]) -> float:
    """Return how far the farthest of some points is from the line through all, in pixels."""
    centred = points - points.mean(axis=0)
    normal = np.linalg.svd(centred)[2][1]
    return float(np.abs(centred @ normal).max())


CASES: list[tuple[Mount, Lens, Board, Turn, float]] = [
    ("wall", "equidistant", WALL, Turn(-36, -11, 1.2), 0),
    ("wall", "equisolid", WALL, Turn(-36, -11, 1.2), 30),
    ("wall", "stereographic", WALL, Turn(-20, -8, 1.0), 0),
    ("wall", "orthographic", WALL, Turn(-36, -11, 1.2), 0),
    ("wall", "polynomial", WALL, Turn(-36, -11, 1.2), -20),
    ("ceiling", "equidistant", FLOOR, Turn(43, -52, 1.2), 0),
    ("ceiling", "equisolid", SHELF, Turn(-32, -22, 1.0), 0),
    ("desk", "equidistant", FLOOR, Turn(-43, 52, 1.2), 0),
]


@pytest.mark.parametrize(("mount", "lens", "board", "turn", "turned"), CASES)
def test_straight_edges_come_out_straight(
    mount: Mount, lens: Lens, board: Board, turn: Turn, turned: float
) -> None:
    """Each row and column of a checkerboard lies within a pixel of a line in a view of 1280x720."""
    centre, radius = (0.48, 0.53), 0.49
    fisheye = Fisheye(
        mount,
        lens,
        centre,
        radius,
        fov_deg=180,
        coefficients=POLYNOMIAL if lens == "polynomial" else (),
        turned_deg=turned,
    )
    picture = render(
        [board], side=SIDE, lens=lens, fov_deg=180, centre=centre, radius=radius, turned_deg=turned
    )
    corners = corners_in(dewarp(picture, fisheye, turn, HD), board)
    rows = [bend(corners[row]) for row in range(corners.shape[0])]
    columns = [bend(corners[:, column]) for column in range(corners.shape[1])]
    assert max(rows + columns) <= 1.0


def test_a_board_stands_where_a_pinhole_camera_has_it() -> None:
    """Pan to the right shows what is right, tilt up what is above; each corner is within half a pixel."""
    fisheye = Fisheye("wall", "equidistant", fov_deg=190)
    board = Board((1.1, -0.7, 2.4), (0.25, 0, 0), (0, 0.25, 0))
    picture = render([board], side=SIDE, lens="equidistant", fov_deg=190, finer=4)
    turn = Turn(25, 15, 1.5)
    corners = corners_in(dewarp(picture, fisheye, turn, HD), board).reshape(-1, 2)
    pan, tilt = np.radians([25, 15])
    level = np.array([[np.cos(pan), 0, -np.sin(pan)], [0, 1, 0], [np.sin(pan), 0, np.cos(pan)]])
    rise = np.array([[1, 0, 0], [0, np.cos(tilt), np.sin(tilt)], [0, -np.sin(tilt), np.cos(tilt)]])
    seen = board.corners() @ (rise @ level).T
    focal = 1.5 * HD.width / 2
    expected = seen[:, :2] / seen[:, 2:] * focal + [(HD.width - 1) / 2, (HD.height - 1) / 2]
    assert expected[:, 0].mean() == pytest.approx(HD.width / 2, abs=60)
    off = min(
        np.abs(order - expected).max() for order in (corners, corners[::-1])
    )  # the finder may begin at either end
    assert off <= 0.5


def test_up_is_up_under_every_mount() -> None:
    """Higher things are higher in the view, and turning to the right shows what was further right."""
    for mount, world in (("ceiling", -1.0), ("desk", 1.0)):
        fisheye = Fisheye(mount)  # type: ignore[arg-type]  # from the tuple above
        high, low = np.array([0.0, -2.0, world]), np.array([0.0, -2.0, -world * 0.5])
        rays = flat_rays(fisheye, Turn(0, -5 if mount == "ceiling" else 5, 0.5), 64, 64)

        def row(point: NDArray[np.float64], rays: NDArray[np.float64] = rays) -> int:
            near = rays @ (point / np.linalg.norm(point))
            return int(np.unravel_index(near.argmax(), near.shape)[0])

        assert row(high) < row(low)


def test_a_panorama_keeps_upright_edges_upright() -> None:
    """The columns of a board on a ceiling camera's shelf are straight and plumb."""
    fisheye = Fisheye("ceiling", fov_deg=180)
    board = Board((0.0, -2.0, 0.8), (0.3, 0, 0), (0, 0, 0.25), (8, 4))
    picture = render([board], side=SIDE, lens="equidistant", fov_deg=180)
    view = dewarp(picture, fisheye, Panorama(0, 120, -50, 0), HD)
    corners = corners_in(view, board)
    for column in range(corners.shape[1]):
        assert np.ptp(corners[:, column, 0]) <= 1.0


def test_a_whole_panorama_misses_nothing_around() -> None:
    """It goes all the way round, and what is outside the circle is black."""
    picture = np.full((400, 400, 3), 200, dtype=np.uint8)
    fisheye = Fisheye("ceiling", fov_deg=180)
    view = dewarp(picture, fisheye, whole_panorama(fisheye), Size(720, 160))
    assert (view[4:] > 150).all()
    beyond = dewarp(picture, fisheye, Panorama(0, 360, 10, 40), Size(360, 40))
    assert (beyond == 0).all()


def test_a_frame_is_turned_as_its_picture_is() -> None:
    """Planes turned one by one are the picture turned whole, but for rounding; the moment stays."""
    fisheye = Fisheye("ceiling")
    picture = render([FLOOR], side=600, lens="equidistant", fov_deg=180, finer=2)
    frame = Frame(
        "ceiling", 1_000, av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
    )
    turned = dewarp_frame(frame, fisheye, Turn(43, -52, 1.2), Size(640, 360), camera="lane-1")
    assert (turned.camera, turned.captured_at, turned.width, turned.height) == ("lane-1", 1_000, 640, 360)
    whole = dewarp(picture, fisheye, Turn(43, -52, 1.2), Size(640, 360))
    apart = np.abs(turned.bgr().astype(int) - whole.astype(int))
    assert np.percentile(apart, 99) <= 8


def test_the_equidistant_lens_is_opencvs() -> None:
    """With an equidistant lens a point is where OpenCV's fisheye model without distortion has it."""
    fisheye = Fisheye("wall", fov_deg=180)
    points = np.random.default_rng(5).normal(size=(200, 3))
    points[:, 2] = np.abs(points[:, 2]) + 0.05
    focal = 500 / (np.pi / 2)
    matrix = np.array([[focal, 0, 499.5], [0, focal, 499.5], [0, 0, 1]])
    expected, _ = cv2.fisheye.projectPoints(
        points.reshape(-1, 1, 3), np.zeros(3), np.zeros(3), matrix, np.zeros(4)
    )
    assert np.abs(to_picture(fisheye, points, 1000, 1000) - expected.reshape(-1, 2)).max() < 1e-6
