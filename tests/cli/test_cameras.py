"""``tenban cameras``: finding and asking, at a console."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from tenban.cli import app
from tenban.cli.cameras import PASSWORD_NAME
from tenban.simulator.discovery import OnvifResponder
from tenban.simulator.onvif import OnvifCamera
from tenban.simulator.onvif_answers import OnvifStream


@pytest.fixture(scope="module")
def camera() -> Iterator[OnvifCamera]:
    streams = [
        OnvifStream("main", "lane-1", 1920, 1080, 15, 4096, 30),
        OnvifStream("sub", "lane-1-small", 640, 360, 10, 512, 20),
    ]
    one = OnvifCamera(
        streams, rtsp_port=8554, clock_off_s=120.0, maker="東芝", quirks=frozenset({"elsewhere"})
    )
    one.start()
    yield one
    one.stop()


def test_a_camera_is_shown_with_its_streams_and_clock(
    camera: OnvifCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table for people, JSON for machines; the password comes from outside and appears nowhere."""
    asked = ["cameras", "show", f"127.0.0.1:{camera.port}", "--user", "admin"]
    monkeypatch.setenv(PASSWORD_NAME, "secret")
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert lines[0] == "東芝 Simulated camera (firmware 1.2.3, S1)"
    assert "ahead of ours" in lines[1]
    assert "set it right" in lines[1]
    assert "rtsp://127.0.0.1:8554/lane-1 " in told.stdout
    assert [line.split()[-1] for line in lines[3:5]] == ["record", "watch"]
    assert "10.255.255.1" in told.stderr
    monkeypatch.delenv(PASSWORD_NAME)
    machine = CliRunner().invoke(app, [*asked, "--json", "--password-stdin"], input="secret\n")
    report = json.loads(machine.stdout)
    assert (report["main"], report["sub"], report["clock"]["is_far"]) == ("main", "sub", True)
    assert "secret" not in told.output + machine.output


def test_what_is_wrong_is_told_and_ends_with_one(camera: OnvifCamera) -> None:
    """A wrong password at the prompt is not repeated on the screen."""
    told = CliRunner().invoke(
        app, ["cameras", "show", f"127.0.0.1:{camera.port}", "--user", "admin"], input="nein\n"
    )
    assert told.exit_code == 1
    assert "wants another user or password" in told.stderr
    assert "nein" not in told.output


def test_the_network_is_searched() -> None:
    """What answers is listed with its name, or in JSON; nobody there is told with what may be the reason."""
    scopes = "onvif://www.onvif.org/name/Ceiling onvif://www.onvif.org/hardware/M1"
    responder = OnvifResponder([("urn:uuid:a", scopes, "http://127.0.0.1:9/onvif")], port=3702)
    try:
        responder.start()
    except OSError as error:
        pytest.skip(f"NOT CHECKED: no multicast on the loopback interface here ({error})")
    try:
        asked = ["cameras", "find", "--interface", "lo", "--wait", "0.5"]
        found = CliRunner().invoke(app, [*asked, "--json"])
        if not responder.heard:
            pytest.skip("NOT CHECKED: datagrams to a multicast group do not arrive on this machine")
        [one] = json.loads(found.stdout)
        assert (one["name"], one["model"], one["known_as"]) == ("Ceiling", "M1", [])
    finally:
        responder.stop()
    nobody = CliRunner().invoke(app, asked)
    assert (nobody.exit_code, nobody.stdout) == (0, "")
    assert "ONVIF" in nobody.stderr
    wrong = CliRunner().invoke(app, ["cameras", "find", "--interface", "nowhere0"])
    assert "interface: expected one of" in str(wrong.exception)
