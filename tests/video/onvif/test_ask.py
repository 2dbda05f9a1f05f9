"""Asking a camera, against a real HTTP server that answers as cameras do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tenban.base.clock import SystemClock
from tenban.simulator.onvif import OnvifCamera
from tenban.simulator.onvif_answers import OnvifStream
from tenban.sites.reach import Reach
from tenban.video.onvif.ask import ask_camera, at_its_own, service_address
from tenban.video.onvif.model import CameraReport, suggested

STREAMS = (
    OnvifStream("main", "lane-1", 1920, 1080, 15, 4096, 30),
    OnvifStream("sub", "lane-1-small", 640, 360, 10, 512, 20),
    OnvifStream("tall", "lane-1-tall", 480, 640, 10, 256, 20),
    OnvifStream("h265", "lane-1-h265", 2560, 1440, 15, 2048, 30, codec="H265"),
)
PASSWORD = "secret"
HERE = Reach("camera", ("127.0.0.0/8",))


@pytest.fixture
def make() -> Iterator[Callable[..., OnvifCamera]]:
    made: list[OnvifCamera] = []

    def one(*quirks: str, **more: Any) -> OnvifCamera:
        camera = OnvifCamera(STREAMS, rtsp_port=8554, quirks=frozenset(quirks), **more)
        camera.start()
        made.append(camera)
        return camera

    yield one
    for camera in made:
        camera.stop()


def asked(camera: OnvifCamera, user: str = "admin", password: str = PASSWORD, **more: Any) -> CameraReport:
    address = f"127.0.0.1:{camera.port}"
    more.setdefault("reach", HERE)
    return asyncio.run(ask_camera(address, user, password, clock=SystemClock(), **more))


@pytest.mark.parametrize(
    "quirks",
    [(), ("no_media2",), ("no_media2", "no_services"), ("http_digest",), ("time_needs_proof",), ("no_time",)],
)
def test_a_camera_tells_what_it_is_and_what_it_sends(
    make: Callable[..., OnvifCamera], quirks: tuple[str, ...]
) -> None:
    """New and old cameras, whichever way they want the password proven, give the same report."""
    report = asked(make(*quirks))
    assert (report.trouble, report.maker, report.model) == (None, "Tenban", "Simulated camera")
    assert (report.firmware, report.serial) == ("1.2.3", "S1")
    main, sub = suggested(report.profiles)
    assert main is not None
    assert sub is not None
    assert (main.codec, main.width, main.height, main.fps, main.kbit_s) == ("H.264", 1920, 1080, 15, 4096)
    assert (main.gop, main.keyframe_s, main.url) == (30, 2.0, "rtsp://127.0.0.1:8554/lane-1")
    assert (sub.token, sub.url) == ("sub", "rtsp://127.0.0.1:8554/lane-1-small")
    assert report.events == ("VideoSource/MotionAlarm", "RuleEngine/CellMotionDetector/Motion")
    assert report.profiles[3].codec == "H.265"
    assert [one["recordable"] for one in report.as_json()["profiles"]] == [True] * 4


@pytest.mark.parametrize("off_s", [0.0, -7200.0, 86_400.0])
def test_a_wrong_clock_is_told_and_does_not_keep_us_out(
    make: Callable[..., OnvifCamera], off_s: float
) -> None:
    """The proof is made with the camera's own time, so two hours or a day off still let us in."""
    report = asked(make(clock_off_s=off_s))
    assert report.trouble is None
    assert report.clock is not None
    assert abs(report.clock.offset_ms - off_s * 1000) <= report.clock.within_ms + 100
    assert report.clock.is_far is (off_s != 0.0)


def test_a_wrong_clock_that_is_not_told_is_named_as_what_may_be_wrong(
    make: Callable[..., OnvifCamera],
) -> None:
    """Where a camera refuses us and hides its time, its clock is suspected beside the password."""
    report = asked(make("time_needs_proof", clock_off_s=600.0))
    assert report.trouble == "clock"
    assert report.clock is None


