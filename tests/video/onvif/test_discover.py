"""Finding cameras on the network: a real datagram on the loopback interface, and odd answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.base.errors import BadInput
from tenban.simulator.discovery import OnvifResponder, probe_match
from tenban.sites.reach import Reach
from tenban.video.onvif.discover import find_cameras, found_cameras, probe_message
from tenban.video.onvif.model import FoundCamera

OURS = ["urn:uuid:1"]
SHOP = Reach("camera")
SCOPES = "onvif://www.onvif.org/name/Front%20door onvif://www.onvif.org/hardware/M1 onvif://www.onvif.org/location/1F"


def found(*answers: bytes, sender: str = "192.168.1.20") -> list[FoundCamera]:
    return found_cameras([(one, sender) for one in answers], OURS, SHOP)


@pytest.fixture
def responder() -> Iterator[OnvifResponder]:
    one = OnvifResponder([("urn:uuid:a", SCOPES, "http://127.0.0.1:8899/onvif/device_service")])
    try:
        one.port = one.start()
    except OSError as error:
        pytest.skip(f"NOT CHECKED: this machine has no multicast on its loopback interface ({error})")
    yield one
    one.stop()


def test_a_camera_answers_a_call_to_all(responder: OnvifResponder) -> None:
    """A call on the loopback interface finds the camera there, once, although it was asked twice."""
    here = Reach("camera", ("127.0.0.0/8",))
    place = (responder.group, responder.port)
    cameras = asyncio.run(find_cameras(here, wait_s=0.6, interfaces=["lo"], place=place))
    if not responder.heard:
        pytest.skip("NOT CHECKED: datagrams to a multicast group do not arrive on this machine")
    assert cameras == [
        FoundCamera(
            "urn:uuid:a", ("http://127.0.0.1:8899/onvif/device_service",), (), "Front door", "M1", "1F"
        )
    ]


def test_an_interface_that_is_not_there_is_refused() -> None:
    """Whoever names an interface is told which there are."""
    with pytest.raises(BadInput, match=r"interface: expected one of .*lo"):
        asyncio.run(find_cameras(SHOP, wait_s=0.0, interfaces=["nowhere0"]))


def test_addresses_that_lead_elsewhere_are_told_and_not_given() -> None:
    """This machine, a cloud's metadata and what is no address of a camera are left out, with the reason."""
    addresses = (
        "http://10.9.9.9/onvif http://127.0.0.1/x http://169.254.169.254/latest file:///etc/passwd "
        "http://user:pass@10.0.0.1/ http://192.168.1.20/onvif"
    )
    (camera,) = found(probe_match("urn:uuid:1", "urn:uuid:b", SCOPES, addresses))
    assert camera.addresses == ("http://192.168.1.20/onvif", "http://10.9.9.9/onvif")
    assert len(camera.refused) == 4


def test_answers_to_others_and_of_others_are_left_out() -> None:
    """Another's question, a printer, the same camera twice, and no XML at all."""
    good = probe_match("urn:uuid:1", "urn:uuid:c", SCOPES, "http://192.168.1.20/")
    other = probe_match("urn:uuid:9", "urn:uuid:d", SCOPES, "http://192.168.1.21/")
    printer = probe_match("urn:uuid:1", "urn:uuid:e", "ldap:///printer", "http://192.168.1.22/").replace(
        b"NetworkVideoTransmitter", b"PrintDeviceType"
    )
    hostile = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + good.partition(b"?>")[2]
    assert [one.endpoint for one in found(good, good, other, printer, hostile, b"\x00", b"")] == [
        "urn:uuid:c"
    ]


def test_a_name_moves_no_terminal() -> None:
    """Control signs and turned direction in a camera's name are gone before anybody prints it."""
    scopes = "onvif://www.onvif.org/name/%1b%5b2Jred%E2%80%AEtxt"
    (camera,) = found(probe_match("urn:uuid:1", "urn:uuid:f", scopes, "http://192.168.1.20/"))
    assert camera.name == "[2Jred txt"


@given(st.binary(max_size=400), st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_nothing_a_stranger_sends_breaks_the_reading(
    noise: bytes, endpoint: str, scopes: str, addresses: str
) -> None:
    """Noise, and answers that hold anything, give cameras with permitted addresses or none."""
    clean = [
        "".join(sign for sign in text if sign.isprintable() or sign == " ")
        for text in (endpoint, f"onvif://www.onvif.org/name/{scopes}", f"http://{addresses}")
    ]
    for camera in found(noise, probe_match("urn:uuid:1", *clean)):
        for address in camera.addresses:
            assert address.startswith(("http://", "https://"))
        assert camera.name.isprintable()


@given(st.binary(max_size=300))
def test_cut_and_mixed_answers_are_no_trouble(noise: bytes) -> None:
    """An answer that is cut anywhere and continued with noise is read or left out."""
    whole = probe_message("urn:uuid:1", "urn:x", "Device") + probe_match(
        "urn:uuid:1", "a", SCOPES, "http://h/"
    )
    place = len(noise) * len(whole) // 301
    assert len(found(whole[:place] + noise, noise + whole[place:])) <= 1
