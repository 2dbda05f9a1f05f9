"""What is said wrongly about a camera is refused with what would be right."""

from __future__ import annotations

import pytest

from tenban.base.errors import BadInput
from tenban.video.settings import CameraSettings


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("rtsp://10.0.0.5/stream", "rtsp"),
        ("http://10.0.0.5/video.ts", "network"),
        ("udp://239.0.0.1:5000", "network"),
        ("/dev/video0", "device"),
        ("films/lane.mp4", "file"),
        ("file:///films/lane.mp4", "file"),
    ],
)
def test_the_address_says_how_to_read(url: str, kind: str) -> None:
    """Each kind of address is recognised."""
    assert CameraSettings("cam", url).kind == kind


@pytest.mark.parametrize(
    ("camera", "url", "said"),
    [
        ("../cam", "rtsp://x/", "camera id"),
        ("", "rtsp://x/", "camera id"),
        ("cam", "", "expected an address, a device or a path, got nothing"),
        ("cam", "gopher://x/", "got gopher"),
    ],
)
def test_what_is_wrong_is_named(camera: str, url: str, said: str) -> None:
    """An id that could leave its folder, an empty and an unknown address are refused."""
    with pytest.raises(BadInput, match=said):
        CameraSettings(camera, url)


def test_a_password_is_not_shown() -> None:
    """The shown address keeps the user's name and hides the password."""
    camera = CameraSettings("cam", "rtsp://admin:secret@10.0.0.5:554/live")
    assert camera.shown_url == "rtsp://admin:***@10.0.0.5:554/live"
