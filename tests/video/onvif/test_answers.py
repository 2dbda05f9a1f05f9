"""Reading what cameras answer: real events' topics, and anything at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tenban.base.errors import BadInput
from tenban.video.onvif import answers
from tenban.video.onvif.model import Profile, suggested
from tenban.video.onvif.soap import MOST_BYTES, parse, printable, proof

_NAMES = ["Profiles", "Configurations", "VideoEncoder", "VideoEncoderConfiguration", "Encoding", "Resolution"]
_NAMES += ["Width", "Height", "RateControl", "FrameRateLimit", "BitrateLimit", "H264", "GovLength", "Name"]
_NAMES += ["SystemDateAndTime", "UTCDateTime", "Date", "Time", "Year", "Service", "Namespace", "XAddr"]
_NAMES += ["MediaUri", "Uri", "TopicSet", "MessageDescription", "AudioEncoder"]
_TEXTS = st.one_of(
    st.sampled_from(
        ["H264", "1920", "-1", "1e9", "٣", "NaN", "99999999999", "rtsp://[", "rtsp://a:b@h/p", ""]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")),
)


def _element(name: str, text: str, token: str, inner: list[etree._Element]) -> etree._Element:
    element = etree.Element(f"{{urn:any}}{name}", token=token)
    element.text = text
    element.extend(inner)
    return element


_TREES = st.recursive(
    st.builds(_element, st.sampled_from(_NAMES), _TEXTS, _TEXTS, st.just([])),
    lambda inner: st.builds(_element, st.sampled_from(_NAMES), _TEXTS, _TEXTS, st.lists(inner, max_size=4)),
    max_leaves=20,
)


@given(_TREES)
def test_any_tree_is_read_or_refused_in_words(tree: etree._Element) -> None:
    """Whatever a camera answers, reading it gives bounded, printable values or says what was expected."""
    body = etree.Element("Body")
    body.append(tree)
    for root in (body, tree):
        for profile in answers.profiles(root):
            assert profile.token
            assert profile.width is None or 0 <= profile.width < 10**9
            assert profile.fps is None or profile.fps > 0
            assert profile.codec.isprintable()
        suggested(tuple(answers.profiles(root)))
        answers.services(root)
        answers.capabilities(root)
        answers.device_information(root)
        assert len(answers.topics(root)) <= answers.MOST_TOPICS
        for read in (answers.system_time, answers.stream_address):
            with contextlib.suppress(BadInput):
                read(root)


@given(st.binary(max_size=300))
def test_bytes_are_a_document_or_refused(data: bytes) -> None:
    """Nothing but BadInput comes out of bytes that are no document."""
    with contextlib.suppress(BadInput):
        assert parse(data).tag


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',
        b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
        b'<!DOCTYPE a SYSTEM "http://10.0.0.1/a.dtd"><a/>',
        b"<a>" + b" " * MOST_BYTES + b"</a>",
    ],
)
def test_a_document_brings_nothing_but_itself(document: bytes) -> None:
    """Entities, a document type elsewhere, and more than the bound are refused."""
    with pytest.raises(BadInput):
        parse(document)


def test_the_proof_is_the_standards_own() -> None:
    """The digest of the UsernameToken profile: SHA-1 of nonce, time and password."""
    made = proof("user", "userpassword", at=1_284_621_942_000_000, nonce=bytes.fromhex("2d8f9d5c0c0e5ba5"))
    # printf '\x2d\x8f\x9d\x5c\x0c\x0e\x5b\xa5%s%s' 2010-09-16T07:25:42.000Z userpassword | sha1sum
    assert "2010-09-16T07:25:42.000Z" in made
    assert "userpassword" not in made
    assert "LY+dXAwOW6U=" in made
    assert "K/R5ty2zjMnJdwVF5wv8uI6Jc4w=" in made


def test_the_smaller_stream_has_the_same_shape() -> None:
    """The smallest of the same shape is suggested; one of another shape would move every zone."""
    streams = tuple(
        Profile(name, name, "H.264", width, height, url=f"rtsp://h/{name}")
        for name, width, height in (("a", 1280, 720), ("b", 640, 480), ("c", 640, 360), ("d", 160, 90))
    )
    main, sub = suggested(streams)
    assert (main, sub) == (streams[0], streams[2])
    assert suggested(streams[:2]) == (streams[0], None)
    assert suggested(()) == (None, None)


def test_h264_is_suggested_before_h265_unless_it_is_small() -> None:
    """Every browser plays it; but a large picture is worth more than that, and the small one is decoded."""
    small, hd, large, tiny = (
        Profile(name, name, codec, width, width * 9 // 16, url=f"rtsp://h/{name}")
        for name, codec, width in (
            ("small", "H.264", 640),
            ("hd", "H.264", 1920),
            ("large", "H.265", 2560),
            ("tiny", "H.265", 320),
        )
    )
    assert suggested((small, hd, large)) == (hd, small)
    assert suggested((large, small, tiny)) == (large, small)
    assert suggested((large, tiny)) == (large, tiny)


def test_long_and_odd_text_fits_a_line() -> None:
    """Text of a camera is one line of bounded length."""
    assert printable("a\n\tb\x1b[0m" + "c" * 500) == ("a b [0m" + "c" * 500)[:200]


@pytest.mark.data
def test_real_events_are_read_by_the_same_parser() -> None:
    """Thirty-seven events of real cameras: each names its topic, its time and a state."""
    root = Path(os.environ.get("TENBAN_DATA", Path(__file__).parents[4] / "shared" / "data"))
    files = sorted((root / "pos" / "onvif" / "axis_events").glob("*.xml"))
    if not files:
        pytest.skip(f"NOT CHECKED: no real camera events below {root}")
    assert len(files) == 37
    for file in files:
        document = parse(file.read_bytes())
        found = document.xpath("//*[local-name()='Topic']")
        assert all("/" in (one.text or "") for one in found), file.name
