"""Where this server connects to: cameras in the shop's network, webhooks outside, itself never."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.sites.reach import NotReached, Reach

CAMERA, WEBHOOK = Reach("camera"), Reach("webhook")


def leading_to(*addresses: str) -> Any:
    def resolve(_host: str, port: int, **_more: Any) -> Sequence[tuple[Any, ...]]:
        family = socket.AF_INET6 if ":" in addresses[0] else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    return resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104  # nothing listens there
        "169.254.169.254",
        "169.254.7.7",
        "224.0.0.251",
        "255.255.255.255",
        "168.63.129.16",
        "100.100.100.200",
        "::1",
        "::",
        "fe80::1",
        "ff02::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
    ],
)
def test_nothing_is_reached_at_this_machine_or_in_a_special_network(address: str) -> None:
    """However it is written, and whatever name leads to it, be it by one of several addresses."""
    for reach in (CAMERA, WEBHOOK):
        with pytest.raises(NotReached, match=r"allow under \[network\] in tenban.toml"):
            reach.check_name(address)
        with pytest.raises(NotReached):
            reach.addresses("camera.example", 554, resolve=leading_to("192.168.1.20", address))


@pytest.mark.parametrize("address", ["192.168.1.20", "10.1.2.3", "172.20.0.9", "fd12:3456::7"])
def test_private_networks_are_the_cameras_and_not_the_webhooks(address: str) -> None:
    """A camera stands in the shop; a receiver of webhooks there has to be named."""
    assert CAMERA.addresses("cam.local", 554, resolve=leading_to(address)) == [address]
    with pytest.raises(NotReached, match="private network"):
        WEBHOOK.addresses("hook.local", 443, resolve=leading_to(address))
    for allowed in (address, f"{address}/{128 if ':' in address else 32}", "HOOK.local."):
        reach = Reach("webhook", (allowed,))
        assert reach.addresses("hook.local", 443, resolve=leading_to(address)) == [address]


@pytest.mark.parametrize("name", ["metadata.google.internal", "METADATA", "instance-data."])
def test_names_of_metadata_services_are_refused_unasked(name: str) -> None:
    """Nobody is asked what such a name leads to."""
    with pytest.raises(NotReached, match="metadata"):
        CAMERA.check_name(name)


@given(st.ip_addresses())
def test_what_a_webhook_reaches_a_camera_may_be_at_as_well(address: Any) -> None:
    """The rule for webhooks is the stricter one for every address there is."""
    try:
        WEBHOOK.check(address, "x")
    except NotReached:
        return
    CAMERA.check(address, "x")
