"""Why a camera is not recorded, told apart: what the recorder really says has a code, figures and words."""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.base.clock import SECOND, SystemClock
from tenban.base.fakes import FakeClock
from tenban.sites.reach import Reach
from tenban.video.camera_state import first_state
from tenban.video.footage import NotSealed
from tenban.video.reader import CameraLost, CameraRefused, read_camera
from tenban.video.reason_words import told_reason, words_of
from tenban.video.reasons import reason_of
from tenban.video.room import DiskGuard
from tenban.video.settings import CameraSettings

MIB = 2**20


def said_by(camera: CameraSettings) -> str:
    """What the recorder would write down when it reads a camera."""
    try:
        for _ in read_camera(camera, clock=SystemClock(), stop=threading.Event()):
            break
    except (CameraLost, CameraRefused) as error:
        return str(error)
    raise AssertionError("the camera was read")


def full_disk(folder: Path, *, held: bool) -> DiskGuard:
    return DiskGuard(
        folder, min_free_mib=512, clock=FakeClock(), free=lambda _: 300 * MIB, is_all_held=lambda: held
    )


def test_what_keeps_a_camera_from_opening_has_a_code() -> None:
    """A closed port, and an address that is not allowed: from the very errors, in both languages."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    url = f"rtsp://admin:geheim@127.0.0.1:{port}/stream1"
    refused = reason_of(said_by(CameraSettings("cam-1", url, reach=Reach("camera", ("127.0.0.1",)))))
    assert refused is not None
    assert (refused.code, refused.values) == ("refused", {})
    assert "RTSP" in words_of(refused)["ja"]
    not_allowed = reason_of(said_by(CameraSettings("cam-1", url, reach=Reach("camera"))))
    assert not_allowed is not None
    assert not_allowed.code == "not_allowed"
    assert "geheim" not in str(words_of(not_allowed))


def test_a_full_disk_says_whether_what_is_left_is_held(tmp_path: Path) -> None:
    """With its figures; a disk that breaks keeps its own words as a quotation."""
    told = {held: reason_of(full_disk(tmp_path, held=held).why_not()) for held in (True, False)}
    assert {held: one.code for held, one in told.items() if one} == {True: "only_held", False: "disk_full"}
    assert told[True] is not None
    assert told[True].values == {"free": "300", "needed": "768"}
    assert "300 MiB" in words_of(told[True])["ja"]
    guard = full_disk(tmp_path, held=False)
    guard.was_refused("Input/output error", wait_s=10)
    broken = reason_of(guard.why_not())
    assert broken is not None
    assert (broken.code, broken.said) == ("disk_broken", "Input/output error")
    assert "「Input/output error」" in words_of(broken)["ja"]


def test_a_clock_that_was_set_and_a_missing_key_have_codes() -> None:
    """As camera states say them."""
    for step_us, code in ((-90 * SECOND, "clock_back"), (90 * SECOND, "clock_ahead")):
        told = told_reason(first_state("cam-1", 0).stepped(1, step_us).why)
        assert told is not None
        assert (told["code"], told["values"]) == (code, {"s": "90.0"})
    unsealed = told_reason(str(NotSealed("footage is not sealed: expected a key, got none")))
    assert unsealed is not None
    assert unsealed["code"] == "unsealed"


@pytest.mark.parametrize(
    ("why", "code", "values"),
    [
        ("camera cam-1: rtsp://192.168.1.21/s was lost: it was silent for 5 s", "silent", {"s": "5"}),
        (
            "camera cam-1: rtsp://x/s cannot be opened: it wants another user name or password",
            "password",
            {},
        ),
        ("camera cam-1: rtsp://x/s cannot be opened: it knows no stream of this path", "path", {}),
        ("camera cam-1: rtsp://x/s ended its stream", "ended", {}),
        ("its stream ended", "ended", {}),
        ("camera cam-1: expected a video stream, got none", "no_video", {}),
        (
            "camera cam-1: expected H.264 (set the camera's video encoding to H.264), got H.265",
            "codec",
            {"codec": "H.265"},
        ),
        ("camera cam-1: rtsp://x/s cannot be opened: No route to host", "no_route", {}),
        ("no route to host", "no_route", {}),
        ("camera cam-1: rtsp://x/s was lost: Connection reset by peer", "cut_off", {}),
        ("camera cam-1: rtsp://x/s cannot be opened: Name or service not known", "no_name", {}),
        ("camera cam-1: rtsp://x/s was lost: Invalid data found", "broken", {}),
        ("there is no footage of this time", "none", {}),
        ("something nobody foresaw", "other", {}),
    ],
)
def test_sentences_that_stand_in_the_table_are_told_apart(
    why: str, code: str, values: dict[str, str]
) -> None:
    """Also those of earlier versions; each has words in Japanese without a word of English of ours."""
    told = told_reason(why)
    assert told is not None
    assert (told["code"], told["values"]) == (code, values)
    if told["said"] is None:
        assert not re.search(r"[a-z]{4}", told["words"]["ja"])


@given(st.text(max_size=200))
def test_whatever_stands_there_has_words(why: str) -> None:
    """Nothing that a device says breaks a page; where nothing stands, nothing is told."""
    told = told_reason(why)
    assert (told is None) == (not why)
    assert told is None or all(told["words"].values())
