"""A camera's sound never costs a picture: refused, of another coding, stopping, starting late."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from sounding import encoder_or_skip
from tenban.base.clock import SystemClock
from tenban.simulator.cameras import TestCamera
from tenban.simulator.rtsp import RtspServer
from tenban.simulator.sound_rtp import SoundInfo
from tenban.video.health import StreamHealth
from tenban.video.packets import MediaPacket, SoundPacket, StreamInfo
from tenban.video.reader import read_camera
from tenban.video.settings import CameraSettings

PICTURES = 12


def read(url: str, *, sound: bool = True) -> tuple[StreamInfo, int, list[SoundPacket], StreamHealth]:
    """Read a camera until it has shown some pictures; return what came."""
    stop, health = threading.Event(), StreamHealth()
    info, pictures, heard = None, 0, []
    settings = CameraSettings("cam", url, sound=sound)
    for item in read_camera(settings, clock=SystemClock(), stop=stop, health=health):
        if isinstance(item, StreamInfo):
            info = item
        elif isinstance(item, SoundPacket):
            heard.append(item)
        else:
            assert isinstance(item, MediaPacket)
            pictures += 1
        if pictures >= PICTURES:
            stop.set()
    assert info is not None
    return info, pictures, heard, health


@pytest.fixture
def refusing() -> Iterator[tuple[RtspServer, str]]:
    """A camera that describes sound and does not give it."""
    server = RtspServer(gives_sound=False)
    port = server.start()
    yield server, f"rtsp://127.0.0.1:{port}"
    server.stop()


def test_sound_is_read_only_where_it_is_wanted(rtsp: tuple[RtspServer, str]) -> None:
    """The same camera read without the wish for sound is read as one that has none."""
    encoder_or_skip("libopus")
    server, url = rtsp
    with TestCamera(server, "cam", width=320, height=180, sound="opus"):
        info, _, heard, health = read(f"{url}/cam", sound=False)
        assert (info.sound, heard, health.sound) == (None, [], None)
        info, _, heard, health = read(f"{url}/cam")
        assert info.sound is not None
        assert health.sound is not None
        assert health.sound.as_text() == "opus 48000 1"
        assert heard


def test_a_camera_that_refuses_its_sound_is_recorded_without(refusing: tuple[RtspServer, str]) -> None:
    """Its answer stands in its state; pictures come."""
    encoder_or_skip("aac")
    server, url = refusing
    with TestCamera(server, "cam", width=320, height=180, sound="aac"):
        info, pictures, heard, health = read(f"{url}/cam")
    assert (info.sound, pictures, heard) == (None, PICTURES, [])
    assert health.sound is not None
    assert health.sound.as_text() == "! refused 461 Unsupported Transport"


def test_a_camera_with_other_sound_or_none_is_recorded_without(rtsp: tuple[RtspServer, str]) -> None:
    """What it sends is named; a camera without sound says so."""
    server, url = rtsp
    with TestCamera(server, "cam", width=320, height=180) as camera:
        info, pictures, heard, health = read(f"{url}/cam")
        assert (info.sound, pictures, heard) == (None, PICTURES, [])
        assert health.sound is not None
        assert health.sound.as_text() == "! none"
        server._streams["cam"].sound = SoundInfo("PCMU", 8_000)  # a camera of the wrong kind
        info, pictures, heard, health = read(f"{url}/cam")
        assert (info.sound, pictures, camera.sound_on) == (None, PICTURES, True)
        assert health.sound is not None
        assert health.sound.as_text() == "! codec G.711"


def test_sound_that_stops_leaves_the_pictures_alone(rtsp: tuple[RtspServer, str]) -> None:
    """A microphone that falls silent for good is no lost camera."""
    encoder_or_skip("aac")
    server, url = rtsp
    with TestCamera(server, "cam", width=320, height=180, sound="aac") as camera:
        camera.sound_on = False
        info, pictures, heard, _ = read(f"{url}/cam")
    assert info.sound is not None
    assert (pictures, heard) == (PICTURES, [])
