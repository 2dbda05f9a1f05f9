"""Cameras are spoken to in RTSP: proved to, kept alive, and left to the demuxer where they are odd."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.base.clock import SystemClock
from tenban.base.errors import BadInput
from tenban.simulator.cameras import TestCamera
from tenban.simulator.rtsp import RtspServer
from tenban.video.packets import MediaPacket
from tenban.video.reader import CameraLost, CameraRefused, read_camera
from tenban.video.rtsp_words import authorization, parse_head, video_of, without_password
from tenban.video.settings import CameraSettings

SDP = """v=0
o=- 1 1 IN IP4 10.0.0.5
m=audio 0 RTP/AVP 0
a=control:track0
m=video 0 RTP/AVP 96
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAFtoCgL/lhAAAAwAEAAADAHo8WLqA,aM48gA==
a=control:track1
"""


def test_the_video_of_a_description_is_found_behind_the_audio() -> None:
    """Codec, address and parameter sets are those of the video."""
    media = video_of(SDP, "rtsp://cam/live/")
    assert media is not None
    assert (media.codec, media.control) == ("H264", "rtsp://cam/live/track1")
    assert media.parameters.startswith(b"\x00\x00\x00\x01\x67")
    assert media.parameters.endswith(b"\x00\x00\x00\x01\x68\xce\x3c\x80")
    assert video_of("v=0\nm=audio 0 RTP/AVP 0\n", "rtsp://cam/") is None


def test_digest_answers_as_the_standard_says() -> None:
    """The answer to a challenge with MD5 is the one a server computes."""
    challenge = 'Digest realm="cam", nonce="abc123"'
    header = authorization(["Basic realm=x", challenge], "admin", "pw", "DESCRIBE", "rtsp://cam/live")
    one = hashlib.md5(b"admin:cam:pw").hexdigest()  # noqa: S324  # the camera's choice
    two = hashlib.md5(b"DESCRIBE:rtsp://cam/live").hexdigest()  # noqa: S324
    answer = hashlib.md5(f"{one}:abc123:{two}".encode()).hexdigest()  # noqa: S324
    assert header is not None
    assert f'response="{answer}"' in header
    assert authorization(["Basic realm=x"], "a", "b", "PLAY", "rtsp://x") == "Basic YTpi"
    assert authorization(["Bearer"], "a", "b", "PLAY", "rtsp://x") is None


def test_a_password_never_stands_in_the_address_that_is_sent() -> None:
    """User and password leave the address, with their escapes undone."""
    assert without_password("rtsp://us%40er:p%3Aw@cam:554/x") == ("rtsp://cam:554/x", "us@er", "p:w")


@given(st.binary(max_size=200))
def test_any_answer_is_understood_or_refused(head: bytes) -> None:
    """Garbage is a BadInput and nothing else."""
    try:
        parse_head(head)
    except BadInput as error:
        assert "RTSP" in str(error)  # noqa: PT017  # both ends are allowed


@pytest.fixture
def odd_camera() -> Iterator[tuple[str, list[str]]]:
    """A camera that gives one answer to everything; the test says which, and sees what was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    answers: list[str] = []

    def serve() -> None:
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            with link, contextlib.suppress(OSError):
                while data := link.recv(4096):
                    sequence = data.decode().partition("CSeq: ")[2].partition("\r\n")[0]
                    link.sendall(answers[0].replace("CSEQ", sequence).encode())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"rtsp://127.0.0.1:{listener.getsockname()[1]}/live", answers
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_a_camera_of_another_coding_is_refused_by_its_description(odd_camera: tuple[str, list[str]]) -> None:
    """What the camera sends is known before a packet comes."""
    url, answers = odd_camera
    sdp = SDP.replace("H264", "JPEG").replace("\n", "\r\n")
    answers.append(f"RTSP/1.0 200 OK\r\nCSeq: CSEQ\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}")
    with pytest.raises(CameraRefused, match=r"H\.264 or H\.265.*got Motion JPEG"):
        next(read_camera(CameraSettings("cam", url), clock=SystemClock(), stop=threading.Event()))


def test_a_camera_that_refuses_says_with_what(odd_camera: tuple[str, list[str]]) -> None:
    """An error status is told as it came."""
    url, answers = odd_camera
    answers.append("RTSP/1.0 453 Not Enough Bandwidth\r\nCSeq: CSEQ\r\n\r\n")
    with pytest.raises(CameraLost, match="it answered 453 Not Enough Bandwidth"):
        next(read_camera(CameraSettings("cam", url), clock=SystemClock(), stop=threading.Event()))


def test_what_does_not_speak_rtsp_is_left_to_the_demuxer(odd_camera: tuple[str, list[str]]) -> None:
    """The demuxer has the last word on what answers strangely."""
    url, answers = odd_camera
    answers.append("HTTP/1.0 200 OK\r\n\r\n")
    with pytest.raises(CameraLost, match="cannot be opened"):
        next(
            read_camera(
                CameraSettings("cam", url, open_timeout_s=1), clock=SystemClock(), stop=threading.Event()
            )
        )


def test_a_camera_with_a_password_is_read() -> None:
    """With the right password pictures come, the first a keyframe."""
    server = RtspServer(credentials=("admin", "right"))
    port = server.start()
    with TestCamera(server, "cam", width=320, height=180):
        camera = CameraSettings("cam", f"rtsp://admin:right@127.0.0.1:{port}/cam")
        stream = read_camera(camera, clock=SystemClock(), stop=threading.Event())
        next(stream)
        first = next(stream)
        assert isinstance(first, MediaPacket)
        assert first.is_keyframe
    stream.close()  # type: ignore[attr-defined]  # it is a generator
    server.stop()