def test_a_wrong_password_is_tried_once_only(make: Callable[..., OnvifCamera]) -> None:
    """Cameras lock a user out after a few wrong passwords, so the first refusal ends the asking."""
    camera = make()
    report = asked(camera, password="nein")
    assert (report.trouble, camera.refused) == ("password", 1)
    assert "nein" not in str(report)
    assert asked(make("http_basic")).detail.startswith("it wants the password itself")


def test_what_a_camera_leaves_out_is_left_open(make: Callable[..., OnvifCamera]) -> None:
    """Missing fields are None, a missing stream or service is noted, and the rest is there."""
    report = asked(make("bare", "no_media2", "no_events", "broken_stream"))
    assert report.trouble is None
    first = report.profiles[0]
    assert (first.name, first.fps, first.kbit_s, first.gop, first.url) == ("main", None, None, None, None)
    assert report.profiles[1].url == "rtsp://127.0.0.1:8554/lane-1-small"
    assert report.events == ()
    assert any(note.startswith("events") for note in report.notes)
    assert any(note.startswith("stream main") for note in report.notes)


def test_no_other_machine_is_asked_than_the_one_named(make: Callable[..., OnvifCamera]) -> None:
    """A camera that gives out another machine's addresses is asked itself, and it is told."""
    report = asked(make("elsewhere"))
    assert report.trouble is None
    assert {one.url for one in report.profiles} == {f"rtsp://127.0.0.1:8554/{one.stream}" for one in STREAMS}
    assert any("10.255.255.1" in note for note in report.notes)


@pytest.mark.parametrize(
    ("quirk", "trouble"), [("entities", "not_onvif"), ("endless", "not_onvif"), ("no_xml", "not_onvif")]
)
def test_answers_that_are_none_are_refused(
    make: Callable[..., OnvifCamera], quirk: str, trouble: str
) -> None:
    """Entities, an answer without end and a page for people are told as what they are."""
    assert asked(make(quirk)).trouble == trouble


def test_what_may_not_be_reached_is_not_asked(make: Callable[..., OnvifCamera]) -> None:
    """This machine itself is no camera unless the file says so, and nothing is sent to it."""
    camera = make()
    report = asked(camera, reach=Reach("camera"))
    assert (report.trouble, camera.asked) == ("not_allowed", [])
    assert "tenban.toml" in report.detail


def test_what_is_wrong_is_told_in_one_word(make: Callable[..., OnvifCamera]) -> None:
    """Nobody there, no such name, and no address."""
    camera = make()
    port = camera.port
    camera.stop()

    def trouble(address: str) -> str | None:
        return asyncio.run(ask_camera(address, "", "", clock=SystemClock(), reach=HERE, step_s=1)).trouble

    assert trouble(f"127.0.0.1:{port}") == "refused"
    assert trouble("camera.invalid") == "no_name"
    assert trouble("http://user:pass@10.0.0.1/") == "address"
    assert trouble("ftp://10.0.0.1/") == "address"


def test_a_device_service_is_found_from_what_people_know() -> None:
    """A bare host, one with a port, a whole address, and the address of a stream."""
    end = "/onvif/device_service"
    assert service_address("10.0.0.1", None) == f"http://10.0.0.1{end}"
    assert service_address("10.0.0.1:8899", None) == f"http://10.0.0.1:8899{end}"
    assert service_address("http://10.0.0.1:80/x", None) == "http://10.0.0.1:80/x"
    assert service_address("rtsp://u:p@10.0.0.1:554/stream", None) == f"http://10.0.0.1{end}"
    assert service_address("rtsp://[fd00::1]:554/stream", None) == f"http://[fd00::1]{end}"


def test_an_address_stays_at_the_machine_that_was_asked() -> None:
    """The web port is the one that was asked, streams keep theirs, and what is of the same host is kept."""
    asked_at = "http://192.168.1.9:8080/onvif/device_service"
    assert (
        at_its_own("http://10.0.0.5/onvif/media?x=1", asked_at) == "http://192.168.1.9:8080/onvif/media?x=1"
    )
    assert at_its_own("rtsp://10.0.0.5:554/one", asked_at) == "rtsp://192.168.1.9:554/one"
    assert at_its_own("http://192.168.1.9:99/x", asked_at) == "http://192.168.1.9:99/x"
